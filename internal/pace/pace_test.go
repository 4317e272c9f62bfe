package pace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// order runs requests that each take a second, and returns in which order they
// began. A name begins with its owner, in capitals for a person's.
func order(p *Budgets, limit Limit, names ...string) []string {
	var mu sync.Mutex
	var got []string
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			owner := strings.ToLower(name[:1])
			done, err := p.Acquire(context.Background(), Turn{Limit: limit, Owner: owner, Background: owner == name[:1], Most: time.Hour})
			if err != nil {
				return
			}
			mu.Lock()
			got = append(got, name)
			mu.Unlock()
			time.Sleep(time.Second)
			done(true)
		})
		synctest.Wait() // queued in the order of names
	}
	all.Wait()
	return got
}

func TestOwnersTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := order(New(), Limit{AtOnce: 1}, "a1", "a2", "a3", "a4", "b1", "b2", "c1", "A5", "A6", "B3")
		want := []string{"a1", "A5", "B3", "A6", "a2", "b1", "c1", "a3", "b2", "a4"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, limit := New(), Limit{AtOnce: 4}
		var underWay atomic.Int64
		for i := range 8 {
			go func() {
				done, err := p.Acquire(t.Context(), Turn{Limit: limit, Owner: fmt.Sprint(i), Background: i < 6})
				if err != nil {
					t.Error(err)
					return
				}
				underWay.Add(1)
				time.Sleep(time.Second)
				underWay.Add(-1)
				done(true)
			}()
			synctest.Wait()
			if n, want := underWay.Load(), []int64{1, 2, 3, 3, 3, 3, 4, 4}[i]; n != want {
				t.Errorf("%d are under way after %d came, want %d", n, i+1, want)
			}
		}
		time.Sleep(5 * time.Second)
		if n := underWay.Load(); n != 0 {
			t.Errorf("%d are under way at the end", n)
		}
	})
}

// The time of a limit may be in nobody's hands but those of the others.
func TestAtOnceAndPerWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		order(New(), Limit{Size: 4, Window: 10 * time.Second, AtOnce: 1}, "A1", "A2", "A3", "A4", "A5")
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("five took %v: the fifth comes ten seconds after the end of the first, and takes one", took)
		}
	})
}

func TestPauseIsForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New()
		p.Pause("", Limit{}, time.Now().Add(time.Minute), "why")
		var paused *PausedError
		if _, err := p.Acquire(t.Context(), Turn{Owner: "a", Most: time.Second}); !errors.As(err, &paused) || paused.Wait != time.Minute || paused.Reason != "why" {
			t.Errorf("with too little time: %v", err)
		}
		start := time.Now()
		if _, err := p.Acquire(t.Context(), Turn{Owner: "b", Most: time.Hour}); err != nil || time.Since(start) != time.Minute {
			t.Errorf("passed after %v, %v", time.Since(start), err)
		}
	})
}

func TestIdleBudgetsAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New()
		for i := range 100 {
			done, err := p.Acquire(t.Context(), Turn{Budget: fmt.Sprint(i), Limit: Limit{Size: 10}})
			if err != nil {
				t.Fatal(err)
			}
			done(true)
		}
		time.Sleep(2 * time.Minute)
		done, err := p.Acquire(t.Context(), Turn{Budget: "new"})
		if err != nil || len(p.all) != 1 {
			t.Errorf("%d budgets are kept, %v", len(p.all), err)
		}
		done(true)
	})
}

// The caller may give up in the moment in which it gets its slot.
func TestCancelAfterGrant(t *testing.T) {
	t.Parallel()
	b := newBudget(new(sync.Mutex), Limit{Size: 1, Window: time.Minute})
	w := &waiter{ready: make(chan struct{})}
	b.enqueue(w)
	<-w.ready
	b.cancel(w)
	if b.active != 0 || len(b.spent) != 0 {
		t.Errorf("%d slots are held and %d spent", b.active, len(b.spent))
	}
}

func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, limit := New(), Limit{AtOnce: 1}
		first, err := p.Acquire(t.Context(), Turn{Limit: limit, Owner: "a"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Acquire(ctx, Turn{Limit: limit, Owner: "b"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		first(true)
		if b := p.all[""]; !b.people.empty() || b.active != 0 {
			t.Errorf("%d lines are left, %d under way", len(b.people.lines), b.active)
		}
	})
}

// Beside a mirror, those who do not wait take their share and no more; without
// one, they take what is free but for the last slots.
func TestTryTakesItsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mirror := func(p *Budgets, limit Limit, asking bool) (took time.Duration, granted int) {
			start := time.Now()
			turn := Turn{Limit: limit, Background: true, Most: time.Hour}
			for range 10 * limit.Size {
				done, err := p.Acquire(t.Context(), turn)
				if err != nil {
					t.Fatal(err)
				}
				done(true)
				for asking {
					done, err := p.Try(Turn{Limit: limit}, 10)
					if err != nil {
						break
					}
					granted++
					done(true)
				}
			}
			return time.Since(start), granted
		}
		limit := Limit{Size: 180, Window: time.Minute}
		alone, _ := mirror(New(), limit, false)
		beside, granted := mirror(New(), limit, true)
		if most := int(beside.Minutes()+1) * 18; granted > most || granted < most/2 {
			t.Errorf("%d were granted in %v, want no more than %d", granted, beside, most)
		}
		if beside > alone*112/100 {
			t.Errorf("the mirror took %v instead of %v", beside, alone)
		}
		p, free := New(), 0
		for done, err := p.Try(Turn{Limit: limit}, 10); err == nil; done, err = p.Try(Turn{Limit: limit}, 10) {
			free++
			done(true)
		}
		if free != 177 {
			t.Errorf("%d were granted of a budget of 180 that nobody else uses", free)
		}
	})
}

func TestTryWaitsForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := New()
		p.Pause("", Limit{}, time.Now().Add(time.Minute), "why")
		if _, err := p.Try(Turn{}, 10); !errors.Is(err, ErrNoRoom) {
			t.Errorf("in a pause: %v", err)
		}
		full, limit := New(), Limit{AtOnce: 1}
		if _, err := full.Try(Turn{Limit: limit}, 10); err != nil {
			t.Error(err)
		}
		if _, err := full.Try(Turn{Limit: limit}, 10); !errors.Is(err, ErrNoRoom) {
			t.Errorf("with as many under way as may be: %v", err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}
