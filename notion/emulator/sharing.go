package emulator

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// token is a Token in use.
type token struct {
	Token
	bot     string          // id of its bot user
	roots   map[string]bool // ids of what was shared; nil is everything
	revoked bool
	window  window
}

func (s *Server) newToken(t Token) *token {
	if t.Name == "" {
		t.Name = "Emulator"
	}
	k := &token{Token: t, bot: block.NewID("bot", t.Name, t.Secret)}
	if t.Roots == nil {
		return k
	}
	k.roots = map[string]bool{}
	for _, path := range t.Roots {
		id, err := s.store.find(path)
		if err != nil {
			s.log.Warn("shared page does not exist", "path", path, "integration", t.Name)
			continue
		}
		k.roots[id] = true
	}
	return k
}

// find is the id of the page or database with a path or id.
func (st *store) find(path string) (string, error) {
	if p := st.w.FindPage(path); p != nil {
		return p.ID, nil
	}
	if d := st.w.FindDatabase(path); d != nil {
		return d.ID, nil
	}
	return "", fmt.Errorf("no page or database at %q", path)
}

// token finds the caller, or says 401.
func (s *Server) token(header string) (*token, error) {
	secret, ok := strings.CutPrefix(header, "Bearer ")
	t := s.tokens[secret]
	if t == nil && ok && len(s.cfg.Tokens) == 0 &&
		(strings.HasPrefix(secret, "ntn_") || strings.HasPrefix(secret, "secret_")) {
		t = s.newToken(Token{Secret: secret})
		s.tokens[secret] = t
	}
	if !ok || t == nil || t.revoked {
		return nil, &wire.Error{Status: 401, Code: "unauthorized", Message: "API token is invalid."}
	}
	return t, nil
}

// sees says whether a page or database was shared with a token, itself or by
// something above it.
func (st *store) sees(t *token, id string) bool {
	if st.pages[id] == nil && st.databases[id] == nil {
		return false
	}
	if t.roots == nil {
		return true
	}
	for ; id != ""; id = st.above(id) {
		if t.roots[id] {
			return true
		}
	}
	return false
}

// isRoot says whether an object was itself shared with a token.
func (st *store) isRoot(t *token, id string) bool {
	if t.roots == nil {
		return st.above(id) == ""
	}
	return t.roots[id]
}

// view is how the caller of a request sees the workspace.
func (s *Server) view(r *request) wire.View {
	return wire.View{
		Legacy: r.legacy,
		Now:    s.cfg.Now(),
		Title: func(id string) (string, bool) {
			if !s.store.sees(r.token, id) {
				return "", false
			}
			if p := s.store.pages[id]; p != nil {
				return p.Title, true
			}
			return s.store.databases[id].Title, true
		},
		Person: func(id string) (string, string, bool) {
			if r.token.NoUsers {
				return "", "", false
			}
			return s.store.person(id)
		},
	}
}

func (st *store) person(id string) (name, email string, ok bool) {
	for _, u := range st.w.Users {
		if u.ID == id {
			return u.Name, u.Email, true
		}
	}
	return "", "", false
}

// Share gives a token a page, folder or database with all below it.
func (s *Server) Share(secret, path string) error {
	return s.changeRoots(secret, path, func(t *token, id string) { t.roots[id] = true })
}

// Unshare takes a shared page, folder or database from a token. What was only
// shared by something above it cannot be taken alone.
func (s *Server) Unshare(secret, path string) error {
	return s.changeRoots(secret, path, func(t *token, id string) { delete(t.roots, id) })
}

func (s *Server) changeRoots(secret, path string, change func(*token, string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.token("Bearer " + secret)
	if err != nil {
		return fmt.Errorf("share %q: no such token", path)
	}
	id, err := s.store.find(path)
	if err != nil {
		return fmt.Errorf("share: %w", err)
	}
	if t.roots == nil {
		t.roots = s.store.topLevel()
	}
	change(t, id)
	return nil
}

// topLevel is everything that hangs directly below the workspace.
func (st *store) topLevel() map[string]bool {
	roots := map[string]bool{}
	for id := range st.pages {
		roots[id] = st.above(id) == ""
	}
	for id := range st.databases {
		roots[id] = st.above(id) == ""
	}
	return roots
}

// Revoke makes a token invalid: every request with it is answered 401.
func (s *Server) Revoke(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, err := s.token("Bearer " + secret); err == nil {
		t.revoked = true
	}
}

// window counts requests in fixed stretches of a minute, each of which starts
// with its first request.
type window struct {
	start time.Time
	used  int
}

// take counts one request; wait is how long until the window ends if the
// limit has been reached.
func (w *window) take(now time.Time, limit int) (wait time.Duration) {
	if limit <= 0 {
		return 0
	}
	if w.start.IsZero() || now.Sub(w.start) >= time.Minute {
		w.start, w.used = now, 0
	}
	if w.used >= limit {
		return w.start.Add(time.Minute).Sub(now)
	}
	w.used++
	return 0
}

// limit says 429 where a token or the workspace has used up its minute.
func (s *Server) limit(t *token) error {
	now := s.cfg.Now()
	wait, reason := t.window.take(now, s.cfg.PerMinute), "public_api_request_rate_limit"
	if wait == 0 {
		wait, reason = s.workspace.take(now, s.cfg.PerMinuteWorkspace), "public_api_space_request_rate_limit"
	}
	if wait == 0 {
		return nil
	}
	return &wire.Error{
		Status: 429, Code: "rate_limited", Reason: reason,
		Message:    "You have been rate limited. Please try again in a few minutes.",
		RetryAfter: int((wait + time.Second - 1) / time.Second),
	}
}
