package notion

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
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

// unreadable makes the error of a success whose body is not what it should be.
func (k call) unreadable(resp *http.Response, data []byte, err error) *Error {
	e := &Error{Op: k.op, Status: resp.StatusCode, kinds: []error{ErrMalformed}}
	e.addIDs(resp, "")
	e.Message = describe(resp, data, err)
	e.again = !json.Valid(data)
	e.odd = slices.ContainsFunc([]error{errNoCursor, errSameCursor, errNoObject, errNoList}, func(kind error) bool { return errors.Is(err, kind) })
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
	if head.Object == "" || head.Object == "error" || head.Object != "list" && head.ID == "" {
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

// describe says what is wrong with an answer that cannot be read.
func describe(resp *http.Response, data []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	text := strings.TrimSpace(string(data))
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return "the answer is a redirect to " + echo.Quote(resp.Header.Get("Location"))
	case text == "":
		return "the answer is empty"
	case isHTML(resp, text):
		return "the answer is HTML, probably of a proxy: " + echo.Quote(text)
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end"):
		return fmt.Sprintf("the JSON is cut off after %d bytes: %s", len(data), echo.Quote(text))
	case errors.As(err, &syntax):
		return "the answer is not JSON: " + echo.Quote(text)
	case errors.As(err, &wrong):
		return fmt.Sprintf("%s is a JSON %s where something else is promised: %s", echo.Quote(wrong.Field), wrong.Value, echo.Quote(text))
	}
	return err.Error() + ": " + echo.Quote(text)
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
	api := err == nil && (body.Object == "error" || body.Code != "")
	e.kinds = kindsOf(resp.StatusCode, api)
	e.addIDs(resp, body.RequestID)
	if api {
		e.Code, e.Message, e.Reason = body.Code, body.Message, reason(body.Additional.Reason)
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

// reason is a string, or several, by the API's own types.
func reason(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, fmt.Sprint(one))
		}
		return strings.Join(all, ", ")
	}
	return ""
}

func (e *Error) addIDs(resp *http.Response, requestID string) {
	e.RequestID, e.Ray = requestID, resp.Header.Get("cf-ray")
	if e.RequestID == "" {
		e.RequestID = resp.Header.Get("x-notion-request-id")
	}
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
