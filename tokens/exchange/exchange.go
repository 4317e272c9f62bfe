// Package exchange is the token broker of an OAuth server that exchanges the
// caller's own token for one of Notion (RFC 8693). The caller's token goes to the
// address that the operator configured, and nowhere else.
package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/internal/wire"
)

const (
	defaultGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	defaultSubject = "urn:ietf:params:oauth:token-type:access_token"
)

// Config has what can be set of a Broker. TokenURL, Issuer and Connect must be.
type Config struct {
	TokenURL     string       // where tokens are exchanged
	Issuer       string       // the identity provider whose tokens are exchanged
	ClientID     string       // who we are there; "" if it does not ask
	ClientSecret tokens.Token // may be empty
	SecretInBody bool         // send the secret as client_secret, not by HTTP Basic

	GrantType          string // "" means that of RFC 8693
	SubjectTokenType   string // of the caller's token; "" means an access token
	RequestedTokenType string // "" leaves it to the server

	// Connections says what is asked for by a handle. Nil means that my-notion is
	// the user's own and needs no more words.
	Connections map[tokens.Handle]Target

	// RFC 8693 has no words for a user who has not connected yet. These are the
	// server's own, as they stand in "error" of its answers. An error that is in
	// neither list says nothing about the connection.
	NotConnected         []string
	NeedsReauthorization []string

	Connect   string       // the page where users connect Notion
	PlainHTTP bool         // allow a TokenURL without encryption that is not on this machine
	HTTP      *http.Client // nil for one of the default settings
	Attempts  int          // how often one request is sent at most; 0 means 3
}

// Target is what is asked for by a handle.
type Target struct {
	Audience []string
	Resource []string
	Scope    string
	More     map[string]string // parameters of this server alone, such as connection
	Shared   bool              // the organization's connection, which its members share, and not each user's own
}

// Broker exchanges tokens.
type Broker struct {
	cfg  Config
	url  string
	wire wire.Client
}

var _ tokens.Broker = (*Broker)(nil)

// New returns a Broker, or what is wrong with the Config. It asks nothing yet.
func New(cfg Config) (*Broker, error) {
	if cfg.Issuer == "" {
		return nil, errors.New("token exchange needs the issuer whose tokens are exchanged")
	}
	address, err := wire.Base(cfg.TokenURL, cfg.PlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("token exchange: %w", err)
	}
	if _, err := wire.Link(cfg.Connect); err != nil {
		return nil, errors.New("token exchange needs the URL of the page where users connect Notion")
	}
	for _, code := range slices.Concat(cfg.NotConnected, cfg.NeedsReauthorization) {
		if !wire.IsCode(code) {
			return nil, fmt.Errorf("token exchange: %q cannot be an error's code here: use lower-case letters, underscores, hyphens and dots", code)
		}
	}
	if cfg.Connections == nil {
		cfg.Connections = map[tokens.Handle]Target{tokens.DefaultHandle: {}}
	}
	return &Broker{cfg: cfg, url: address, wire: wire.Client{Name: "the token exchange", HTTP: cfg.HTTP, Attempts: cfg.Attempts}}, nil
}

// Token exchanges the bearer token of the caller (tokens.WithCaller), who must
// be the connection's owner, or a member of the organization that owns it. It is
// an error if there is no caller, as for work in the background.
func (b *Broker) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	t, err := tokens.Configured(b.cfg.Connections, c, func(t Target) bool { return t.Shared })
	if err != nil {
		return tokens.Token{}, err
	}
	if err := c.CheckOwner(b.cfg.Issuer, t.Shared); err != nil {
		return tokens.Token{}, fmt.Errorf("exchange the caller's token: %w", err)
	}
	who, ok := tokens.CallerFor(ctx, c)
	if !ok || who.Bearer.Reveal() == "" {
		return tokens.Token{}, errors.New("exchange the caller's token: there is no token of somebody who may use the connection")
	}
	a, err := b.wire.Do(ctx, b.request(who.Bearer, t))
	if err != nil {
		return tokens.Token{}, b.category(err)
	}
	return readToken(a, who.Bearer)
}

// ConnectURL is the configured page.
func (b *Broker) ConnectURL(ctx context.Context, _ tokens.Connection) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return b.cfg.Connect, nil
}

func (b *Broker) request(bearer tokens.Token, t Target) wire.Request {
	form := url.Values{
		"grant_type":         {cmp.Or(b.cfg.GrantType, defaultGrant)},
		"subject_token":      {bearer.Reveal()},
		"subject_token_type": {cmp.Or(b.cfg.SubjectTokenType, defaultSubject)},
		"audience":           t.Audience,
		"resource":           t.Resource,
	}
	set := func(k, v string) {
		if v != "" {
			form.Set(k, v)
		}
	}
	for k, v := range t.More {
		if !form.Has(k) || len(form[k]) == 0 { // what was set above is not for configuration to change
			set(k, v)
		}
	}
	set("scope", t.Scope)
	set("requested_token_type", b.cfg.RequestedTokenType)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	secret := b.cfg.ClientSecret.Reveal()
	if secret != "" && !b.cfg.SecretInBody {
		r := http.Request{Header: header}
		r.SetBasicAuth(url.QueryEscape(b.cfg.ClientID), url.QueryEscape(secret)) // RFC 6749, 2.3.1
	} else {
		set("client_id", b.cfg.ClientID)
		set("client_secret", secret)
	}
	return wire.Request{Method: http.MethodPost, URL: b.url, Header: header, Body: []byte(form.Encode())}
}

// category says which errors are normal answers at this server.
func (b *Broker) category(err error) error {
	var e *wire.Error
	switch {
	case !errors.As(err, &e) || e.Status >= 500:
	case slices.Contains(b.cfg.NotConnected, e.Code):
		return tokens.ErrNotConnected
	case slices.Contains(b.cfg.NeedsReauthorization, e.Code):
		return tokens.ErrNeedsReauthorization
	case e.Code == "invalid_client":
		return fmt.Errorf("exchange the caller's token: %w: check the client's id and secret", err)
	}
	return fmt.Errorf("exchange the caller's token: %w", err)
}

// readToken reads a good answer. The caller's own token is none, because it must
// never be sent to Notion.
func readToken(a wire.Answer, bearer tokens.Token) (tokens.Token, error) {
	var said struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int64  `json:"expires_in"`
	}
	if err := a.Decode(&said); err != nil {
		return tokens.Token{}, fmt.Errorf("exchange the caller's token: %w", err)
	}
	switch {
	case said.Token == "":
		return tokens.Token{}, errors.New("exchange the caller's token: the answer holds no token")
	case said.Token == bearer.Reveal():
		return tokens.Token{}, errors.New("exchange the caller's token: the answer is the caller's own token")
	case !strings.EqualFold(said.Type, "Bearer") && said.Type != "N_A":
		return tokens.Token{}, errors.New("exchange the caller's token: the answer is of a type that cannot be sent to Notion")
	case said.Expires < 0:
		return tokens.Token{}, errors.New("exchange the caller's token: the answer has ended already")
	}
	var end time.Time
	if said.Expires > 0 {
		end = time.Now().Add(time.Duration(min(said.Expires, 10*365*24*3600)) * time.Second)
	}
	return tokens.NewToken(said.Token, end), nil
}

// Source is the broker with all that it can do.
func (b *Broker) Source() tokens.Source {
	return tokens.Source{Broker: b}
}
