package auth

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// lane lets so many questions be under way at once. Of those that wait, the one
// that came last is next, and the one that has waited longest goes where there
// are too many: a flood then stands in its own way, and not in that of whoever
// comes now.
type lane struct {
	most int // that wait

	mu      sync.Mutex
	free    int
	waiting []chan bool // true for one whose turn it is
}

func newLane(atOnce, most int) *lane { return &lane{free: atOnce, most: most} }

// enter waits for a turn, which leave ends.
func (l *lane) enter(ctx context.Context) error {
	turn := l.queue()
	if turn == nil {
		return nil
	}
	select {
	case ok := <-turn:
		if !ok {
			return fmt.Errorf("%w: too many tokens that are not known are asked about", ErrUnavailable)
		}
		return nil
	case <-ctx.Done():
		if !l.forget(turn) && <-turn { // it came at the same moment
			l.leave()
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

// queue is nil if there is no need to wait.
func (l *lane) queue() chan bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free > 0 {
		l.free--
		return nil
	}
	if len(l.waiting) >= l.most {
		l.waiting[0] <- false
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
	turn := make(chan bool, 1)
	l.waiting = append(l.waiting, turn)
	return turn
}

// forget says whether a turn was still waited for.
func (l *lane) forget(turn chan bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, turn)
	if i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
	return i >= 0
}

func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last := len(l.waiting) - 1; last >= 0 {
		l.waiting[last] <- true
		l.waiting = l.waiting[:last]
		return
	}
	l.free++
}
