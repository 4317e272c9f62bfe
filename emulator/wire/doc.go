// Package wire writes the objects of the emulator as the JSON that Notion's API
// sends, and reads the JSON that its clients send. Errors of reading are worded
// as the API words them, since people and programs match on the words.
package wire

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Object is a JSON object. Plain maps and not structs, because Notion's objects
// have keys named by data: the type of a block, the name of a property.
type Object = map[string]any

// View says how a caller sees the workspace: which version it speaks, and which
// titles and names it may know.
type View struct {
	// Legacy is API version 2025-09-03: archived beside in_trash, and meeting
	// notes under their old name.
	Legacy bool
	// Now is when the answer is given. Signed addresses of files expire an hour
	// later.
	Now time.Time
	// Title returns the title of a page or database; ok is false if the caller
	// may not see it or it does not exist.
	Title func(id string) (title string, ok bool)
	// Person returns the name and email of a person.
	Person func(id string) (name, email string, ok bool)
	// Bot is the caller's own user.
	Bot Object
	// Table returns the data source of a table by the id of the table; nil if
	// there is none.
	Table func(id string) *workspace.Database
	// Rollup computes what a row shows in a rollup of its table.
	Rollup func(p *workspace.Page, c *column.Column) column.Rolled
}

// Error is an answer of the API that is no success. These can come from the
// emulator itself; all others take a fault.
//
//	400 missing_version, invalid_json, invalid_request, invalid_request_url
//	400 validation_error       anything else that is wrong with a request
//	401 unauthorized           unknown, expired and revoked tokens
//	403 restricted_resource    a capability is missing
//	404 object_not_found       absent, or not shared with the caller
//	429 rate_limited           with RetryAfter and Reason
type Error struct {
	Status int
	// Code is for programs, such as object_not_found; Message is for people and
	// may change.
	Code    string
	Message string
	// RetryAfter is in seconds; 0 sends no header.
	RetryAfter int
	// Reason is the rate_limit_reason that comes with 429.
	Reason string
}

// Error has status, code and message in one line.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Invalid is the error for a request that does not make sense. Notion has this
// one code for all of them, and tells the place in the message.
func Invalid(format string, args ...any) *Error {
	return &Error{Status: 400, Code: "validation_error", Message: fmt.Sprintf(format, args...)}
}

// Time writes a time as the API does, rounded down to the minute.
func Time(t time.Time) string { return column.Stamp(t) }

// PartialUser is a user of whom only the id is told, as in created_by.
func PartialUser(id string) Object { return Object{"object": "user", "id": id} }

// trash adds the flags that say whether an object is in the trash. Version
// 2026-03-11 dropped the old name from answers.
func (v View) trash(o Object, inTrash bool) {
	o["in_trash"] = inTrash
	if v.Legacy {
		o["archived"] = inTrash
	}
}

// nullable is null for an empty string: Notion sends keys without a value as
// null and does not leave them out.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// icon is an emoji, an address of a picture, or null.
func icon(s string) any {
	switch {
	case s == "":
		return nil
	case strings.HasPrefix(s, "http"):
		return Object{"type": "external", "external": Object{"url": s}}
	}
	return Object{"type": "emoji", "emoji": s}
}

// expiry is when the address of a file that is told now stops to work. Notion
// signs such addresses for an hour, so they must not be stored or shown.
func expiry(now time.Time) string {
	return now.Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
}
