package emulator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/store"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// token is a Token in use: its caller as the API knows it, and the part of the
// minute that it has spent.
type token struct {
	caller  *api.Caller
	revoked bool
	window  window
}

// newToken puts a Token to use. A root that does not exist is no error: in
// Notion, too, a shared page can be deleted while the connection stays.
func (s *Server) newToken(t Token) *token {
	if t.Name == "" {
		t.Name = "Emulator"
	}
	c := &api.Caller{
		Bot: block.NewID("bot", t.Name, t.Secret), Name: t.Name,
		NoRead: t.NoRead, NoInsert: t.NoInsert, NoUpdate: t.NoUpdate,
		NoComment: t.NoComment, NoReadComments: t.NoReadComments, NoUsers: t.NoUsers,
	}
	if t.Owner != "" {
		c.Owner = workspace.PersonID(t.Owner)
	}
	if t.Roots == nil {
		return &token{caller: c}
	}
	c.Roots = map[string]bool{}
	for _, path := range t.Roots {
		id, err := s.store.Find(path)
		if err != nil {
			s.log.Warn("shared page does not exist", "path", path, "integration", t.Name)
			continue
		}
		c.Roots[id] = true
	}
	return &token{caller: c}
}

// token finds the caller behind an Authorization header, or says 401. Notion
// has the same words for a token that never existed, has expired or was
// revoked. The caller holds the lock.
func (s *Server) token(header string) (*token, error) {
	secret, ok := strings.CutPrefix(header, "Bearer ")
	t := s.tokens[secret]
	// A token that nobody configured gets a budget and a bot of its own when it
	// is first seen.
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

// Share gives a token a page, folder or database with all below it.
func (s *Server) Share(secret, path string) error {
	return s.changeRoots("share", secret, path, func(roots map[string]bool, id string) error {
		roots[id] = true
		return nil
	})
}

// Unshare takes a shared page, folder or database from a token, and all below
// it that is not shared otherwise. What was only shared by something above it
// cannot be taken alone, as in Notion: the error names what is to be unshared.
// From then on it is answered 404, never 403.
func (s *Server) Unshare(secret, path string) error {
	return s.changeRoots("unshare", secret, path, func(roots map[string]bool, id string) error {
		if roots[id] {
			delete(roots, id)
			return nil
		}
		for up := s.store.Above(id); up != ""; up = s.store.Above(up) {
			if roots[up] {
				return fmt.Errorf("it is shared because it hangs below %q; unshare that, or move it away first", s.store.PathOf(up))
			}
		}
		return errors.New("it is not shared with this token")
	})
}

// changeRoots changes what a token sees, and tells the subscription. A token that
// sees everything is first written down as one that shares each top-level page
// and database, so that one of them can be taken away; top-level pages that
// come later are not among them.
func (s *Server) changeRoots(verb, secret, path string, change func(roots map[string]bool, id string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.token("Bearer " + secret)
	if err != nil {
		return fmt.Errorf("%s %q: no such token", verb, path)
	}
	id, err := s.store.Find(path)
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	roots := t.caller.Roots
	if roots == nil {
		roots = s.store.TopLevel()
	}
	if err := change(roots, id); err != nil {
		return fmt.Errorf("%s %q: %w", verb, path, err)
	}
	t.caller.Roots = roots
	s.changed(store.Shared, id, "")
	return nil
}

// Revoke makes a token invalid: every request with it is answered 401, as after
// a user removes the connection. An unknown token changes nothing.
func (s *Server) Revoke(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, err := s.token("Bearer " + secret); err == nil {
		t.revoked = true
	}
}
