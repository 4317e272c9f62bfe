package emulator

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// capability is what a token must be allowed to use a route.
type capability int

const (
	nothing capability = iota
	readContent
	insertContent
	updateContent
	insertComments
	readComments
	readUsers
)

// route is one endpoint. noun is what its id names.
type route struct {
	method, pattern, noun string
	needs                 capability
	handle                func(*Server, *request) (any, error)
}

func (rt route) name() string { return rt.method + " " + rt.pattern }

func apiRoutes() []route {
	return []route{
		{"POST", "/v1/search", "", readContent, (*Server).search},
		{"GET", "/v1/pages/{id}", "page", readContent, (*Server).getPage},
		{"POST", "/v1/pages", "page", insertContent, (*Server).createPage},
		{"PATCH", "/v1/pages/{id}", "page", updateContent, (*Server).updatePage},
		{"POST", "/v1/pages/{id}/move", "page", updateContent, (*Server).movePage},
		{"GET", "/v1/pages/{id}/properties/{property}", "page", readContent, (*Server).getProperty},
		{"GET", "/v1/pages/{id}/markdown", "page", readContent, (*Server).getMarkdown},
		{"PATCH", "/v1/pages/{id}/markdown", "page", updateContent, (*Server).updateMarkdown},
		{"GET", "/v1/blocks/{id}", "block", readContent, (*Server).getBlock},
		{"GET", "/v1/blocks/{id}/children", "block", readContent, (*Server).getChildren},
		{"PATCH", "/v1/blocks/{id}/children", "block", insertContent, (*Server).appendChildren},
		{"PATCH", "/v1/blocks/{id}", "block", updateContent, (*Server).updateBlock},
		{"DELETE", "/v1/blocks/{id}", "block", updateContent, (*Server).deleteBlock},
		{"GET", "/v1/databases/{id}", "database", readContent, (*Server).getDatabase},
		{"GET", "/v1/data_sources/{id}", "data_source", readContent, (*Server).getDataSource},
		{"POST", "/v1/data_sources/{id}/query", "data_source", readContent, (*Server).queryDataSource},
		{"GET", "/v1/data_sources/{id}/templates", "data_source", readContent, (*Server).getTemplates},
		{"GET", "/v1/comments", "", readComments, (*Server).listComments},
		{"POST", "/v1/comments", "", insertComments, (*Server).createComment},
		{"GET", "/v1/comments/{id}", "comment", readComments, (*Server).getComment},
		{"GET", "/v1/users", "", readUsers, (*Server).listUsers},
		{"GET", "/v1/users/me", "", nothing, (*Server).me},
		{"GET", "/v1/users/{id}", "user", readUsers, (*Server).getUser},
	}
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range apiRoutes() {
		mux.HandleFunc(rt.name(), func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, rt) })
	}
	unknown := route{pattern: "/", handle: func(*Server, *request) (any, error) {
		return nil, &wire.Error{Status: 400, Code: "invalid_request_url", Message: "Invalid request URL."}
	}}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, unknown) })
	s.controls(mux)
	return mux
}

// serve answers one API request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt route) {
	s.requests.Add(1)
	f, requestID := s.begin(r, rt)
	if !wait(r.Context(), s.cfg.Latency+f.Delay) {
		return
	}
	if f.Hang {
		<-r.Context().Done()
		return
	}
	var result any
	err := f.err()
	if err == nil {
		result, err = s.answer(r, rt)
	}
	a := answer{status: 200, requestID: requestID, cut: f.CutBody, html: f.HTML}
	a.set(result, err)
	a.write(w)
	s.log.Debug("request", "method", r.Method, "route", rt.pattern, "status", a.status, "request_id", requestID)
}

// begin counts a request, names it and picks the fault that it meets.
func (s *Server) begin(r *http.Request, rt route) (Fault, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	s.counts[rt.name()]++
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

// answer checks a request and hands it to its route.
func (s *Server) answer(r *http.Request, rt route) (any, error) {
	body, bodyErr := readBody(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.token(r.Header.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	if err := s.limit(t); err != nil {
		return nil, err
	}
	if rt.method == "" {
		return rt.handle(s, nil)
	}
	legacy, err := version(r.Header.Get("Notion-Version"))
	if err != nil {
		return nil, err
	}
	if bodyErr != nil {
		return nil, bodyErr
	}
	path, err := pathIDs(r, rt)
	if err != nil {
		return nil, err
	}
	if !t.may(rt.needs) {
		return nil, restricted()
	}
	return rt.handle(s, &request{id: path["id"], path: path, query: r.URL.Query(), body: body, token: t, legacy: legacy})
}

// may says whether a token has a capability.
func (t *token) may(c capability) bool {
	switch c {
	case readContent:
		return !t.NoRead
	case insertContent:
		return !t.NoInsert
	case updateContent:
		return !t.NoUpdate
	case insertComments:
		return !t.NoComment
	case readComments:
		return !t.NoReadComments
	case readUsers:
		return !t.NoUsers
	}
	return true
}

// answer is what goes back to the caller.
type answer struct {
	status     int
	body       []byte
	requestID  string
	retryAfter int
	cut, html  bool
}

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
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(a.retryAfter))
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.cut {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush() // else nothing at all would arrive
		panic(http.ErrAbortHandler) // ends the connection in the middle of the body
	}
	_, _ = w.Write(a.body) // the caller may be gone
}
