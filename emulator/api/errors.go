package api

import (
	"fmt"

	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// notFound is the answer for what is absent and for what was not shared. Notion
// keeps the two alike, to the letter, so that an id can be probed by nobody;
// callers cannot tell "deleted" from "unshared".
func notFound(kind, id string, t *Caller) error {
	return &wire.Error{Status: 404, Code: "object_not_found", Message: fmt.Sprintf(
		"Could not find %s with ID: %s. Make sure the relevant pages and databases are shared with your integration %q.",
		kind, id, t.Name)}
}

// restricted is the answer where a token lacks a capability. It does not say
// which one.
func restricted() error {
	return &wire.Error{Status: 403, Code: "restricted_resource", Message: "Insufficient permissions for this endpoint."}
}

// archived is the answer for a change to something in the trash. Reading it is
// allowed, and Notion still uses the old word for the trash here.
func archived(kind string) error {
	return wire.Invalid("Can't edit %s that is archived. You must unarchive the %s before editing.", kind, kind)
}
