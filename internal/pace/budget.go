package pace

import (
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// budget has size slots. A slot is taken when a request may start and comes
// back a window after its answer came, so that a server that counts arrivals
// never sees more than size in any window.
//
// Background requests run freely through the first half of the slots. What is
// left they spread over the time until slots come back, and the last few they
// never take, so that somebody who comes in the middle of a mirror still finds
// a slot. In the long run they use the whole budget but for those few. Ten
// requests of a person beside a mirror at 180 a minute took 0.8 s in the mean
// and 15 s at worst, without the spreading 9 s and 49 s; the mirror alone took
// 2 % longer than requests/rate, most of it for the slots that it leaves.
type budget struct {
	mu      *sync.Mutex // that of Budgets; guards all fields
	limit   Limit
	reserve int // slots that background requests leave

	active int         // slots of requests under way
	spent  []time.Time // when slots come back, oldest first
	paused time.Time   // nobody passes before
	reason string      // of the pause
	last   time.Time   // last background request
	spared struct {    // of these, by Try
		active int
		spent  []time.Time
	}

	people, background queue
	timer              *time.Timer
}

type waiter struct {
	owner      string
	background bool
	patient    func(wait time.Duration) bool // has time for a pause
	ready      chan struct{}                 // closed when it has a slot, or err
	err        error
}

func newBudget(mu *sync.Mutex, limit Limit) *budget {
	b := &budget{mu: mu, limit: limit, reserve: max(limit.Size, 0) / 50}
	// Whoever asks next meets a fault again, in a call that can say so.
	b.timer = guard.After(time.Hour, b.wake, func(error) {})
	b.timer.Stop()
	return b
}

func (b *budget) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.grant()
}

func (b *budget) enqueue(w *waiter) {
	b.queue(w.background).push(w)
	b.grant()
}

func (b *budget) queue(background bool) *queue {
	if background {
		return &b.background
	}
	return &b.people
}

// cancel takes a waiter out of its queue, or gives back the slot that it just
// got.
func (b *budget) cancel(w *waiter) {
	if b.queue(w.background).remove(w) {
		b.grant()
	} else if w.err == nil {
		b.release(false)
	}
}

func (b *budget) release(sent bool) {
	b.active--
	if sent && b.limit.Size > 0 {
		b.spent = append(b.spent, time.Now().Add(b.limit.Window))
	}
	b.grant()
}

// grant gives slots to all that may start now, and sets the timer for the next
// one.
func (b *budget) grant() {
	now := time.Now()
	b.spent = returned(b.spent, now)
	b.sendAway(now)
	for !b.people.empty() || !b.background.empty() {
		queue := b.queue(b.people.empty())
		at, known := b.next(now, queue.first())
		if !known || at.After(now) {
			b.sleep(now, at, known)
			return
		}
		b.start(now, queue.pop())
	}
	b.timer.Stop()
}

// returned drops the slots that have come back from those that were spent.
func returned(spent []time.Time, now time.Time) []time.Time {
	back := 0
	for back < len(spent) && !spent[back].After(now) {
		back++
	}
	return spent[:copy(spent, spent[back:])]
}

// spare says whether a request may start that nobody is to wait for.
func (b *budget) spare(now time.Time, share int) bool {
	b.spent, b.spared.spent = returned(b.spent, now), returned(b.spared.spent, now)
	if b.paused.After(now) || !b.people.empty() || b.limit.AtOnce > 0 && b.active >= b.limit.AtOnce {
		return false
	}
	if b.limit.Size <= 0 {
		return true
	}
	if b.limit.Size-b.active-len(b.spent) <= b.reserve {
		return false
	}
	alone := b.background.empty() && (b.last.IsZero() || now.Sub(b.last) > lately)
	return alone || b.spared.active+len(b.spared.spent) < b.limit.Size*share/100
}

// free says whether a request would start at once.
func (b *budget) free(now time.Time, background bool) bool {
	b.spent = returned(b.spent, now)
	if !b.people.empty() || background && !b.background.empty() {
		return false
	}
	at, known := b.next(now, &waiter{background: background})
	return known && !at.After(now)
}

// sendAway ends the waiting of those who have no time for a pause.
func (b *budget) sendAway(now time.Time) {
	wait := b.paused.Sub(now)
	if wait <= 0 {
		return
	}
	leaves := func(w *waiter) bool {
		if w.patient(wait) {
			return false
		}
		w.err = &PausedError{Wait: wait, Reason: b.reason}
		close(w.ready)
		return true
	}
	b.people.removeFunc(leaves)
	b.background.removeFunc(leaves)
}

func (b *budget) start(now time.Time, w *waiter) {
	if w.background {
		b.last = now
	}
	b.active++
	close(w.ready)
}

func (b *budget) sleep(now, at time.Time, known bool) {
	if known {
		b.timer.Reset(at.Sub(now))
		return
	}
	b.timer.Stop() // the next release calls grant
}

// next is when a waiter may start. It is unknown if that depends on a request
// under way.
func (b *budget) next(now time.Time, w *waiter) (time.Time, bool) {
	at := now
	if b.paused.After(at) {
		at = b.paused
	}
	if !b.roomFor(w) {
		return at, false
	}
	if b.limit.Size <= 0 {
		return at, true
	}
	free := b.limit.Size - b.active - len(b.spent)
	if w.background {
		free -= b.reserve
	}
	if free <= 0 {
		if 1-free > len(b.spent) {
			return at, false
		}
		return later(at, b.spent[-free]), true
	}
	if w.background && free < b.limit.Size/2 {
		at = later(at, b.last.Add(b.gap(now, free)))
	}
	return at, true
}

// roomFor says whether fewer requests are under way than may be. Background
// requests, which may take long, leave some room for people.
func (b *budget) roomFor(w *waiter) bool {
	most := b.limit.AtOnce
	if most <= 0 {
		return true
	}
	if w.background && most > 1 {
		most -= max(1, most/4)
	}
	return b.active < most
}

// gap is the time between background requests that makes the free slots last
// until the next ones come back, and those until the next, and so on. It is a
// tenth shorter, as slots that are kept too long are lost.
func (b *budget) gap(now time.Time, free int) time.Duration {
	var gap time.Duration
	for i, at := range b.spent {
		gap = max(gap, at.Sub(now)/time.Duration(free+i))
	}
	return gap * 9 / 10
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (b *budget) idle(now time.Time) bool {
	spent := len(b.spent) > 0 && b.spent[len(b.spent)-1].After(now)
	return b.active == 0 && !spent && b.people.empty() && b.background.empty() && !b.paused.After(now)
}
