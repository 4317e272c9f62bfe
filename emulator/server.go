package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// routes leads every endpoint to serve. The pattern "/" takes all that is no
// endpoint, because Notion answers an unknown path with an error of the API,
// and only to callers with a valid token.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range api.Routes() {
		mux.HandleFunc(rt.Name(), func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, rt) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, api.Route{Pattern: "/"}) })
	s.controls(mux)
	return mux
}

// serve answers one API request: it picks the fault that the request meets,
// waits as long as it has to, and asks the API if the fault has no answer of
// its own. Requests that a fault answers do not count against the limits.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt api.Route) {
	s.requests.Add(1)
	f, requestID := s.begin(r, rt)
	if f.Hang {
		hang(w, r)
		return
	}
	// The body is read before the wait: net/http notices that a caller went
	// away only when nothing of the request is left to read.
	body, bodyErr := api.ReadBody(r)
	if !wait(r.Context(), s.cfg.Latency+f.Delay) {
		return
	}
	if f.CutBefore {
		panic(http.ErrAbortHandler)
	}
	var result any
	err := f.err()
	if err == nil {
		result, err = s.answer(rt, api.Call{HTTP: r, Body: body, BodyErr: bodyErr})
	}
	if f.CutAfter {
		panic(http.ErrAbortHandler)
	}
	a := answer{status: 200, requestID: requestID, cut: f.CutBody, html: f.HTML, instead: f.Body}
	a.set(result, err)
	a.write(w)
	s.log.Debug("request", "method", r.Method, "route", rt.Pattern, "status", a.status, "request_id", requestID)
}

// begin counts a request, names it and picks the fault that it meets. That
// happens on arrival, so that a fault for one request meets the first of
// several that overlap.
func (s *Server) begin(r *http.Request, rt api.Route) (Fault, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	s.counts[rt.Name()]++
	return s.takeFault(r, rt), block.NewID("request", strconv.Itoa(s.serial))
}

// wait sleeps unless the caller goes away first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answer finds who makes a call, lets it in and hands it to the API. A caller
// without a valid token learns nothing, not even that the path is wrong, and a
// request that the API refuses still cost one of the minute's budget.
func (s *Server) answer(rt api.Route, c api.Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.token(c.HTTP.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	if err := s.limit(t); err != nil {
		return nil, err
	}
	if rt.Method == "" {
		return nil, &wire.Error{Status: 400, Code: "invalid_request_url", Message: "Invalid request URL."}
	}
	c.Caller = t.caller
	return s.api.Answer(rt, c)
}

// asError turns any error into one that the API can answer. What is not a
// *wire.Error was not meant for callers, so they get the words that Notion has
// for its own bugs.
func asError(err error) *wire.Error {
	var e *wire.Error
	if errors.As(err, &e) {
		return e
	}
	return &wire.Error{Status: 500, Code: "internal_server_error", Message: "Unexpected error occurred."}
}

// answer is what goes back to the caller.
type answer struct {
	status     int
	body       []byte
	requestID  string
	retryAfter int
	// What a fault does to the answer: end the connection in the middle of the
	// body, or replace it by the page of a proxy.
	cut, html bool
	instead   string // of the body
}

// set writes down what goes back. Notion puts request_id into the body of every
// object, results as well as errors, beside the header.
func (a *answer) set(result any, err error) {
	if err != nil {
		e := asError(err)
		a.status, a.retryAfter = e.Status, e.RetryAfter
		o := wire.Object{
			"object": "error", "status": e.Status, "code": e.Code, "message": e.Message, "request_id": a.requestID,
		}
		if e.Reason != "" {
			o["additional_data"] = wire.Object{"rate_limit_reason": e.Reason}
		}
		result = o
	} else if o, ok := result.(wire.Object); ok {
		o["request_id"] = a.requestID
	}
	a.body, _ = json.Marshal(result) // holds nothing that cannot be written
}

// write sends the answer. Notion stands behind an edge proxy that refuses some
// requests itself: with HTML, a cf-ray and no request id, which is how clients
// can tell such a refusal from one of the API.
func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("x-notion-request-id", a.requestID)
	if a.html {
		h.Set("Content-Type", "text/html; charset=UTF-8")
		h.Del("x-notion-request-id")
		h.Set("cf-ray", "8f0e1d2c3b4a5968-FRA")
		a.body = []byte("<!DOCTYPE html><html><head><title>Attention Required!</title></head><body><h1>Sorry, you have been blocked</h1></body></html>\n")
	}
	if a.instead != "" {
		a.body = []byte(a.instead)
	}
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(a.retryAfter))
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // else nothing at all would arrive
		panic(http.ErrAbortHandler)               // ends the connection in the middle of the body
	}
	_, _ = w.Write(a.body) // the caller may be gone
}
