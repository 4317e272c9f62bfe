// Package fake is a Nango API server for tests and trials: the part of it that a
// token broker needs, true to the wire. What happens at Nango or in a browser is
// made to happen by methods.
package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Connection is one of Nango's.
type Connection struct {
	ID          string // "" for a new one
	Integration string // "" means notion
	Tags        map[string]string
	Secret      string // the access token
	Refreshed   string // the access token after a forced refresh; "" for the same
	Expires     time.Time
	Invalid     int // status with which its refresh fails; 0 if it works
	created     time.Time
}

// Fault makes answers go wrong until Heal.
type Fault struct {
	Path       string        // that the request's path must contain; "" for all
	Status     int           // to answer with; 0 for the true answer
	Body       string        // to answer with
	RetryAfter string        // a header
	Delay      time.Duration // before the answer
	Echo       bool          // answer with what was sent, headers too
}

// Server is a Nango environment. It is an http.Handler. Its zero value is not
// usable; see New.
type Server struct {
	key string
	mux *http.ServeMux

	mu       sync.Mutex
	all      []*Connection
	sessions map[string]*Connection // token of a connect session -> what it makes
	grant    func(tags map[string]string) string
	withhold bool
	faults   []Fault
	requests []string
	serial   int
}

// New returns a Server with the integration notion. Callers must show the API
// key.
func New(apiKey string) *Server {
	s := &Server{key: apiKey, sessions: map[string]*Connection{}}
	s.grant = func(map[string]string) string { return fmt.Sprintf("ntn_fake_%d", s.serial) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /connections", s.list)
	mux.HandleFunc("GET /connections/{id}", s.get)
	mux.HandleFunc("DELETE /connections/{id}", s.remove)
	mux.HandleFunc("POST /connect/sessions", s.session)
	mux.HandleFunc("POST /connect/sessions/reconnect", s.reconnect)
	mux.HandleFunc("GET /visit/{session}", s.visit)
	s.mux = mux
	return s
}

// Connect stores a connection: it replaces the one with the same id, or the
// newest one with the same integration and tags.
func (s *Server) Connect(c Connection) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connect(c)
}

// SetInvalid makes refreshes of all connections with a tag fail with a status.
func (s *Server) SetInvalid(tag, value string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		if c.Tags[tag] == value {
			c.Invalid = status
		}
	}
}

// Grants says which token a provider grants when somebody visits a connect link.
// The function must not call the Server.
func (s *Server) Grants(f func(tags map[string]string) (secret string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grant = f
}

// Withhold makes the API key one without the scope to read credentials.
func (s *Server) Withhold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withhold = true
}

// Fail adds a fault.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Requests returns method, address and body of the requests so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) connect(c Connection) string {
	if c.Integration == "" {
		c.Integration = "notion"
	}
	for _, old := range slices.Backward(s.all) {
		if old.ID == c.ID || c.ID == "" && old.Integration == c.Integration && maps.Equal(old.Tags, c.Tags) {
			c.ID, c.created = old.ID, old.created
			*old = c
			return c.ID
		}
	}
	s.serial++
	if c.ID == "" {
		c.ID = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial)
	}
	c.created = time.Unix(1_700_000_000+int64(s.serial), 0)
	s.all = append(s.all, &c)
	return c.ID
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	f, ok := s.fault(r.URL.Path)
	s.mu.Unlock()
	if ok && f.spoil(w, r, body) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(r.URL.Path, "/visit/") && r.Header.Get("Authorization") != "Bearer "+s.key {
		fail(w, http.StatusUnauthorized, "unknown_user_account", nil)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) fault(path string) (Fault, bool) {
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return strings.Contains(path, f.Path) })
	if i < 0 {
		return Fault{}, false
	}
	return s.faults[i], true
}

// spoil reports whether the fault has answered in the Server's place.
func (f Fault) spoil(w http.ResponseWriter, r *http.Request, body []byte) bool {
	select {
	case <-time.After(f.Delay):
	case <-r.Context().Done():
	}
	if f.Status == 0 {
		return false
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Echo {
		said := r.URL.String() + " " + string(body) + " " + r.Header.Get("Authorization")
		send(w, f.Status, map[string]any{"error": map[string]string{"code": said, "message": said}})
		return true
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	io.WriteString(w, f.Body)
	return true
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, code string, payload any) {
	e := map[string]any{"code": code, "message": strings.ReplaceAll(code, "_", " ")}
	if payload != nil {
		e["payload"] = payload
	}
	send(w, status, map[string]any{"error": e})
}
