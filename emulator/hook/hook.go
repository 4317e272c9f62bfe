// Package hook sends the webhooks of the emulated Notion: signed with the
// subscription's token, several changes of one object as one event, in no
// promised order, and again where nobody took them.
package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// Event is what has happened to an object.
type Event struct {
	Type    string // such as page.content_updated
	Entity  wire.Object
	Parent  wire.Object
	Author  wire.Object
	Readers []any // who can see the object
}

// Config says how a Sender sends.
type Config struct {
	Workspace, Name string        // id and name of the workspace
	Gather          time.Duration // how long changes of one object are gathered into one event; 0 means a second
	Again           time.Duration // until the first repetition of what nobody took; each further one waits twice as long; 0 means a second
	HTTP            *http.Client  // nil means http.DefaultClient
	Now             func() time.Time
	Log             *slog.Logger
}

// attempts is how often an event is sent at most.
const attempts = 8

// Sender is the subscription of an integration to all events. It is safe for
// concurrent use.
type Sender struct {
	cfg Config

	mu       sync.Mutex
	url      string
	token    string // "" until a subscription was begun
	verified bool
	serial   int
	waiting  map[string]Event // by type and object
	order    []string         // of waiting
}

// New returns a Sender with no subscription, which drops what it is told.
func New(cfg Config) *Sender {
	if cfg.Gather == 0 {
		cfg.Gather = time.Second
	}
	if cfg.Again == 0 {
		cfg.Again = time.Second
	}
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	return &Sender{cfg: cfg, waiting: map[string]Event{}}
}

// Subscribe begins a subscription: a token is sent to the address, unsigned, and
// has to come back by Verify before anything else is sent there.
func (s *Sender) Subscribe(ctx context.Context, url string) error {
	token := "secret_" + rand.Text() + rand.Text()[:17]
	s.Set(url, token)
	s.mu.Lock()
	s.verified = false
	s.mu.Unlock()
	body, err := json.Marshal(map[string]string{"verification_token": token})
	if err != nil {
		return err
	}
	return s.post(ctx, url, "", body)
}

// Verify ends what Subscribe began.
func (s *Sender) Verify(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" || !hmac.Equal([]byte(s.token), []byte(token)) {
		return errors.New("this is not the token that was sent to the subscription")
	}
	s.verified = true
	return nil
}

// Set makes a subscription that is verified.
func (s *Sender) Set(url, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url, s.token, s.verified = url, token, true
}

// Tell sends an event before long, as one with others of the same type about the
// same object.
func (s *Sender) Tell(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.verified {
		return
	}
	key := e.Type + " " + fmt.Sprint(e.Entity["id"])
	if _, there := s.waiting[key]; !there {
		s.order = append(s.order, key)
	}
	s.waiting[key] = e
	if len(s.order) == 1 {
		guard.After(s.cfg.Gather, s.flush, func(err error) { s.cfg.Log.Error("send events", "err", err, "stack", guard.Stack(err)) })
	}
}

// flush sends what has gathered, each event on its own.
func (s *Sender) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.order {
		s.serial++
		m := s.message(s.waiting[key], block.NewID("event", s.token, strconv.Itoa(s.serial)))
		url, token := s.url, s.token
		guard.Go(func() error { return s.deliver(url, token, m) })
	}
	s.order, s.waiting = nil, map[string]Event{}
}

func (s *Sender) message(e Event, id string) wire.Object {
	data := wire.Object{"parent": e.Parent}
	switch e.Type {
	case "page.content_updated", "data_source.content_updated":
		data["updated_blocks"] = []any{}
	case "page.properties_updated":
		data["updated_properties"] = []any{}
	}
	return wire.Object{
		"id": id, "timestamp": s.cfg.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"workspace_id": s.cfg.Workspace, "workspace_name": s.cfg.Name,
		"subscription_id": block.NewID("subscription", s.url), "integration_id": block.NewID("integration", s.cfg.Workspace),
		"type": e.Type, "authors": []any{e.Author}, "accessible_by": e.Readers,
		"api_version": "2026-03-11", "entity": e.Entity, "data": data,
	}
}

// deliver sends one event until it is taken, ever more slowly.
func (s *Sender) deliver(url, token string, m wire.Object) error {
	wait := s.cfg.Again
	for n := 1; n <= attempts; n++ {
		m["attempt_number"] = n
		body, err := json.Marshal(m)
		if err == nil {
			err = s.post(context.Background(), url, Sign(token, body), body)
		}
		if err == nil {
			return nil
		}
		s.cfg.Log.Debug("webhook not taken", "attempt", n, "err", err)
		time.Sleep(wait)
		wait *= 2
		if !s.current(url, token) {
			return nil
		}
	}
	return nil
}

func (s *Sender) current(url, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url == url && s.token == token
}

// Sign is the signature of a body, as it stands in X-Notion-Signature.
func Sign(token string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func (s *Sender) post(ctx context.Context, url, signature string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if signature != "" {
		req.Header.Set("X-Notion-Signature", signature)
	}
	res, err := s.cfg.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("send a webhook: %w", err)
	}
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("send a webhook: %w", err)
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("send a webhook: answered %s", res.Status)
	}
	return nil
}
