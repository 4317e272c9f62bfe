package emulator

import (
	"io"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// Fault is something that goes wrong with the requests that it matches. Empty
// fields match everything and change nothing.
type Fault struct {
	Method string `json:"method"`
	Route  string `json:"route"` // pattern, such as /v1/blocks/{id}/children
	ID     string `json:"id"`    // in the path
	Times  int    `json:"times"` // requests that it meets; 0 is all

	Status     int           `json:"status"`
	Code       string        `json:"code"`
	Message    string        `json:"message"`
	RetryAfter int           `json:"retry_after"` // seconds
	Reason     string        `json:"reason"`      // rate_limit_reason
	Delay      time.Duration `json:"delay"`       // nanoseconds in JSON
	Hang       bool          `json:"hang"`        // never answers
	CutBody    bool          `json:"cut_body"`    // closes the connection in the middle of the answer
	HTML       bool          `json:"html"`        // the page of a proxy instead of JSON; with Status 0 it is 403
}

// Inject makes requests fail. Of several faults that match, the oldest counts.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := block.ParseID(f.ID); ok {
		f.ID = id
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault is the fault that a request meets. The caller holds the lock.
func (s *Server) takeFault(r *http.Request, rt api.Route) Fault {
	for i, f := range s.faults {
		if !f.matches(r, rt) {
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

// faultCode is what a fault says if it only has a status.
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
