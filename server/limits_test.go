package server

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

var anna, ben = auth.Subject{User: "anna"}, auth.Subject{User: "ben"}

// measured is a limiter for which each request uses what cost says.
func measured(cfg Limits, cost *time.Duration) *limiter {
	l := newLimiter(cfg)
	l.measure = func() func() time.Duration { return func() time.Duration { return *cost } }
	return l
}

// Whoever keeps the processor busy is refused until they have made up for it,
// and nobody else is.
func TestProcessorIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cost := 1500 * time.Millisecond
		l := measured(Limits{PerMinute: 60_000, Processor: 0.5}, &cost)
		n := 0
		var no excess
		for ; n < 100; n++ {
			var leave func()
			if leave, no = l.enter(t.Context(), anna, 0); leave == nil {
				break
			}
			leave()
		}
		if n != 14 || no.limit != limitProcessor || no.wait != 2*time.Second {
			t.Errorf("%d requests, then %v", n, no)
		}
		if leave, no := l.enter(t.Context(), ben, 0); leave == nil {
			t.Errorf("another user: %v", no)
		}
		time.Sleep(no.wait)
		if leave, no := l.enter(t.Context(), anna, 0); leave == nil {
			t.Errorf("after the time that was told: %v", no)
		}
	})
}

// Little work costs little, however many requests it takes.
func TestProcessorIsNoOtherLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cost := 20 * time.Millisecond
		l := measured(Limits{PerMinute: 60_000}, &cost)
		for n := range 5000 {
			leave, no := l.enter(t.Context(), anna, 0)
			if leave == nil {
				t.Fatalf("request %d: %v", n, no)
			}
			time.Sleep(250 * time.Millisecond)
			leave()
		}
	})
}

// What is too much at once waits in turn, for a while; what would wait too long,
// and what nobody could wait for, is refused at once.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none time.Duration
		l := measured(Limits{PerMinute: 60_000, AtOnce: 2}, &none)
		var mu sync.Mutex
		began, refused := 0, 0
		for range 30 {
			go func() {
				leave, no := l.enter(t.Context(), anna, patience)
				mu.Lock()
				defer mu.Unlock()
				if leave == nil {
					if no.limit != limitAtOnce || no.seconds() != 1 {
						t.Errorf("refused by %v", no)
					}
					refused++
					return
				}
				began++
				time.AfterFunc(3*time.Second, leave)
			}()
		}
		expect := func(when string, begun, no int) {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if began != begun || refused != no {
				t.Errorf("%s: %d began and %d were refused, want %d and %d", when, began, refused, begun, no)
			}
		}
		expect("at once", 2, 12)
		time.Sleep(patience + time.Second)
		expect("after "+patience.String(), 8, 22)
		time.Sleep(time.Minute)
		if leave, no := l.enter(t.Context(), anna, 0); leave == nil {
			t.Errorf("afterwards: %v", no)
		}
	})
}

// Requests that come too fast wait for their turn.
func TestRateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none time.Duration
		l := measured(Limits{PerMinute: 240}, &none)
		begin := time.Now()
		for n := range 300 {
			leave, no := l.enter(t.Context(), anna, patience)
			if leave == nil {
				t.Fatalf("request %d: %v", n, no)
			}
			leave()
		}
		if took := time.Since(begin); took < 59*time.Second || took > 61*time.Second {
			t.Errorf("300 requests took %v, with 60 at once and 240 a minute", took)
		}
	})
}

// Who hangs up while they wait leaves the queue.
func TestQueueIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none time.Duration
		l := measured(Limits{PerMinute: 60_000, AtOnce: 1}, &none)
		leave, _ := l.enter(t.Context(), anna, patience)
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if leave, _ := l.enter(ctx, anna, patience); leave != nil {
				t.Fatal("two at once")
			}
		}
		leave()
		if leave, no := l.enter(t.Context(), anna, 0); leave == nil {
			t.Errorf("afterwards: %v", no)
		}
	})
}

// However many requests are under way, a bounded number keeps a thread; those
// beyond cost what the last one did that was measured, and nobody waits for it.
func TestThreadsAreBounded(t *testing.T) {
	synctest.Test(t, threadsAreBounded)
}

func threadsAreBounded(t *testing.T) {
	cost, now, most := 2*time.Second, 0, 0
	l := newLimiter(Limits{PerMinute: 60_000})
	l.measure = func() func() time.Duration {
		now++
		most = max(most, now)
		return func() time.Duration { now--; return cost }
	}
	enter := func(who auth.Subject) func() {
		leave, no := l.enter(t.Context(), who, 0)
		if leave == nil {
			t.Fatalf("refused: %v", no)
		}
		return leave
	}
	enter(anna)()
	var leave []func()
	for n := range 4 * maxMeasured {
		leave = append(leave, enter(auth.Subject{User: fmt.Sprint(n)}))
	}
	enter(anna)()
	if got := l.all[anna].debt; got != 4 {
		t.Errorf("two requests, one not measured, cost %v s, want 4", got)
	}
	for _, end := range leave {
		end()
	}
	if most != maxMeasured || now != 0 || len(l.meters) != 0 {
		t.Errorf("%d threads at once, %d and %d meters are left", most, now, len(l.meters))
	}
}
