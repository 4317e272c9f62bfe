// Package pace keeps the requests of many to a service within its limits: no
// window holds more of them than the budget, wherever the window starts. People
// go before background work, and owners who share a budget take turns.
package pace

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Limit is the size of a budget.
type Limit struct {
	Size   int           // requests per window; unlimited if <= 0
	Window time.Duration // 60 s if 0
	AtOnce int           // requests under way; unlimited if <= 0
}

// Turn is what somebody waits for.
type Turn struct {
	Budget     string        // its name
	Limit      Limit         // of the budget, when it is first used
	Owner      string        // who shares the budget with others
	Background bool          // nobody waits for it
	Most       time.Duration // longest pause to wait for, where ctx has no deadline
}

// ErrNoRoom says that the budget has no room for somebody who does not wait.
var ErrNoRoom = errors.New("no room in the budget")

// lately is how long background work counts as going on after a request of it
// began.
const lately = 5 * time.Second

// Budgets are made when they are first used, and dropped when nothing is spent
// of them any more. It needs no closing: it has no goroutines.
type Budgets struct {
	mu    sync.Mutex
	all   map[string]*budget
	swept time.Time
}

// New makes Budgets.
func New() *Budgets { return &Budgets{all: map[string]*budget{}} }

// PausedError says that the service asked for a longer wait than the caller
// has.
type PausedError struct {
	Wait   time.Duration
	Reason string
}

func (e *PausedError) Error() string { return "paused for " + e.Wait.Round(time.Second).String() }

// Acquire waits for a turn. The caller calls done once, when the answer came or
// none will, and says whether it sent the request. The error is that of ctx, or
// a *PausedError: nobody begins to wait, nor goes on, for a pause that is longer
// than Most or than ctx lasts.
func (p *Budgets) Acquire(ctx context.Context, t Turn) (done func(sent bool), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{owner: t.Owner, background: t.Background, ready: make(chan struct{})}
	w.patient = func(wait time.Duration) bool { return InTime(ctx, wait, t.Most) }
	p.mu.Lock()
	b := p.budget(t.Budget, t.Limit)
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

// Try takes a turn that can begin at once, or none: the error is ErrNoRoom. The
// last slots are left for those who wait. While background work goes on, such
// turns together take at most share of a hundred slots, so that they slow it
// by no more than that.
func (p *Budgets) Try(t Turn, share int) (done func(sent bool), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budget(t.Budget, t.Limit)
	if !b.spare(time.Now(), share) {
		return nil, ErrNoRoom
	}
	b.active++
	b.spared.active++
	return func(sent bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		b.spared.active--
		if sent {
			b.spared.spent = append(b.spared.spent, time.Now().Add(b.limit.Window))
		}
		b.release(sent)
	}, nil
}

// Free says whether a turn could begin at once, without taking it.
func (p *Budgets) Free(t Turn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.budget(t.Budget, t.Limit).free(time.Now(), t.Background)
}

// InTime says whether a wait ends before the deadline, or within most where
// there is none.
func InTime(ctx context.Context, wait, most time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) > wait
	}
	return wait <= most && ctx.Err() == nil
}

// Pause lets nobody pass until then.
func (p *Budgets) Pause(name string, limit Limit, until time.Time, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.budget(name, limit); until.After(b.paused) {
		b.paused, b.reason = until, reason
		b.grant()
	}
}

const sweepAfter = time.Minute

// budget finds or makes a budget, and now and then drops the idle ones.
func (p *Budgets) budget(name string, limit Limit) *budget {
	now := time.Now()
	if now.Sub(p.swept) > sweepAfter {
		for k, b := range p.all {
			if b.idle(now) {
				delete(p.all, k)
			}
		}
		p.swept = now
	}
	b := p.all[name]
	if b == nil {
		if limit.Window <= 0 {
			limit.Window = time.Minute
		}
		b = newBudget(&p.mu, limit)
		p.all[name] = b
	}
	return b
}
