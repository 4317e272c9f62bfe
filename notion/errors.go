package notion

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The categories of failure, for errors.Is. An error may be of several: a
// write that ends in a 502 is ErrServer and ErrUnclear.
var (
	ErrUnauthorized = errors.New("the token is not valid")                     // 401
	ErrRestricted   = errors.New("the integration lacks a capability")         // 403 from the API
	ErrBlocked      = errors.New("blocked before it reached Notion's API")     // 403 from an edge proxy
	ErrNotFound     = errors.New("does not exist or is not shared")            // 404
	ErrValidation   = errors.New("not a valid request")                        // 400
	ErrConflict     = errors.New("conflict with another change")               // 409
	ErrRateLimited  = errors.New("rate limited")                               // 429, or our own pacing
	ErrNoTurn       = errors.New("no request is left for it now")              // of a Spare client
	ErrOverloaded   = errors.New("notion is overloaded")                       // 529
	ErrServer       = errors.New("notion had a fault")                         // other 5xx
	ErrUnreachable  = errors.New("notion cannot be reached")                   // DNS, network, TLS, cut answers
	ErrMalformed    = errors.New("the answer is not what the API promises")    // HTML, cut JSON, wrong types, too long
	ErrUnclear      = errors.New("it is not known whether the write happened") // look before repeating it
)

// Error is a failed call. Use errors.Is with the sentinels above for its
// category and errors.As for the details.
type Error struct {
	Op         string        // what was being done: "read page 1a2b..."
	Status     int           // HTTP status; 0 if there was no answer
	Code       string        // Notion's code, such as object_not_found
	Message    string        // Notion's words, or ours where Notion gave none; never those of somebody on the way
	RequestID  string        // for Notion's support
	Ray        string        // cf-ray of an answer from the edge, for Notion's support
	RetryAfter time.Duration // 429 and 529: how long Notion asks to wait
	Reason     string        // 429: which limit was hit

	kinds []error // sentinels
	cause error   // network or JSON error, context error
	again bool    // a read may be tried again
	odd   bool    // a read may be tried again a few times: what came is not Notion's word, or makes no sense
	heavy bool    // a smaller request may do
}

// Error is one line, without secrets.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	for _, kind := range e.kinds {
		b.WriteString(": " + kind.Error())
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	if notes := e.notes(); notes != "" {
		b.WriteString(" (" + notes + ")")
	}
	return b.String()
}

func (e *Error) notes() string {
	var notes []string
	add := func(name, value string) {
		if value != "" {
			notes = append(notes, name+" "+value)
		}
	}
	if e.Status != 0 {
		add("status", fmt.Sprint(e.Status))
	}
	add("code", e.Code)
	add("reason", e.Reason)
	if e.RetryAfter > 0 {
		add("retry after", e.RetryAfter.Round(time.Second).String())
	}
	add("request", e.RequestID)
	add("cf-ray", e.Ray)
	return strings.Join(notes, ", ")
}

// Unwrap gives the categories and the cause.
func (e *Error) Unwrap() []error {
	all := e.kinds[:len(e.kinds):len(e.kinds)]
	if e.cause != nil {
		all = append(all, e.cause)
	}
	return all
}
