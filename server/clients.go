package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// clients makes the Notion clients of one connection with the token of the
// moment, and keeps one for as long as the token stays the same.
type clients struct {
	cfg   Config
	index *index.Index

	mu     sync.Mutex
	secret func() string // of client; a function, so that no dump shows it
	client *notion.Client

	whose atomic.Pointer[authorization] // nil until Notion was asked
}

// authorization is what a token stands for.
type authorization struct {
	bot, person, workspace notion.ID // person is "" where none is named
}

func authorizationOf(me *notion.User) *authorization {
	a := &authorization{bot: me.ID}
	if me.Bot == nil {
		return a
	}
	if id, err := notion.ParseID(me.Bot.WorkspaceID); err == nil {
		a.workspace = id
	}
	if o := me.Bot.Owner; o != nil && o.User != nil {
		a.person = o.User.ID
	}
	return a
}

// errSwitched means that the connection now leads to another workspace, or is
// another authorization, than the one that the index was made with.
var errSwitched = errors.New("the connection leads to another workspace than before")

// get returns a client with a token that the broker vouches for now.
func (c *clients) get(ctx context.Context) (*notion.Client, error) {
	token, err := c.cfg.Broker.Token(ctx, c.cfg.Connection)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != nil && c.secret() == token.Reveal() {
		return c.client, nil
	}
	client := notion.New(token.Reveal(), notion.Config{
		BaseURL: c.cfg.NotionURL, Pacer: c.cfg.Pacer, Log: c.cfg.Log,
		HTTP: &http.Client{Transport: &renewing{base: counted{c.cfg.Telemetry.Transport(c.cfg.transport())}, clients: c, token: token}},
	})
	if c.cfg.Shared {
		if client, err = c.verified(ctx, client, token); err != nil {
			return nil, err
		}
	}
	c.client, c.secret = client, token.Reveal
	return client, nil
}

// What the index keeps of its authorization.
const (
	workspaceKey = "workspace" // which it is
	verifiedKey  = "verified"  // which token was seen to be of it
)

// verified makes sure whose token it is. An index belongs to one authorization of
// one workspace: the same user may reconnect to another one, and nothing of the
// former may be shown then. What a token is of never changes, so Notion is asked
// once for each, also when the index was closed meanwhile or the process is
// another one.
func (c *clients) verified(ctx context.Context, client *notion.Client, token tokens.Token) (*notion.Client, error) {
	if known := c.recall(token); known != nil {
		c.whose.Store(known.authorization())
		return client.WithWorkspace(known.Workspace), nil
	}
	me, err := client.Me(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask Notion whose token it is: %w", err)
	}
	now := string(me.ID)
	if me.Bot != nil {
		now += " " + me.Bot.WorkspaceID
		client = client.WithWorkspace(me.Bot.WorkspaceID)
	}
	before, err := c.index.State(workspaceKey)
	switch {
	case err != nil:
		return nil, err
	case before == nil:
		err = c.index.Apply(ctx, index.Change{State: map[string][]byte{workspaceKey: []byte(now)}})
	case string(before) != now:
		err = errSwitched
	}
	if err != nil {
		return nil, err
	}
	c.whose.Store(authorizationOf(me))
	return client, nil
}

// verification is what is kept of a token that was verified.
type verification struct {
	Token     string `json:"token"` // a hash of it, and of the connection's key
	Bot       string `json:"bot"`
	Person    string `json:"person,omitempty"`
	Workspace string `json:"workspace"`
}

func (v *verification) authorization() *authorization {
	return &authorization{bot: notion.ID(v.Bot), person: notion.ID(v.Person), workspace: notion.ID(v.Workspace)}
}

// recall returns what is known of a token, or nil.
func (c *clients) recall(token tokens.Token) *verification {
	raw, err := c.index.State(verifiedKey)
	var v verification
	if err != nil || raw == nil || json.Unmarshal(raw, &v) != nil || v.Token != c.hash(token.Reveal()) {
		return nil
	}
	return &v
}

// remember keeps whose the token is that was verified last. It is no part of a
// call, which would wait for the disk.
func (c *clients) remember(ctx context.Context) error {
	c.mu.Lock()
	secret, whose := c.secret, c.whose.Load()
	c.mu.Unlock()
	if secret == nil || whose == nil || whose.workspace == "" {
		return nil
	}
	now, err := json.Marshal(verification{c.hash(secret()), string(whose.bot), string(whose.person), string(whose.workspace)})
	if err != nil {
		return err
	}
	before, err := c.index.State(verifiedKey)
	if err != nil || bytes.Equal(before, now) {
		return err
	}
	return c.index.Apply(ctx, index.Change{State: map[string][]byte{verifiedKey: now}})
}

func (c *clients) hash(secret string) string {
	sum := sha256.Sum256([]byte(c.cfg.Connection.Key() + "\n" + secret))
	return hex.EncodeToString(sum[:])
}

// renewing asks the broker once more when Notion refuses a token, and sends the
// request again if there is a new one. That is safe for writes too: Notion did
// nothing.
type renewing struct {
	base    http.RoundTripper
	clients *clients
	token   tokens.Token
}

func (r *renewing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.base.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	broker := r.clients.cfg.Broker
	broker.Invalidate(req.Context(), r.clients.cfg.Connection, r.token)
	fresh, err := broker.Token(req.Context(), r.clients.cfg.Connection)
	if err != nil || fresh.Reveal() == r.token.Reveal() || (req.Body != nil && req.GetBody == nil) {
		return resp, nil // the caller sees Notion's refusal
	}
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return resp, nil
		}
	}
	again.Header.Set("Authorization", "Bearer "+fresh.Reveal())
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return r.base.RoundTrip(again)
}
