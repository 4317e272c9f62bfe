package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/mcp-notion/mcp-notion/auth"
)

// Limits bound what one Subject may ask for, so that nobody starves others.
type Limits struct {
	PerMinute int // requests, after a burst of as many in a quarter of a minute; 0 means 240
	AtOnce    int // requests under way; 0 means 8
}

// limiter keeps the limits of the Subjects that were here lately.
type limiter struct {
	cfg   Limits
	mu    sync.Mutex
	all   map[auth.Subject]*allowance
	swept time.Time
}

type allowance struct {
	rate *rate.Limiter
	open int
	used time.Time
}

func newLimiter(cfg Limits) *limiter {
	if cfg.PerMinute <= 0 {
		cfg.PerMinute = 240
	}
	if cfg.AtOnce <= 0 {
		cfg.AtOnce = 8
	}
	return &limiter{cfg: cfg, all: map[auth.Subject]*allowance{}}
}

// enter lets a Subject's request begin. It returns nil and how long to wait if
// the Subject has too many of them; else the function that ends it.
func (l *limiter) enter(s auth.Subject) (leave func(), wait time.Duration) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	a := l.all[s]
	if a == nil {
		a = &allowance{rate: rate.NewLimiter(rate.Limit(float64(l.cfg.PerMinute)/60), max(1, l.cfg.PerMinute/4))}
		l.all[s] = a
	}
	a.used = now
	if a.open >= l.cfg.AtOnce {
		return nil, time.Second
	}
	if !a.rate.AllowN(now, 1) {
		return nil, time.Duration(float64(time.Minute) / float64(l.cfg.PerMinute))
	}
	a.open++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		a.open--
	}, 0
}

// sweep forgets Subjects that were not here for some minutes, whose allowance
// is full again.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for s, a := range l.all {
		if a.open == 0 && now.Sub(a.used) > 5*time.Minute {
			delete(l.all, s)
		}
	}
}
