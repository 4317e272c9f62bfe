package server

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Limits bound what one Subject may ask for, so that nobody starves others.
type Limits struct {
	PerMinute int     // requests, after a burst of as many in a quarter of a minute; 0 means 240
	AtOnce    int     // requests under way; 0 means 8
	Processor float64 // processors kept busy in the long run; 0 means a half
}

const (
	patience       = 10 * time.Second // of a request that waits for its turn
	waitingForEach = 8                // requests that wait, for each that may be under way
	processorBurst = 20.0             // seconds of a processor that may be used at once
	maxMeasured    = 256              // requests that keep a thread to themselves; at 10,000 threads Go ends the process
)

// The limits by which requests are refused, for metrics and the log.
const (
	limitRate      = "rate"
	limitAtOnce    = "at_once"
	limitProcessor = "processor"
)

// excess is a request that may not begin: by which limit, and when it may.
type excess struct {
	limit string
	wait  time.Duration
}

// seconds is what the caller is told to wait.
func (e excess) seconds() int { return max(1, int(math.Ceil(e.wait.Seconds()))) }

// words tell a model, or a person, what to do.
func (e excess) words() string {
	switch e.limit {
	case limitRate:
		return "Too many calls in a minute."
	case limitProcessor:
		return "These calls have kept this server busier than one user may."
	}
	return "Too many calls at once."
}

// limiter keeps the limits of the Subjects that were here lately.
type limiter struct {
	cfg     Limits
	measure func() (used func() time.Duration) // the processor time of this goroutine
	meters  chan struct{}                      // one element for each request that is measured

	mu    sync.Mutex
	all   map[auth.Subject]*allowance
	swept time.Time
}

type allowance struct {
	rate  *rate.Limiter
	slots chan struct{} // one element for each request under way; who waits for one waits in turn
	here  int           // requests under way and waiting
	used  time.Time
	last  time.Duration // of a processor, that the last request used which was measured
	debt  float64       // seconds of a processor that were used and are not made up for yet
}

func newLimiter(cfg Limits) *limiter {
	if cfg.PerMinute <= 0 {
		cfg.PerMinute = 240
	}
	if cfg.AtOnce <= 0 {
		cfg.AtOnce = 8
	}
	if cfg.Processor <= 0 {
		cfg.Processor = 0.5
	}
	return &limiter{cfg: cfg, measure: processorTime, meters: make(chan struct{}, maxMeasured), all: map[auth.Subject]*allowance{}}
}

// enter lets a Subject's request begin, after it has waited for its turn for as
// long as patient says. It returns the function that ends the request, which the
// same goroutine has to call; nil with the reason if it may not begin.
func (l *limiter) enter(ctx context.Context, s auth.Subject, patient time.Duration) (leave func(), no excess) {
	a, wait, no := l.queue(s, patient)
	if a == nil {
		return nil, no
	}
	begin := time.Now()
	if !sleep(ctx, wait) || !a.take(ctx, patient-time.Since(begin)) {
		l.gone(a)
		return nil, excess{limitAtOnce, time.Second}
	}
	used := l.meter()
	return func() {
		l.left(a, used)
		<-a.slots
	}, excess{}
}

// meter measures this goroutine; nil if as many are measured as may be. Who is
// measured keeps a thread of the system, also while it waits for Notion.
func (l *limiter) meter() (used func() time.Duration) {
	select {
	case l.meters <- struct{}{}:
	default:
		return nil
	}
	read := l.measure()
	return func() time.Duration {
		defer func() { <-l.meters }()
		return read()
	}
}

// queue finds out how long a request has to wait before it can be its turn.
func (l *limiter) queue(s auth.Subject, patient time.Duration) (*allowance, time.Duration, excess) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	a := l.of(s, now)
	if a.here >= l.cfg.AtOnce*(1+waitingForEach) {
		return nil, 0, excess{limitAtOnce, time.Second}
	}
	owed := time.Duration(max(0, a.debt-processorBurst) / l.cfg.Processor * float64(time.Second))
	if owed > patient {
		return nil, 0, excess{limitProcessor, owed}
	}
	turn := a.rate.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait > patient {
		turn.CancelAt(now)
		return nil, 0, excess{limitRate, wait}
	}
	a.here++
	return a, max(owed, wait), excess{}
}

// of is the allowance of a Subject, as it stands now. l.mu must be held.
func (l *limiter) of(s auth.Subject, now time.Time) *allowance {
	a := l.all[s]
	if a == nil {
		a = &allowance{
			rate:  rate.NewLimiter(rate.Limit(float64(l.cfg.PerMinute)/60), max(1, l.cfg.PerMinute/4)),
			slots: make(chan struct{}, l.cfg.AtOnce),
			used:  now,
		}
		l.all[s] = a
	}
	a.debt = max(0, a.debt-now.Sub(a.used).Seconds()*l.cfg.Processor)
	a.used = now
	return a
}

// left notes that a request is over. One that was not measured costs as much as
// the Subject's last one that was.
func (l *limiter) left(a *allowance, used func() time.Duration) {
	var cost time.Duration
	if used != nil {
		cost = used()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if used != nil {
		a.last = cost
	}
	a.here--
	a.debt += a.last.Seconds()
}

// gone notes that a request did not begin.
func (l *limiter) gone(a *allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.here--
}

// take takes a slot, and waits for one if need be.
func (a *allowance) take(ctx context.Context, patient time.Duration) bool {
	select {
	case a.slots <- struct{}{}:
		return true
	default:
	}
	if patient <= 0 {
		return false
	}
	late := time.NewTimer(patient)
	defer late.Stop()
	select {
	case a.slots <- struct{}{}:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sweep forgets Subjects that were not here for some minutes, whose allowance
// is full again.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for s, a := range l.all {
		if a.here == 0 && now.Sub(a.used) > 5*time.Minute {
			delete(l.all, s)
		}
	}
}
