package fake

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// Request is one that the Server got, for tests to look at.
type Request struct {
	Method, Path   string // the path with its query
	IdempotencyKey string
	Body           string
	Status         int // of the answer
}

// Fault is something that goes wrong on the way.
type Fault struct {
	Path       string        // that the request's path must contain; "" for all
	Times      int           // how often; 0 means for ever
	Status     int           // to answer with; 0 for the true answer
	Body       string        // to answer with; "" for an error of the usual shape
	RetryAfter string        // a header
	Delay      time.Duration // before the answer
	Echo       bool          // answer with what was sent, headers too
}

// Fail adds a fault. The first that fits a request is the one that counts.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Requests returns the requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// replay is the answer to a POST, kept for the next one with the same key.
type replay struct {
	status int
	body   []byte
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.answer(rec, r, body)
	s.mu.Lock()
	w.Header().Set("X-Request-ID", s.id("req"))
	s.requests = append(s.requests, Request{r.Method, r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), string(body), rec.status})
	s.mu.Unlock()
	w.WriteHeader(rec.status)
	w.Write(rec.body.Bytes())
}

// recorder holds an answer back, so that it can be looked at before it is sent.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func (s *Server) answer(w *recorder, r *http.Request, body []byte) {
	if f, ok := s.fault(r.URL.Path); ok && f.spoil(w, r, body) {
		return
	}
	if _, pattern := s.web.Handler(r); pattern != "" {
		s.web.ServeHTTP(w, r)
		return
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.key)) != 1 {
		fail(w, http.StatusUnauthorized, "", "Unauthorized")
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost || key == "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	key += "\x00" + r.URL.Path + "\x00" + string(body)
	s.mu.Lock()
	old, ok := s.replays[key]
	s.mu.Unlock()
	if ok {
		send(w, old.status, json.RawMessage(old.body))
		return
	}
	s.mux.ServeHTTP(w, r)
	if w.status < 300 {
		s.mu.Lock()
		s.replays[key] = replay{w.status, bytes.Clone(w.body.Bytes())}
		s.mu.Unlock()
	}
}

func (s *Server) fault(path string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !strings.Contains(path, f.Path) {
			continue
		}
		switch f.Times {
		case 0:
		case 1:
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		default:
			s.faults[i].Times--
		}
		return f, true
	}
	return Fault{}, false
}

// spoil reports whether the fault has answered in the Server's place.
func (f Fault) spoil(w *recorder, r *http.Request, body []byte) bool {
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
	switch {
	case f.Echo:
		said := r.URL.String() + " " + string(body) + " " + strings.Join(r.Header["Authorization"], " ")
		send(w, f.Status, map[string]any{"code": said, "error": said, "message": said, "error_description": said})
	case f.Body != "":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(f.Status)
		w.body.WriteString(f.Body)
	default:
		fail(w, f.Status, "", http.StatusText(f.Status))
	}
	return true
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// fail answers with an error of the shape that WorkOS uses.
func fail(w http.ResponseWriter, status int, code, message string) {
	e := map[string]string{"message": message}
	if code != "" {
		e["code"] = code
	}
	send(w, status, e)
}
