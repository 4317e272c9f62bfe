// Package wire writes the objects of the emulator as the JSON that Notion's
// API sends, and reads the JSON that its clients send.
package wire

import (
	"fmt"
	"time"
)

// Object is a JSON object.
type Object = map[string]any

// View says how a caller sees the workspace.
type View struct {
	Legacy bool      // API version 2025-09-03, where some names differ
	Now    time.Time // when the answer is given
	// Title returns the title of a page or database; ok is false if the caller
	// may not see it or it does not exist.
	Title func(id string) (title string, ok bool)
	// Person returns the name and email of a person.
	Person func(id string) (name, email string, ok bool)
}

// Error is an answer of the API that is no success.
type Error struct {
	Status     int
	Code       string
	Message    string
	RetryAfter int    // seconds; 0 sends no header
	Reason     string // rate_limit_reason
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// Invalid is the error for a request that does not make sense.
func Invalid(format string, args ...any) *Error {
	return &Error{Status: 400, Code: "validation_error", Message: fmt.Sprintf(format, args...)}
}

// Time writes a time as the API does, rounded down to the minute.
func Time(t time.Time) string {
	return t.UTC().Truncate(time.Minute).Format("2006-01-02T15:04:05.000Z")
}

// PartialUser is a user of whom only the id is told.
func PartialUser(id string) Object { return Object{"object": "user", "id": id} }

// trash adds the flags that say whether an object is in the trash.
func (v View) trash(o Object, inTrash bool) {
	o["in_trash"] = inTrash
	if v.Legacy {
		o["archived"] = inTrash
	}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func icon(s string) any {
	if s == "" {
		return nil
	}
	return Object{"type": "emoji", "emoji": s}
}

// expiry is when the address of a file that is told now stops to work.
func expiry(now time.Time) string {
	return now.Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
}
