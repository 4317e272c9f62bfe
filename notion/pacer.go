package notion

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// PacerConfig sets the budgets of a Pacer.
type PacerConfig struct {
	PerToken     int           // requests per window and token; 180 if 0, unlimited if negative
	PerWorkspace int           // requests per window and workspace; unlimited if 0
	Window       time.Duration // 60 s if 0
}

// Pacer keeps all clients that share it within Notion's budgets: no window
// holds more requests than the budget, wherever the window starts. People's
// requests go before background ones, and the tokens of one workspace take
// turns.
type Pacer struct {
	cfg     PacerConfig
	budgets *pace.Budgets
}

// NewPacer makes a pacer. It needs no closing: it has no goroutines.
func NewPacer(cfg PacerConfig) *Pacer {
	if cfg.PerToken == 0 {
		cfg.PerToken = 180
	}
	return &Pacer{cfg: cfg, budgets: pace.New()}
}

// lane says whose budgets a request uses, and whether somebody waits for it.
type lane struct {
	token      string // a hash
	workspace  string
	background bool
	share      int // of a hundred, if it does not wait for its turn; see Client.Spare
}

// tokenKey names a token without keeping it.
func tokenKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:16])
}

// hitBy is the part of the lane that a limit was about.
func (l lane) hitBy(reason string) string {
	if l.workspace != "" && strings.Contains(reason, "space") {
		return workspaceBudget + l.workspace
	}
	return tokenBudget + l.token
}

// What the names of budgets begin with.
const (
	tokenBudget     = "token "
	workspaceBudget = "workspace "
)

// limit is the size of a budget.
func (p *Pacer) limit(name string) pace.Limit {
	if strings.HasPrefix(name, workspaceBudget) {
		return pace.Limit{Size: p.cfg.PerWorkspace, Window: p.cfg.Window}
	}
	return pace.Limit{Size: p.cfg.PerToken, Window: p.cfg.Window}
}

// acquire waits for a slot in both budgets. The caller calls done once, when
// the answer came or none will, and says whether it sent the request.
func (p *Pacer) acquire(ctx context.Context, l lane, most time.Duration) (done func(sent bool), err error) {
	token, err := p.acquireOne(ctx, tokenBudget+l.token, l, most)
	if err != nil || l.workspace == "" {
		return token, err
	}
	workspace, err := p.acquireOne(ctx, workspaceBudget+l.workspace, l, most)
	if err != nil {
		token(false)
		return nil, err
	}
	return func(sent bool) {
		token(sent)
		workspace(sent)
	}, nil
}

// free says whether a request would start at once.
func (p *Pacer) free(l lane) bool {
	return p.budgets.Free(p.turn(tokenBudget+l.token, l)) &&
		(l.workspace == "" || p.budgets.Free(p.turn(workspaceBudget+l.workspace, l)))
}

func (p *Pacer) turn(name string, l lane) pace.Turn {
	return pace.Turn{Budget: name, Limit: p.limit(name), Owner: l.token, Background: l.background}
}

func (p *Pacer) acquireOne(ctx context.Context, name string, l lane, most time.Duration) (func(bool), error) {
	turn := p.turn(name, l)
	turn.Most = most
	if l.share > 0 {
		return p.budgets.Try(turn, l.share)
	}
	return p.budgets.Acquire(ctx, turn)
}

// takes is how long so many requests with one token take in the long run.
func (p *Pacer) takes(n int) time.Duration {
	limit := p.limit(tokenBudget)
	if limit.Size <= 0 {
		return 0
	}
	if limit.Window <= 0 {
		limit.Window = time.Minute
	}
	return limit.Window * time.Duration(n) / time.Duration(limit.Size)
}

// pause lets nobody pass until then.
func (p *Pacer) pause(name string, until time.Time, reason string) {
	p.budgets.Pause(name, p.limit(name), until, reason)
}
