// Package fake is a WorkOS API server for tests and trials: the part of it that
// Pipes, its widget and sign-in with AuthKit need, true to the wire, with the
// pages that people see. What else happens at WorkOS is made to happen by
// methods.
package fake

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// States of an Account.
const (
	Connected            = "connected"
	NeedsReauthorization = "needs_reauthorization"
)

// Account is a connected account: one authorization at a provider.
type Account struct {
	Slug         string // of the provider; "" means notion
	User         string // empty if the organization owns it
	Organization string // may be empty
	Secret       string // the access token
	Label        string // what people call it
	State        string // "" means Connected
	AuthMethod   string // "" means oauth
	Expires      time.Time
}

// Server is a WorkOS environment. It is an http.Handler. Its zero value is not
// usable; see New.
type Server struct {
	key string
	mux *http.ServeMux // what the API key opens
	web *http.ServeMux // what browsers open

	mu        sync.Mutex
	slugs     map[string]bool
	users     map[string][]string // user -> organizations of which they are an active member
	accounts  []*account
	authorize map[string]authorization // by its opaque name, while it is under way
	widgets   map[string]widget        // by widget token
	origins   []string                 // of pages that may show widgets
	clients   map[string][]string      // application -> where it may send people back to
	codes     map[string]signIn
	sessions  map[string]signIn // by refresh token
	signer    signer
	endpoints []endpoint
	replays   map[string]replay // by Idempotency-Key, path and body
	faults    []Fault
	unknown   string
	grant     func(Account) string
	requests  []Request
	serial    int
}

type account struct {
	Account
	id               string
	compatibility    bool // the one that callers get who know of one connection only
	created, updated time.Time
}

// New returns a Server whose one provider is notion. Callers must show the API
// key.
func New(apiKey string) *Server {
	s := &Server{
		key:       apiKey,
		slugs:     map[string]bool{"notion": true},
		users:     map[string][]string{},
		authorize: map[string]authorization{},
		widgets:   map[string]widget{},
		clients:   map[string][]string{},
		codes:     map[string]signIn{},
		sessions:  map[string]signIn{},
		replays:   map[string]replay{},
	}
	s.grant = func(Account) string { return fmt.Sprintf("ntn_fake_%d", s.serial) }
	s.mux, s.web = s.routes(), s.webRoutes()
	return s
}

// AddProvider makes one more provider known.
func (s *Server) AddProvider(slug string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slugs[slug] = true
}

// AddUser makes a user known, as an active member of organizations.
func (s *Server) AddUser(user string, organizations ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[user] = append(s.users[user], organizations...)
}

// RemoveMember ends a membership.
func (s *Server) RemoveMember(user, organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[user] = slices.DeleteFunc(s.users[user], func(o string) bool { return o == organization })
}

// Grants says which token a provider grants when somebody visits an authorize
// link. The function must not call the Server.
func (s *Server) Grants(f func(Account) (secret string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grant = f
}

// Connect makes a connected account, or gives a new token to the one that the
// same owner has, and returns its id.
func (s *Server) Connect(a Account) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connect(a, false).id
}

// ConnectAnother makes one more connected account of the same owner.
func (s *Server) ConnectAnother(a Account) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connect(a, true).id
}

// SetState changes the state of all accounts of a user, or of an organization if
// user is empty.
func (s *Server) SetState(user, organization, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if a.User == user && a.Organization == organization {
			a.State, a.updated = state, now()
			if state == NeedsReauthorization {
				s.tell(eventReauthorize, a, state)
			}
		}
	}
}

// AnswerInactive makes the token endpoint answer active:false with an error of
// that name, whatever the account; "" ends it.
func (s *Server) AnswerInactive(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unknown = name
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// connect is called with the lock held, as are all below.
func (s *Server) connect(a Account, another bool) *account {
	if a.Slug == "" {
		a.Slug = "notion"
	}
	if a.State == "" {
		a.State = Connected
	}
	if a.AuthMethod == "" {
		a.AuthMethod = "oauth"
	}
	old := s.find(a.Slug, a.User, a.Organization, "")
	if old != nil && !another {
		old.Account, old.updated = a, now()
		s.tell(eventConnected, old, a.State)
		return old
	}
	x := &account{Account: a, id: s.id("data_installation"), compatibility: old == nil, created: now(), updated: now()}
	s.accounts = append(s.accounts, x)
	s.tell(eventConnected, x, a.State)
	return x
}

// find returns the account of an owner: the one of that id, or without an id the
// one for compatibility.
func (s *Server) find(slug, user, organization, id string) *account {
	for _, a := range s.owned(slug, user, organization) {
		if a.id == id || id == "" && a.compatibility {
			return a
		}
	}
	return nil
}

func (s *Server) owned(slug, user, organization string) []*account {
	var all []*account
	for _, a := range s.accounts {
		if a.Slug == slug && a.User == user && a.Organization == organization {
			all = append(all, a)
		}
	}
	return all
}

// id makes a name of the form that WorkOS uses: a prefix and 26 characters.
func (s *Server) id(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s_01FAKE%020d", prefix, s.serial)
}
