package emulator

import (
	"io"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// Fault is something that goes wrong with the requests that it matches. Empty
// fields match everything and change nothing. With Status 0 and no HTML the
// request is answered as usual, after Delay.
//
//	Fault{Status: 529, RetryAfter: 2, Times: 3}                      three refusals, then all is well
//	Fault{Method: "POST", Route: "/v1/comments", CutBody: true}      the comment is made, and the caller does not learn it
//	Fault{Method: "POST", CutBefore: true, Skip: 2, Times: 1}        the third write is lost on its way
//	Fault{Method: "POST", CutAfter: true, Every: 4}                  one write in four is done, and nothing comes back
//	Fault{ID: page, Delay: time.Second}                              one slow page
type Fault struct {
	Method string `json:"method"`
	// Route is the pattern of an endpoint, such as /v1/blocks/{id}/children.
	Route string `json:"route"`
	// ID is the one in the path, with or without dashes.
	ID string `json:"id"`
	// Skip is how many matching requests go by before the fault meets the first
	// one.
	Skip int `json:"skip"`
	// Every is how many matching requests the fault counts to meet one, which is
	// the last of them; 0 and 1 meet each. It is a share without chance in it,
	// so a test that fails fails again.
	Every int `json:"every"`
	// Times is how many requests the fault meets; 0 is all until ClearFaults.
	Times int `json:"times"`

	// Status, Code and Message are what is answered. A Status alone gets the
	// code and the words that Notion has for it.
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// RetryAfter is in seconds. Notion's per-workspace limit can ask for more
	// than a minute, and 529 sends the header as well as 429.
	RetryAfter int `json:"retry_after"`
	// Reason is the rate_limit_reason in additional_data.
	Reason string `json:"reason"`
	// Delay comes on top of the server's latency. In JSON it is a number of
	// nanoseconds.
	Delay time.Duration `json:"delay"`
	// Hang never answers. The request ends when the caller goes away.
	Hang bool `json:"hang"`
	// CutBefore reads the request and closes the connection: nothing was done.
	// CutBody announces the whole answer, sends half of it and closes the
	// connection. CutAfter closes it when all has been done and nothing been
	// sent. To the caller the first and the last look the same. Clients in Go
	// send a GET again by themselves if that happens on a connection that they
	// used before, and the fault counts both.
	CutBefore bool `json:"cut_before"`
	CutBody   bool `json:"cut_body"`
	CutAfter  bool `json:"cut_after"`
	// HTML answers with the page of an edge proxy instead of JSON; with Status
	// 0 it is 403.
	HTML bool `json:"html"`
	// Body is answered as it is, in place of what the API or the proxy says.
	Body string `json:"body"`

	// passed is how many requests went by since Every last met one.
	passed int
}

// Inject makes requests fail from now on. Of several faults that match a
// request, the oldest counts, so a test can line up what happens one after the
// other.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := block.ParseID(f.ID); ok {
		f.ID = id
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all faults. Requests that hang already go on doing so.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault is the fault that a request meets. The caller holds the lock.
func (s *Server) takeFault(r *http.Request, rt api.Route) Fault {
	for i, f := range s.faults {
		if !f.matches(r, rt) || !f.due() {
			continue
		}
		if f.Times == 1 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		} else if f.Times > 1 {
			f.Times--
		}
		return *f
	}
	return Fault{}
}

// due counts a request that matches and says whether the fault meets it.
func (f *Fault) due() bool {
	if f.Skip > 0 {
		f.Skip--
		return false
	}
	f.passed++
	if f.passed < f.Every {
		return false
	}
	f.passed = 0
	return true
}

// matches compares ids without regard to dashes: callers may write them either
// way, and Notion takes both.
func (f *Fault) matches(r *http.Request, rt api.Route) bool {
	id := r.PathValue("id")
	if parsed, ok := block.ParseID(id); ok {
		id = parsed
	}
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Route == "" || f.Route == rt.Pattern) &&
		(f.ID == "" || f.ID == id)
}

// longestHang bounds a hang that cannot take its connection for itself, so
// that a server which waits for its requests when it closes does come to an
// end.
const longestHang = 10 * time.Minute

// hang never answers. It takes the connection away from net/http: a server
// that closes waits for the requests that it still has, and one with a request
// that hangs would wait for ever. It ends when the caller goes away.
func hang(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err == nil {
		defer conn.Close()
		_, _ = io.Copy(io.Discard, buffered) // the rest of the request, then nothing until the caller leaves
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // or net/http would not notice that the caller left
	wait(r.Context(), longestHang)
	panic(http.ErrAbortHandler) // a plain return would answer with status 200
}

// faultCode is what a fault says if it only has a status, in Notion's own codes
// and words.
func faultCode(status int) (code, message string) {
	switch status {
	case 400:
		return "validation_error", "body failed validation."
	case 401:
		return "unauthorized", "API token is invalid."
	case 403:
		return "restricted_resource", "Insufficient permissions for this endpoint."
	case 404:
		return "object_not_found", "Could not find the object."
	case 409:
		return "conflict_error", "Conflict occurred while saving. Please try again."
	case 429:
		return "rate_limited", "You have been rate limited. Please try again in a few minutes."
	case 502:
		return "bad_gateway", "Bad gateway."
	case 503:
		return "service_unavailable", "Notion is unavailable, please try again later."
	case 504:
		return "gateway_timeout", "Gateway timeout."
	case 529:
		return "service_overload", "Notion is overloaded. Please try again later."
	}
	return "internal_server_error", "Unexpected error occurred."
}

// err is what the fault answers, or nil if the request goes through.
func (f Fault) err() error {
	if f.HTML && f.Status == 0 {
		f.Status = http.StatusForbidden
	}
	if f.Status == 0 {
		return nil
	}
	code, message := faultCode(f.Status)
	if f.Code != "" {
		code = f.Code
	}
	if f.Message != "" {
		message = f.Message
	}
	return &wire.Error{Status: f.Status, Code: code, Message: message, RetryAfter: f.RetryAfter, Reason: f.Reason}
}
