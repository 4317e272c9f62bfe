package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/mcp-notion/mcp-notion/tokens"
)

// Error is an answer with a status other than success. What the broker says in
// words is left out: it may repeat what it was asked with. RequestID lets the
// operator find the words in the broker's own log.
type Error struct {
	Status    int
	Code      string // the broker's word for it, such as auth_method_mismatch; may be empty
	RequestID string // may be empty
}

func (e *Error) Error() string {
	s := fmt.Sprintf("it answered %d", e.Status)
	if e.Code != "" {
		s += " " + e.Code
	}
	if e.RequestID != "" {
		s += " (request " + e.RequestID + ")"
	}
	return s
}

// Unwrap says that the broker is unavailable where it is busy or broken.
func (e *Error) Unwrap() error {
	if busy(e.Status) || e.Status > 500 {
		return tokens.ErrUnavailable
	}
	return nil
}

var (
	// A code has no digits and no capitals, which nearly every secret has.
	codePattern = regexp.MustCompile(`^[a-z][a-z_.-]{1,47}$`)
	idPattern   = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)
)

func newError(resp *http.Response, body []byte) *Error {
	e := &Error{Status: resp.StatusCode, Code: code(body)}
	if id := resp.Header.Get("X-Request-ID"); idPattern.MatchString(id) {
		e.RequestID = id
	}
	return e
}

// IsCode reports whether a word can be the Code of an Error.
func IsCode(s string) bool { return codePattern.MatchString(s) }

// code finds the code of an error in its usual places: {"code"}, {"error"} and
// {"error":{"code"}}. Anything that does not look like a code is dropped.
func code(body []byte) string {
	var b struct {
		Code  any
		Error any
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	inner, _ := b.Error.(map[string]any)
	for _, v := range []any{b.Code, b.Error, inner["code"]} {
		if s, _ := v.(string); IsCode(s) {
			return s
		}
	}
	return ""
}
