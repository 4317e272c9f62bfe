package notion

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
	"github.com/mcp-notion/mcp-notion/internal/pace"
)

const statusOverloaded = 529

var (
	errNoCode   = errors.New("JSON that is no error of the API")
	errNoObject = errors.New("JSON without the object and id that every answer has")
	errNoList   = errors.New("not a list")
)

// shapes are what can be wrong with JSON that is well formed, in our own words.
var shapes = []error{errNoCode, errNoObject, errNoList, errNoCursor, errSameCursor}

// What an error of the API is made of besides its message.
var (
	wordPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,79}$`)
	idPattern   = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,80}$`)
)

// unreadable makes the error of a success whose body is not what it should be.
func (k call) unreadable(resp *http.Response, data []byte, err error) *Error {
	e := &Error{Op: k.op, Status: resp.StatusCode, kinds: []error{ErrMalformed}}
	e.addIDs(resp, "")
	e.Message = describe(resp, data, err)
	e.again = !json.Valid(data)
	e.odd = slices.ContainsFunc(shapes, func(shape error) bool { return errors.Is(err, shape) })
	if k.write {
		e.kinds = append(e.kinds, ErrUnclear)
	}
	return e
}

// decode puts an answer where the call wants it.
func (k call) decode(data []byte) error {
	var head struct {
		Object string `json:"object"`
		ID     string `json:"id"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	if head.Object == "" || head.Object == "error" || head.Object != "list" && plainID(head.ID) == "" {
		return errNoObject
	}
	if k.out == nil {
		return nil
	}
	l, isList := k.out.(interface{ checkCursor(string) error })
	if isList && head.Object != "list" {
		return errNoList
	}
	if err := json.Unmarshal(data, k.out); err != nil {
		return err
	}
	if isList {
		return l.checkCursor(k.cursor)
	}
	return nil
}

// describe says what is wrong with an answer that cannot be read. It repeats
// nothing of it, for its writer is not known: a proxy's page is no word of
// Notion's, and half an answer may be somebody's text.
func describe(resp *http.Response, data []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	text := strings.TrimSpace(string(data))
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return "the answer is a redirect, as to a page where people sign in"
	case text == "":
		return "the answer is empty"
	case isHTML(resp, text):
		return fmt.Sprintf("the answer is HTML of %d bytes, probably of a proxy", len(data))
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end"):
		return fmt.Sprintf("the JSON is cut off after %d bytes", len(data))
	case errors.As(err, &syntax):
		return fmt.Sprintf("the answer is not JSON but %d bytes of something else", len(data))
	case errors.As(err, &wrong):
		kind, _, _ := strings.Cut(wrong.Value, " ") // without the number itself
		return fmt.Sprintf("%s is a JSON %s where something else is promised", echo.Quote(wrong.Field), kind)
	case slices.ContainsFunc(shapes, func(shape error) bool { return errors.Is(err, shape) }):
		return err.Error()
	}
	return "the JSON holds something that the API does not promise"
}

func isHTML(resp *http.Response, text string) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return kind == "text/html" || strings.HasPrefix(strings.ToLower(text), "<!doctype html") || strings.HasPrefix(strings.ToLower(text), "<html")
}

// refused makes the error of an answer with an error status.
func (k call) refused(resp *http.Response, data []byte) *Error {
	var body struct {
		Object     string `json:"object"`
		Code       string `json:"code"`
		Message    string `json:"message"`
		RequestID  string `json:"request_id"`
		Additional struct {
			Reason any `json:"rate_limit_reason"`
		} `json:"additional_data"`
	}
	e := &Error{Op: k.op, Status: resp.StatusCode, RetryAfter: pace.RetryAfter(resp.Header)}
	err := json.Unmarshal(data, &body)
	api := err == nil && body.Object == "error" && wordPattern.MatchString(body.Code)
	e.kinds = kindsOf(resp.StatusCode, api)
	e.addIDs(resp, body.RequestID)
	if api {
		e.Code, e.Message, e.Reason = body.Code, said(body.Message), reason(body.Additional.Reason)
	} else {
		e.kinds = append(e.kinds, ErrMalformed)
		e.Message = describe(resp, data, cmp.Or(err, errNoCode))
		e.odd = e.Status >= 400 && e.Status < 500 && e.Status != http.StatusUnauthorized
	}
	e.heavy = e.Status == http.StatusServiceUnavailable || e.Status == http.StatusGatewayTimeout
	if e.Status >= 500 && e.Status != statusOverloaded {
		e.again = true
		if k.write {
			e.kinds = append(e.kinds, ErrUnclear)
		}
	}
	return e
}

// kindsOf gives a status its category. What an edge proxy or a wrong address
// answers must not look like Notion's own word: a page that is not found there
// may well exist.
func kindsOf(status int, api bool) []error {
	switch {
	case status == http.StatusUnauthorized:
		return []error{ErrUnauthorized}
	case status == http.StatusTooManyRequests:
		return []error{ErrRateLimited}
	case status == statusOverloaded:
		return []error{ErrOverloaded}
	case status >= 500:
		return []error{ErrServer}
	case status == http.StatusForbidden && !api:
		return []error{ErrBlocked}
	case !api:
		return nil
	case status == http.StatusForbidden:
		return []error{ErrRestricted}
	case status == http.StatusNotFound:
		return []error{ErrNotFound}
	case status == http.StatusConflict:
		return []error{ErrConflict}
	}
	return []error{ErrValidation}
}

// mostSaid is how many characters of Notion's words are kept: what a request
// held comes back in them, whole.
const mostSaid = 240

// said is Notion's own words about a refusal, on one line; none where a page of
// HTML stands in their place.
func said(message string) string {
	if lower := strings.ToLower(message); strings.Contains(lower, "<!doctype") || strings.Contains(lower, "<html") {
		return ""
	}
	return echo.Line(message, mostSaid)
}

// reason is a word, or several, by the API's own types.
func reason(v any) string {
	all, ok := v.([]any)
	if !ok {
		all = []any{v}
	}
	var words []string
	for _, one := range all {
		if word, _ := one.(string); wordPattern.MatchString(word) && len(words) < 5 {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

func (e *Error) addIDs(resp *http.Response, requestID string) {
	e.RequestID = plainID(requestID)
	if e.RequestID == "" {
		e.RequestID = plainID(resp.Header.Get("x-notion-request-id"))
	}
	e.Ray = plainID(resp.Header.Get("cf-ray"))
}

// plainID is what can name a request or an object; "" for anything else.
func plainID(s string) string {
	if idPattern.MatchString(s) {
		return s
	}
	return ""
}

func tooLong(k call, resp *http.Response, most int64) *Error {
	e := &Error{Op: k.op, Status: resp.StatusCode, kinds: []error{ErrMalformed}}
	e.Message = fmt.Sprintf("the answer is longer than %d bytes", most)
	e.heavy = true
	e.addIDs(resp, "")
	if k.write {
		e.kinds = append(e.kinds, ErrUnclear)
	}
	return e
}

// malformed is an answer that was read, and then found wrong.
func malformed(op string, err error) *Error {
	return &Error{Op: op, kinds: []error{ErrMalformed}, cause: err}
}

// invalid is a request that is wrong before it is sent.
func invalid(op, message string) *Error {
	return &Error{Op: op, Message: message, kinds: []error{ErrValidation}}
}
