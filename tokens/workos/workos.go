// Package workos is the token broker of WorkOS Pipes: users connect Notion with
// WorkOS, which keeps and refreshes their tokens, and this program asks for the
// one that it needs. Nobody's token is asked for under a name that does not come
// from the Connection.
package workos

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/internal/wire"
)

const (
	defaultBase = "https://api.workos.com"
	defaultSlug = "notion"
	accountID   = "data_installation_" // what the ids of connected accounts begin with
)

// Config has what can be set of a Broker. APIKey and Issuer must be.
type Config struct {
	APIKey  tokens.Token // of the environment, sk_...; it opens everyone's account
	Issuer  string       // the identity provider whose users are WorkOS users of the same names
	BaseURL string       // "" means https://api.workos.com

	// Connections says what stands behind a handle. Nil means that my-notion is
	// the user's own account at the provider "notion".
	Connections map[tokens.Handle]Target
	// Multiple lets a user have several accounts behind one handle, where WorkOS
	// has enabled that. The further ones have handles of their own, which
	// Connections lists: the handle, a hyphen and the end of the account's id.
	Multiple bool

	ReturnTo  string       // where users are sent when they have connected; "" means nowhere
	PlainHTTP bool         // allow a BaseURL without encryption that is not on this machine
	HTTP      *http.Client // nil for one of the default settings
	Attempts  int          // how often one request is sent at most; 0 means 3
}

// Target is what stands behind a handle.
type Target struct {
	Slug    string // of the provider at WorkOS; "" means notion
	Account string // the one connected account, data_installation_...; "" means whichever the owner has
	Shared  bool   // the organization's account, which its members share, and not each user's own
}

// Broker asks WorkOS for tokens.
type Broker struct {
	cfg  Config
	base string
	wire wire.Client
}

var (
	_ tokens.Broker       = (*Broker)(nil)
	_ tokens.Disconnecter = (*Broker)(nil)
	_ tokens.Lister       = (*Broker)(nil)
)

// New returns a Broker, or what is wrong with the Config. It asks nothing yet.
func New(cfg Config) (*Broker, error) {
	if cfg.APIKey.Reveal() == "" {
		return nil, errors.New("WorkOS needs an API key")
	}
	if cfg.Issuer == "" {
		return nil, errors.New("WorkOS needs the issuer whose users it knows")
	}
	base, err := wire.Base(cmp.Or(cfg.BaseURL, defaultBase), cfg.PlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("configure WorkOS: %w", err)
	}
	if cfg.Connections == nil {
		cfg.Connections = map[tokens.Handle]Target{tokens.DefaultHandle: {}}
	}
	return &Broker{cfg: cfg, base: base, wire: wire.Client{Name: "WorkOS", HTTP: cfg.HTTP, Attempts: cfg.Attempts}}, nil
}

// Token asks for the connection's access token. For a shared connection it asks
// on behalf of the caller (tokens.WithCaller), who must be a member of the
// organization.
func (b *Broker) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	q, t, err := b.question(ctx, c)
	if err != nil {
		return tokens.Token{}, fmt.Errorf("get a token: %w", err)
	}
	a, err := b.post(ctx, t, "token", q)
	if err != nil {
		return tokens.Token{}, cmp.Or(b.unknown(ctx, c, err), fmt.Errorf("get a token: %w", explain(err)))
	}
	token, err := readToken(a)
	return token, cmp.Or(b.unknown(ctx, c, err), err)
}

// unknown is the error for a further account that is none of the owner's, if
// they have others; nil where err says something else. They connect by the
// handles that are configured.
func (b *Broker) unknown(ctx context.Context, c tokens.Connection, err error) error {
	var answered *wire.Error
	absent := errors.Is(err, tokens.ErrNotConnected) || errors.As(err, &answered) && answered.Status == http.StatusNotFound
	if _, configured := b.cfg.Connections[c.Handle]; configured || !absent {
		return nil
	}
	all, err := b.Connections(ctx, c.Subject)
	if err != nil || len(all) == 0 {
		return nil
	}
	e := &tokens.UnknownError{Handle: c.Handle}
	for _, l := range all {
		if l.Connection.Handle == c.Handle {
			return nil
		}
		e.Have = append(e.Have, l.Connection.Handle)
	}
	return e
}

// ConnectURL asks for a link on which the user, or a member for the
// organization, connects. Whoever opens it decides which Notion account is
// connected, so it is for the browser of that user alone.
func (b *Broker) ConnectURL(ctx context.Context, c tokens.Connection) (string, error) {
	q, t, err := b.question(ctx, c)
	if err != nil {
		return "", fmt.Errorf("get a link to connect: %w", err)
	}
	q.Account, q.Several, q.ReturnTo = "", false, b.cfg.ReturnTo
	a, err := b.post(ctx, t, "authorize", q)
	if err != nil {
		return "", fmt.Errorf("get a link to connect: %w", explain(err))
	}
	var link struct {
		URL string `json:"url"`
	}
	if err := a.Decode(&link); err != nil {
		return "", err
	}
	return wire.Link(link.URL)
}

// question is the body of what is asked about one connection.
type question struct {
	User         string `json:"user_id"`
	Organization string `json:"organization_id,omitempty"`
	Account      string `json:"connected_account_id,omitempty"`
	Owner        string `json:"connection_owner,omitempty"`
	Several      bool   `json:"supports_multiple_connections,omitempty"`
	ReturnTo     string `json:"return_to,omitempty"`
}

func (b *Broker) question(ctx context.Context, c tokens.Connection) (question, Target, error) {
	t, err := b.target(c)
	if err != nil {
		return question{}, t, err
	}
	q := question{
		User:         c.Subject.User,
		Organization: c.Subject.Organization,
		Account:      t.Account,
		Several:      t.Account != "",
	}
	if t.Shared {
		who, ok := tokens.CallerFor(ctx, c)
		if !ok {
			return question{}, t, errors.New("a shared connection is used on behalf of a member of its organization, and there is none")
		}
		q.User, q.Owner = who.Subject.User, "organization"
	}
	return q, t, nil
}

// target finds what stands behind a connection's handle, and that it is for the
// connection's owner.
func (b *Broker) target(c tokens.Connection) (Target, error) {
	t, err := tokens.Configured(b.cfg.Connections, c, func(t Target) bool { return t.Shared })
	if err != nil {
		further, ok := b.further(c.Handle)
		if !ok {
			return Target{}, err
		}
		t = further
	}
	t.Slug = cmp.Or(t.Slug, defaultSlug)
	return t, c.CheckOwner(b.cfg.Issuer, t.Shared)
}

// further reads a handle like my-notion-01ehznvpk3sfk441a1rgbfshrt. The id is
// only a choice among the owner's accounts: WorkOS is told the owner as well.
func (b *Broker) further(h tokens.Handle) (Target, bool) {
	i := strings.LastIndexByte(string(h), '-')
	if i < 0 || !b.cfg.Multiple {
		return Target{}, false
	}
	t, ok := b.cfg.Connections[h[:i]]
	if !ok || t.Account != "" {
		return Target{}, false
	}
	t.Account = accountID + strings.ToUpper(string(h[i+1:]))
	return t, true
}

// furtherHandle is the handle of an account that further reads, if it can be.
func furtherHandle(h tokens.Handle, id string) (tokens.Handle, bool) {
	end, ok := strings.CutPrefix(id, accountID)
	if !ok || end != strings.ToUpper(end) || strings.Contains(end, "-") {
		return "", false
	}
	name, err := tokens.ParseHandle(string(h) + "-" + strings.ToLower(end))
	return name, err == nil
}

// post asks one of the questions about a provider. The key makes WorkOS answer
// a repeated request as it answered, or would have answered, the first.
func (b *Broker) post(ctx context.Context, t Target, what string, q question) (wire.Answer, error) {
	slug, err := wire.Segment(t.Slug)
	if err != nil {
		return wire.Answer{}, err
	}
	body, err := json.Marshal(q)
	if err != nil {
		return wire.Answer{}, fmt.Errorf("write the question: %w", err)
	}
	header := b.header()
	header.Set("Content-Type", "application/json")
	header.Set("Idempotency-Key", "mcp-notion-"+rand.Text())
	return b.wire.Do(ctx, wire.Request{Method: http.MethodPost, URL: b.base + "/data-integrations/" + slug + "/" + what, Header: header, Body: body})
}

func (b *Broker) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + b.cfg.APIKey.Reveal()}}
}

// get asks, or deletes, by path and query.
func (b *Broker) get(ctx context.Context, method, path string, query url.Values) (wire.Answer, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return b.wire.Do(ctx, wire.Request{Method: method, URL: b.base + path, Header: b.header()})
}

// readToken reads the answer to a question for a token. That there is none is
// no error at WorkOS, but a word in a good answer. Words that are not known yet
// mean that nothing is known.
func readToken(a wire.Answer) (tokens.Token, error) {
	var said struct {
		Active *bool  `json:"active"`
		Error  string `json:"error"`
		Access struct {
			Token   string     `json:"access_token"`
			Expires *time.Time `json:"expires_at"`
		} `json:"access_token"`
	}
	if err := a.Decode(&said); err != nil {
		return tokens.Token{}, fmt.Errorf("get a token from WorkOS: %w", err)
	}
	if said.Active == nil {
		return tokens.Token{}, errUnknown
	}
	switch active := *said.Active; {
	case active && said.Error == "" && said.Access.Token != "":
		var end time.Time
		if said.Access.Expires != nil {
			end = *said.Access.Expires
		}
		return tokens.NewToken(said.Access.Token, end), nil
	case !active && said.Error == "not_installed":
		return tokens.Token{}, tokens.ErrNotConnected
	case !active && said.Error == "needs_reauthorization":
		return tokens.Token{}, tokens.ErrNeedsReauthorization
	}
	return tokens.Token{}, errUnknown
}

var errUnknown = errors.New("get a token from WorkOS: the answer holds no token and does not say why in a way that is known here")

// explain says what an operator can do about an error.
func explain(err error) error {
	var e *wire.Error
	if !errors.As(err, &e) {
		return err
	}
	hint := ""
	switch e.Status {
	case http.StatusBadRequest:
		hint = "WorkOS did not understand the question; is the organization one of WorkOS?"
	case http.StatusUnauthorized:
		hint = "check the API key"
	case http.StatusForbidden:
		hint = "the user must be an active member of the organization, and the API key must be of this environment"
	case http.StatusNotFound:
		hint = "WorkOS does not know the user, the organization, the account or the provider: check the issuer and the provider's slug"
	case http.StatusConflict:
		hint = "several accounts match: name one by its handle"
	case http.StatusUnprocessableEntity:
		hint = "the account must be connected by OAuth, not by an API key"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, hint)
}

// Source is the broker with all that it can do.
func (b *Broker) Source() tokens.Source {
	return tokens.Source{Broker: b, Disconnecter: b, Lister: b, Notifier: b}
}
