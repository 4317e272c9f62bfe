package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/tools"
)

// requestHeader names a request, to people and to the logs on its way.
const requestHeader = "X-Request-Id"

// inbound is what the log tells of an HTTP request: no content, and nothing
// that a caller could fill with any text but the id.
type inbound struct {
	id     string
	notion atomic.Int64  // requests to Notion that were made for it
	begun  chan struct{} // closed when a part of the answer has been written
	begin  sync.Once     // closes begun

	mu         sync.Mutex
	method     string // of MCP
	tool       string
	connection string // its opaque key
	outcome    string // of the tool
}

type requestKey struct{}

// requestOf is nil where no HTTP request is answered.
func requestOf(ctx context.Context) *inbound {
	r, _ := ctx.Value(requestKey{}).(*inbound)
	return r
}

var goodID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

func newRequest(r *http.Request) *inbound {
	id := r.Header.Get(requestHeader)
	if !goodID.MatchString(id) {
		id = rand.Text()
	}
	return &inbound{id: id, begun: make(chan struct{})}
}

// called notes what an MCP request calls, as far as it is a name of ours.
func (r *inbound) called(e envelope) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.method = "other"
	if slices.Contains(methods, e.Method) {
		r.method = e.Method
	}
}

// methods are those of MCP that clients send here.
var methods = []string{
	"initialize", "ping", "server/discover", "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read",
	"prompts/list", "prompts/get", "completion/complete", "logging/setLevel", "notifications/initialized", "notifications/cancelled",
}

// worked notes which tool ran for which connection, and how it ended.
func (r *inbound) worked(tool, connection, outcome string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tool, r.connection, r.outcome = toolName(tool), connection, outcome
}

// refused notes the limit by which a request was refused.
func (r *inbound) refused(limit string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcome = "refused_" + limit
}

// toolName is a name of ours, of a tool or of what the pages ask for; a caller's
// own words are none.
func toolName(tool string) string {
	ours := slices.Concat([]string{tools.Status, tools.Titles}, tools.Names(tools.Options{}), tools.Names(tools.Options{Toolsets: []tools.Toolset{tools.ChatGPT}}))
	if slices.Contains(ours, tool) {
		return tool
	}
	return "other"
}

// quotable is a sentence for people who ask whoever runs this server.
func (r *inbound) quotable() string {
	if r == nil {
		return ""
	}
	return " Whoever runs this server finds the cause under request id " + r.id + "."
}

// outcome is ok, or the category of a failure.
func outcome(a tools.Answer, err error) string {
	if err != nil || !a.IsError {
		return telemetry.Outcome(err)
	}
	var failed struct {
		Error tools.Failure `json:"error"`
	}
	_ = json.Unmarshal(a.Structured, &failed) // without it, there is no category
	return cmp.Or(failed.Error.Code, telemetry.Failed)
}

// observed gives every request an id, which the answer carries too, and logs
// each once, when it has been answered.
func (c HTTPConfig) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r, begin := newRequest(hr), time.Now()
		w.Header().Set(requestHeader, r.id)
		hr = hr.WithContext(context.WithValue(hr.Context(), requestKey{}, r))
		hr, end := c.Telemetry.Request(hr, r.id)
		answer := &answerWriter{ResponseWriter: w, to: r}
		defer func() {
			end(telemetry.Served{Route: route(hr), Method: httpMethod(hr), Status: cmp.Or(answer.status, http.StatusOK)})
			c.logger().LogAttrs(hr.Context(), level(hr, answer.status), "request", r.attrs(hr, answer, time.Since(begin))...)
		}()
		next.ServeHTTP(answer, hr)
	})
}

// level keeps what supervisors ask every second out of the usual log.
func level(hr *http.Request, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn
	case hr.URL.Path == "/healthz" || hr.URL.Path == "/readyz":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func (r *inbound) attrs(hr *http.Request, answer *answerWriter, took time.Duration) []slog.Attr {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []slog.Attr{
		slog.String("http_method", httpMethod(hr)), slog.String("route", route(hr)), slog.Int("status", cmp.Or(answer.status, http.StatusOK)),
		slog.Int64("took_ms", took.Milliseconds()),
	}
	for _, a := range []slog.Attr{slog.String("method", r.method), slog.String("tool", r.tool), slog.String("connection", r.connection), slog.String("outcome", r.outcome)} {
		if a.Value.String() != "" {
			all = append(all, a)
		}
	}
	if r.tool != "" {
		all = append(all, slog.Int64("notion_requests", r.notion.Load()))
	}
	return all
}

// route is the pattern that served a request: paths and queries hold links
// that are secrets.
func route(hr *http.Request) string {
	pattern := hr.Pattern
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	return cmp.Or(pattern, "none")
}

func httpMethod(hr *http.Request) string {
	switch hr.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return hr.Method
	}
	return "other"
}

// answerWriter remembers the status of an answer, and tells when it has begun.
type answerWriter struct {
	http.ResponseWriter
	to     *inbound
	status int
}

func (w *answerWriter) Write(part []byte) (int, error) {
	n, err := w.ResponseWriter.Write(part)
	w.to.begin.Do(func() { close(w.to.begun) })
	return n, err
}

func (w *answerWriter) WriteHeader(status int) {
	if w.status == 0 || w.status < http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Flush is asked for by whoever answers in parts.
func (w *answerWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets net/http find what else the writer can do.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WithRequestIDs makes a log name the HTTP request, in request_id, that its
// lines were written for.
func WithRequestIDs(h slog.Handler) slog.Handler { return requestIDs{h} }

type requestIDs struct{ slog.Handler }

func (h requestIDs) Handle(ctx context.Context, line slog.Record) error {
	if r := requestOf(ctx); r != nil {
		line = line.Clone()
		line.AddAttrs(slog.String("request_id", r.id))
		if id := telemetry.TraceID(ctx); id != "" {
			line.AddAttrs(slog.String("trace_id", id))
		}
	}
	return h.Handler.Handle(ctx, line)
}

func (h requestIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestIDs{h.Handler.WithAttrs(attrs)}
}

func (h requestIDs) WithGroup(name string) slog.Handler { return requestIDs{h.Handler.WithGroup(name)} }

// counted counts the requests to Notion for the HTTP request that they are made
// for.
type counted struct{ http.RoundTripper }

func (c counted) RoundTrip(req *http.Request) (*http.Response, error) {
	if r := requestOf(req.Context()); r != nil {
		r.notion.Add(1)
	}
	return c.RoundTripper.RoundTrip(req)
}
