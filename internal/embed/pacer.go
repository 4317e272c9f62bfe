package embed

import (
	"context"
	"errors"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// PacerConfig bounds what all who share a Pacer ask of an endpoint.
type PacerConfig struct {
	PerMinute int // requests; 600 if 0, unlimited if negative
	AtOnce    int // requests; 8 if 0, unlimited if negative
}

// Pacer keeps the requests of many connections to one endpoint within bounds.
// Questions go before what is embedded in the background, for which some room
// is always kept free, and connections take turns.
type Pacer struct {
	limit   pace.Limit
	budgets *pace.Budgets
}

// NewPacer makes a Pacer. It needs no closing.
func NewPacer(cfg PacerConfig) *Pacer {
	if cfg.PerMinute == 0 {
		cfg.PerMinute = 600
	}
	if cfg.AtOnce == 0 {
		cfg.AtOnce = 8
	}
	return &Pacer{limit: pace.Limit{Size: cfg.PerMinute, AtOnce: cfg.AtOnce}, budgets: pace.New()}
}

// lane is one connection's way to the endpoint.
type lane struct {
	pacer      *Pacer // nil: nothing is paced
	owner      string
	background bool
}

// enter waits for a turn. The function that it returns ends it.
func (l lane) enter(ctx context.Context) (leave func(bool), err error) {
	if l.pacer == nil {
		return func(bool) {}, nil
	}
	leave, err = l.pacer.budgets.Acquire(ctx, pace.Turn{Limit: l.pacer.limit, Owner: l.owner, Background: l.background, Most: pace.LongestPause})
	var paused *pace.PausedError
	if errors.As(err, &paused) {
		return nil, &Error{Kind: Busy, After: paused.Wait}
	}
	return leave, err
}

// heard has all wait who share the pacer, where the endpoint said for how long.
func (l lane) heard(err error) {
	var e *Error
	if l.pacer != nil && errors.As(err, &e) && e.Kind == Busy && e.After > 0 {
		l.pacer.budgets.Pause("", l.pacer.limit, time.Now().Add(e.After), "")
	}
}
