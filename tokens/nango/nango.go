// Package nango is the token broker of Nango, in its cloud or self-hosted. Nango
// knows connections by tags, so whose a connection is stands in its tags, and is
// read there again before a token is used.
package nango

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/internal/wire"
)

const (
	defaultBase        = "https://api.nango.dev"
	defaultIntegration = "notion"
)

// Config has what can be set of a Broker. APIKey and Issuer must be.
type Config struct {
	APIKey  tokens.Token // of the environment, with the scope environment:connections:read_credentials
	Issuer  string       // the identity provider whose users' names stand in the tags
	BaseURL string       // "" means https://api.nango.dev

	// Connections says what stands behind a handle. Nil means that my-notion is
	// the user's own connection of the integration "notion".
	Connections map[tokens.Handle]Target

	PlainHTTP bool         // allow a BaseURL without encryption that is not on this machine
	HTTP      *http.Client // nil for one of the default settings
	Attempts  int          // how often one request is sent at most; 0 means 3
}

// Target is what stands behind a handle.
type Target struct {
	Integration string // its id at Nango; "" means notion
	Shared      bool   // the organization's connection, which its members share, and not each user's own
}

// Broker asks Nango for tokens.
type Broker struct {
	cfg  Config
	base string
	wire wire.Client
}

var (
	_ tokens.Broker       = (*Broker)(nil)
	_ tokens.Disconnecter = (*Broker)(nil)
	_ tokens.Lister       = (*Broker)(nil)
	_ tokens.Refresher    = (*Broker)(nil)
)

// New returns a Broker, or what is wrong with the Config. It asks nothing yet.
func New(cfg Config) (*Broker, error) {
	if cfg.APIKey.Reveal() == "" {
		return nil, errors.New("no API key of Nango is configured")
	}
	if cfg.Issuer == "" {
		return nil, errors.New("no issuer is configured whose users stand in the tags of Nango")
	}
	base, err := wire.Base(cmp.Or(cfg.BaseURL, defaultBase), cfg.PlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("configure Nango: %w", err)
	}
	if cfg.Connections == nil {
		cfg.Connections = map[tokens.Handle]Target{tokens.DefaultHandle: {}}
	}
	return &Broker{cfg: cfg, base: base, wire: wire.Client{Name: "Nango", HTTP: cfg.HTTP, Attempts: cfg.Attempts}}, nil
}

// Token finds the connection by its tags, and asks for its access token.
func (b *Broker) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	return b.token(ctx, c, false)
}

// Refresh is Token, with the grant refreshed at Notion before.
func (b *Broker) Refresh(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	return b.token(ctx, c, true)
}

func (b *Broker) token(ctx context.Context, c tokens.Connection, force bool) (tokens.Token, error) {
	all, t, err := b.find(ctx, c)
	if err != nil {
		return tokens.Token{}, fmt.Errorf("get a token: %w", err)
	}
	if len(all) == 0 {
		return tokens.Token{}, tokens.ErrNotConnected
	}
	query := url.Values{"provider_config_key": {t.Integration}}
	if force {
		query.Set("force_refresh", "true")
	}
	a, err := b.one(ctx, http.MethodGet, all[0].ID, query)
	if err != nil {
		return tokens.Token{}, fmt.Errorf("get a token: %w", category(err))
	}
	return readToken(a, all[0])
}

// readToken reads a connection with its credentials, and makes sure that it is
// the one that was asked for.
func readToken(a wire.Answer, want connection) (tokens.Token, error) {
	var said struct {
		connection
		Credentials struct {
			Type    string     `json:"type"`
			Token   string     `json:"access_token"`
			Expires *time.Time `json:"expires_at"`
		} `json:"credentials"`
	}
	if err := a.Decode(&said); err != nil {
		return tokens.Token{}, err
	}
	switch {
	case said.ID != want.ID || said.Integration != want.Integration:
		return tokens.Token{}, errors.New("read the answer of Nango: it is of another connection than was asked for")
	case said.Credentials.Type == "":
		return tokens.Token{}, errors.New("read the answer of Nango: it withholds the credentials, and the API key needs the scope environment:connections:read_credentials")
	case said.Credentials.Type != "OAUTH2" || said.Credentials.Token == "":
		return tokens.Token{}, errors.New("read the answer of Nango: the connection holds no OAuth access token")
	}
	var end time.Time
	if said.Credentials.Expires != nil {
		end = *said.Credentials.Expires
	}
	return tokens.NewToken(said.Credentials.Token, end), nil
}

// ConnectURL asks for a link on which the user connects, or renews the
// connection that they have. Whoever opens it decides which Notion account is
// connected, so it is for the browser of that user alone.
func (b *Broker) ConnectURL(ctx context.Context, c tokens.Connection) (string, error) {
	all, t, err := b.find(ctx, c)
	if err != nil {
		return "", fmt.Errorf("get a link to connect: %w", err)
	}
	path, body := "/connect/sessions", map[string]any{"tags": tags(c), "allowed_integrations": []string{t.Integration}}
	if len(all) > 0 {
		path += "/reconnect"
		body = map[string]any{"tags": tags(c), "connection_id": all[0].ID, "integration_id": t.Integration}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("write the question: %w", err)
	}
	header := b.header()
	header.Set("Content-Type", "application/json")
	a, err := b.wire.Do(ctx, wire.Request{Method: http.MethodPost, URL: b.base + path, Header: header, Body: text})
	if err != nil {
		return "", fmt.Errorf("get a link to connect: %w", err)
	}
	var said struct {
		Data struct {
			Link string `json:"connect_link"`
		} `json:"data"`
	}
	if err := a.Decode(&said); err != nil {
		return "", err
	}
	return wire.Link(said.Data.Link)
}

// Disconnect makes Nango forget all grants of the connection, older ones too.
func (b *Broker) Disconnect(ctx context.Context, c tokens.Connection) error {
	all, t, err := b.find(ctx, c)
	if errors.Is(err, tokens.ErrNotConnected) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	for _, x := range all {
		_, err := b.one(ctx, http.MethodDelete, x.ID, url.Values{"provider_config_key": {t.Integration}})
		if err != nil && !gone(err) {
			return fmt.Errorf("disconnect: %w", err)
		}
	}
	return nil
}

// Connections lists the connections of the user, and of their organization where
// shared ones are configured.
func (b *Broker) Connections(ctx context.Context, s auth.Subject) ([]tokens.Listed, error) {
	own := tokens.Connection{Subject: s}
	if err := own.CheckOwner(b.cfg.Issuer, false); err != nil {
		return nil, fmt.Errorf("list the connections: %w", err)
	}
	var listed []tokens.Listed
	for _, h := range slices.Sorted(maps.Keys(b.cfg.Connections)) {
		c := tokens.Connection{Subject: s, Handle: h}
		if b.cfg.Connections[h].Shared {
			var err error
			if c, err = c.Shared(); err != nil {
				continue // of no organization
			}
		}
		all, _, err := b.find(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("list the connections: %w", err)
		}
		if len(all) > 0 {
			listed = append(listed, tokens.Listed{Connection: c, Label: all[0].label(), NeedsReauthorization: all[0].broken()})
		}
	}
	return listed, nil
}

// one asks for, or deletes, one of Nango's connections.
func (b *Broker) one(ctx context.Context, method, id string, query url.Values) (wire.Answer, error) {
	id, err := wire.Segment(id)
	if err != nil {
		return wire.Answer{}, err
	}
	return b.wire.Do(ctx, wire.Request{Method: method, URL: b.base + "/connections/" + id + "?" + query.Encode(), Header: b.header()})
}

func (b *Broker) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + b.cfg.APIKey.Reveal()}}
}

// category says which errors are normal answers. When a refresh fails, Nango
// answers invalid_credentials with the status of the cause: one that blames the
// grant (400, 401, 403, or 424 once it has given up) or one that does not.
func category(err error) error {
	var e *wire.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case gone(err):
		return tokens.ErrNotConnected
	case e.Code == "invalid_credentials" && (e.Status == 400 || e.Status == 401 || e.Status == 403 || e.Status == 424):
		return tokens.ErrNeedsReauthorization
	case e.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w: check the API key", err)
	}
	return err
}

// gone reports whether Nango no longer has the connection.
func gone(err error) bool {
	var e *wire.Error
	return errors.As(err, &e) && (e.Status == http.StatusNotFound && e.Code == "not_found" || e.Code == "unknown_connection")
}

// Source is the broker with all that it can do.
func (b *Broker) Source() tokens.Source {
	return tokens.Source{Broker: b, Disconnecter: b, Lister: b, Refresher: b, Notifier: b}
}
