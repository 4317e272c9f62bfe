package api

import (
	"fmt"

	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// notFound is the answer for what is absent and for what was not shared; the
// two look the same.
func notFound(kind, id string, t *Caller) error {
	return &wire.Error{Status: 404, Code: "object_not_found", Message: fmt.Sprintf(
		"Could not find %s with ID: %s. Make sure the relevant pages and databases are shared with your integration %q.",
		kind, id, t.Name)}
}

func restricted() error {
	return &wire.Error{Status: 403, Code: "restricted_resource", Message: "Insufficient permissions for this endpoint."}
}

func archived(kind string) error {
	return wire.Invalid("Can't edit %s that is archived. You must unarchive the %s before editing.", kind, kind)
}
