package notion

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// line is a server behind a network, as the pacer's budget must hold for it: it
// counts requests when they arrive.
type line struct {
	mu       sync.Mutex
	arrivals []time.Time
}

// send runs one request: some time to arrive, some to come back.
func (s *line) send(p *Pacer, l lane, latency time.Duration) error {
	done, err := p.acquire(context.Background(), l, time.Hour)
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(rand.Int64N(int64(latency) + 1)))
	s.mu.Lock()
	s.arrivals = append(s.arrivals, time.Now())
	s.mu.Unlock()
	time.Sleep(time.Duration(rand.Int64N(int64(latency) + 1)))
	done(true)
	return nil
}

// most is the largest number of arrivals in any window that is as long as d,
// its end left out.
func (s *line) most(d time.Duration) int {
	slices.SortFunc(s.arrivals, time.Time.Compare)
	most, from := 0, 0
	for to, at := range s.arrivals {
		for at.Sub(s.arrivals[from]) >= d {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

// mirror sends n background requests with some workers and returns how long
// that took.
func (s *line) mirror(p *Pacer, n, workers int, latency time.Duration) time.Duration {
	start := time.Now()
	jobs := make(chan struct{}, n)
	for range n {
		jobs <- struct{}{}
	}
	close(jobs)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range jobs {
				_ = s.send(p, lane{token: "a", background: true}, latency)
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

func TestPacerMirrorKeepsToTheBudgetAndUsesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget, requests, workers int
		latency                   time.Duration // each way, at most
	}{
		{180, 180 * 10, 8, 200 * time.Millisecond},
		{180, 180 * 20, 30, 400 * time.Millisecond},
		{180, 2000, 4, 150 * time.Millisecond},
		{180, 300, 8, 200 * time.Millisecond},
		{100, 1000, 16, 0},
		{30, 300, 8, 200 * time.Millisecond},
		{10, 100, 8, 200 * time.Millisecond},
		{1, 5, 2, 200 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d of %d", c.requests, c.budget), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := NewPacer(PacerConfig{PerToken: c.budget})
				var s line
				took := s.mirror(p, c.requests, c.workers, c.latency)
				if most := s.most(time.Minute); most > c.budget {
					t.Errorf("%d requests arrived within a minute, budget %d", most, c.budget)
				}
				atRate := time.Duration(c.requests) * time.Minute / time.Duration(c.budget)
				t.Logf("took %v, requests/rate is %v (%.1f %%)", took, atRate, 100*float64(took)/float64(atRate))
				if took > atRate*105/100 {
					t.Errorf("took %v, more than 5 %% over requests/rate, which is %v", took, atRate)
				}
				if len(s.arrivals) != c.requests {
					t.Errorf("%d requests arrived, want %d", len(s.arrivals), c.requests)
				}
			})
		})
	}
}

// A cold question needs some ten requests. Behind a mirror it must never wait
// for the window's end.
func TestPacerPeopleDoNotWaitBehindAMirror(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{})
		var s line
		var all sync.WaitGroup
		all.Go(func() { s.mirror(p, 180*8, 8, 200*time.Millisecond) })
		var worst, sum time.Duration
		n := 0
		for range 40 {
			time.Sleep(10*time.Second + time.Duration(rand.Int64N(int64(3*time.Second))))
			asked := time.Now()
			var question sync.WaitGroup
			for range 10 {
				question.Go(func() { _ = s.send(p, lane{token: "a"}, 0) })
			}
			question.Wait()
			worst = max(worst, time.Since(asked))
			sum += time.Since(asked)
			n++
		}
		all.Wait()
		if mean := sum / time.Duration(n); worst > 20*time.Second || mean > 3*time.Second {
			t.Errorf("people waited %v at worst and %v in the mean behind the mirror", worst, mean)
		}
		if most := s.most(time.Minute); most > 180 {
			t.Errorf("%d requests arrived within a minute, budget 180", most)
		}
	})
}

// order runs requests that each hold the only slot for a moment, and returns
// in which order they got it.
func order(p *Pacer, lanes map[string]lane, names ...string) []string {
	var mu sync.Mutex
	var got []string
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			done, err := p.acquire(context.Background(), lanes[name[:1]], time.Hour)
			if err != nil {
				return
			}
			mu.Lock()
			got = append(got, name)
			mu.Unlock()
			done(true)
		})
		synctest.Wait() // queued in the order of names
	}
	all.Wait()
	return got
}

func TestPacerPeopleFirstThenInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lanes := map[string]lane{"p": {token: "a"}, "b": {token: "a", background: true}}
		got := order(NewPacer(PacerConfig{PerToken: 1}), lanes, "b1", "b2", "b3", "p1", "p2", "b4", "p3")
		want := []string{"b1", "p1", "p2", "p3", "b2", "b3", "b4"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPacerKeepsTokensApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: 2})
		start := time.Now()
		order(p, map[string]lane{"a": {token: "a"}, "b": {token: "b"}}, "a1", "a2", "b1", "b2")
		if took := time.Since(start); took != 0 {
			t.Errorf("two tokens took %v from each other", took)
		}
		order(p, map[string]lane{"a": {token: "a"}}, "a3")
		if took := time.Since(start); took != time.Minute {
			t.Errorf("a third request of a token went after %v", took)
		}
	})
}

func TestPacerWorkspaceBudgetIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: -1, PerWorkspace: 3, Window: 10 * time.Second})
		start := time.Now()
		lanes := map[string]lane{
			"a": {token: "a", workspace: "w"}, "b": {token: "b", workspace: "w"}, "c": {token: "c", workspace: "other"},
		}
		order(p, lanes, "a1", "b1", "b2", "c1")
		if took := time.Since(start); took != 0 {
			t.Errorf("within the budget took %v", took)
		}
		order(p, lanes, "a2")
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the fourth request of the workspace went after %v", took)
		}
	})
}

func TestPacerCancelLosesNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: 2, PerWorkspace: 1})
		l := lane{token: "a", workspace: "w"}
		first, err := p.acquire(t.Context(), l, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			_, err := p.acquire(ctx, l, time.Hour)
			failed <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		first(false) // nothing was sent, so the slot is free at once
		start := time.Now()
		for _, l := range []lane{l, {token: "a"}} { // both slots of the token, and that of the workspace
			done, err := p.acquire(t.Context(), l, time.Hour)
			if err != nil || time.Since(start) != 0 {
				t.Fatalf("a slot came back after %v, %v", time.Since(start), err)
			}
			defer done(true)
		}
	})
}

func TestPacerPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: -1})
		l := lane{token: "a"}
		start := time.Now()
		p.pause(l.hitBy(""), start.Add(90*time.Second), "why")
		p.pause(l.hitBy(""), start.Add(time.Second), "shorter")

		soon, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var paused *pace.PausedError
		if _, err := p.acquire(soon, l, time.Hour); !errors.As(err, &paused) || paused.Reason != "why" {
			t.Errorf("with too little time: %v", err)
		}
		if _, err := p.acquire(t.Context(), l, 89*time.Second); !errors.As(err, &paused) {
			t.Errorf("with a bound too small: %v", err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("giving up took %v", took)
		}
		if _, err := p.acquire(t.Context(), lane{token: "b"}, time.Hour); err != nil || time.Since(start) != 0 {
			t.Errorf("another token was paused too: %v", err)
		}
		if _, err := p.acquire(t.Context(), l, time.Hour); err != nil || time.Since(start) != 90*time.Second {
			t.Errorf("passed after %v, %v", time.Since(start), err)
		}
	})
}

// A pause that comes while somebody waits sends them away if it is too long
// for them.
func TestPacerPauseReachesThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: 1})
		l := lane{token: "a"}
		done, err := p.acquire(t.Context(), l, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		done(true)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		failed := make(chan error)
		go func() {
			_, err := p.acquire(ctx, l, time.Hour)
			failed <- err
		}()
		synctest.Wait()
		p.pause(l.hitBy(""), start.Add(10*time.Minute), "")
		var paused *pace.PausedError
		if err := <-failed; !errors.As(err, &paused) || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestPacerKeyIsNotTheSecret(t *testing.T) {
	t.Parallel()
	l := New("ntn_secret", Config{Workspace: "w"}).lane
	for _, name := range []string{l.token, l.hitBy(""), l.hitBy("public_api_space_request_rate_limit")} {
		if strings.Contains(name, "ntn_secret") {
			t.Errorf("the pacer keeps the token: %q", name)
		}
	}
}

// Those who use one workspace share its budget by turns, however much one of
// them has to do, and nobody else waits for them.
func TestPacerTokensOfAWorkspaceTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{PerToken: 1000, PerWorkspace: 60})
		var busy, calm, other line
		var all sync.WaitGroup
		mirror := func(s *line, l lane, n, workers int) {
			for range workers {
				all.Go(func() {
					for range n / workers {
						_ = s.send(p, l, 100*time.Millisecond)
					}
				})
			}
		}
		start := time.Now()
		mirror(&busy, lane{token: "busy", workspace: "w", background: true}, 600, 30)
		time.Sleep(time.Second) // it has a lead, and a long line
		mirror(&calm, lane{token: "calm", workspace: "w", background: true}, 60, 2)
		mirror(&other, lane{token: "other", workspace: "v", background: true}, 29, 1)
		all.Wait()
		within := func(s *line, d time.Duration) (n int) {
			for _, at := range s.arrivals {
				if at.Sub(start) < d {
					n++
				}
			}
			return n
		}
		if took := slices.MaxFunc(calm.arrivals, time.Time.Compare).Sub(start); took > 3*time.Minute {
			t.Errorf("60 requests of the calm one took %v beside the busy one: %d and %d in two minutes", took, within(&calm, 2*time.Minute), within(&busy, 2*time.Minute))
		}
		if took := slices.MaxFunc(other.arrivals, time.Time.Compare).Sub(start); took > 10*time.Second {
			t.Errorf("another workspace waited %v", took)
		}
		both := line{arrivals: append(busy.arrivals, calm.arrivals...)}
		if most := both.most(time.Minute); most > 60 {
			t.Errorf("%d requests of the workspace in a minute", most)
		}
	})
}
