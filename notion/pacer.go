package notion

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"
)

// PacerConfig sets the budgets of a Pacer.
type PacerConfig struct {
	PerToken     int           // requests per window and token; 180 if 0, unlimited if negative
	PerWorkspace int           // requests per window and workspace; unlimited if 0
	Window       time.Duration // 60 s if 0
}

// Pacer keeps all clients that share it within Notion's budgets: no window
// holds more requests than the budget, wherever the window starts. People's
// requests go before background ones.
type Pacer struct {
	cfg PacerConfig

	mu      sync.Mutex
	budgets map[string]*budget
	swept   time.Time
}

// NewPacer makes a pacer. It needs no closing: it has no goroutines.
func NewPacer(cfg PacerConfig) *Pacer {
	if cfg.PerToken == 0 {
		cfg.PerToken = 180
	}
	if cfg.Window <= 0 {
		cfg.Window = time.Minute
	}
	return &Pacer{cfg: cfg, budgets: map[string]*budget{}}
}

// lane says whose budgets a request uses, and whether somebody waits for it.
type lane struct {
	token      string // a hash
	workspace  string
	background bool
}

// tokenKey names a token without keeping it.
func tokenKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:16])
}

// hitBy is the part of the lane that a limit was about.
func (l lane) hitBy(reason string) string {
	if l.workspace != "" && strings.Contains(reason, "space") {
		return "workspace " + l.workspace
	}
	return "token " + l.token
}

// pausedError says that Notion asked for a longer wait than the caller has.
type pausedError struct {
	wait   time.Duration
	reason string
}

func (e *pausedError) Error() string { return "paused for " + e.wait.Round(time.Second).String() }

// acquire waits for a slot in both budgets. The caller calls done once, when
// the answer came or none will, and says whether it sent the request.
func (p *Pacer) acquire(ctx context.Context, l lane, most time.Duration) (done func(sent bool), err error) {
	token, err := p.acquireOne(ctx, "token "+l.token, l.background, most)
	if err != nil || l.workspace == "" {
		return token, err
	}
	workspace, err := p.acquireOne(ctx, "workspace "+l.workspace, l.background, most)
	if err != nil {
		token(false)
		return nil, err
	}
	return func(sent bool) {
		token(sent)
		workspace(sent)
	}, nil
}

// acquireOne waits for a slot of one budget. It does not begin to wait, nor go
// on, for a pause that is longer than the caller has time.
func (p *Pacer) acquireOne(ctx context.Context, key string, background bool, most time.Duration) (func(bool), error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{ready: make(chan struct{}), background: background}
	w.patient = func(wait time.Duration) bool { return inTime(ctx, wait, most) }
	p.mu.Lock()
	b := p.budget(key)
	b.enqueue(w)
	p.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		b.cancel(w)
		return nil, ctx.Err()
	}
	if w.err != nil {
		return nil, w.err
	}
	return func(sent bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		b.release(sent)
	}, nil
}

// pause lets nobody pass until then.
func (p *Pacer) pause(key string, until time.Time, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.budget(key); until.After(b.paused) {
		b.paused, b.reason = until, reason
		b.grant()
	}
}

// budget finds or makes a budget, and now and then drops the idle ones.
func (p *Pacer) budget(key string) *budget {
	now := time.Now()
	if now.Sub(p.swept) > p.cfg.Window {
		for k, b := range p.budgets {
			if b.idle(now) {
				delete(p.budgets, k)
			}
		}
		p.swept = now
	}
	b := p.budgets[key]
	if b == nil {
		size := p.cfg.PerToken
		if strings.HasPrefix(key, "workspace ") {
			size = p.cfg.PerWorkspace
		}
		b = newBudget(&p.mu, size, p.cfg.Window)
		p.budgets[key] = b
	}
	return b
}
