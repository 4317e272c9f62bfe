package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// scripted is a broker that does what a test says, and counts.
type scripted struct {
	mu    sync.Mutex
	do    func(ctx context.Context, c tokens.Connection) (tokens.Token, error)
	asked map[tokens.Connection]int
}

func (s *scripted) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[tokens.Connection]int{}
	}
	s.asked[c]++
	do := s.do
	s.mu.Unlock()
	return do(ctx, c)
}

func (s *scripted) ConnectURL(context.Context, tokens.Connection) (string, error) {
	return "https://connect.example", nil
}

func (s *scripted) answers(secret string, err error) {
	s.ends(secret, time.Time{}, err)
}

func (s *scripted) ends(secret string, end time.Time, err error) {
	s.script(func(context.Context, tokens.Connection) (tokens.Token, error) {
		return tokens.NewToken(secret, end), err
	})
}

func (s *scripted) script(do func(context.Context, tokens.Connection) (tokens.Token, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.do = do
}

// count is how often a connection was asked for since the last count.
func (s *scripted) count(c tokens.Connection) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.asked[c]
	delete(s.asked, c)
	return n
}

func user(i int) tokens.Connection {
	return tokens.Connection{Subject: auth.Subject{Issuer: "i", Organization: "o", User: fmt.Sprint("u", i)}, Handle: "my-notion"}
}

// mustAsk asks once, and looks at the answer and at whether the broker was asked.
func mustAsk(t *testing.T, c *tokens.Cache, b *scripted, conn tokens.Connection, want string, asked int) {
	t.Helper()
	tok, err := c.Token(t.Context(), conn)
	if tok.Reveal() != want || err != nil {
		t.Errorf("got %q, %v, want %q", tok.Reveal(), err, want)
	}
	if n := b.count(conn); n != asked {
		t.Errorf("the broker was asked %d times, want %d", n, asked)
	}
}

func mustRefuse(t *testing.T, c *tokens.Cache, b *scripted, conn tokens.Connection, want error, asked int) {
	t.Helper()
	tok, err := c.Token(t.Context(), conn)
	if tok.Reveal() != "" || !errors.Is(err, want) {
		t.Errorf("got %q, %v, want %v", tok.Reveal(), err, want)
	}
	if n := b.count(conn); n != asked {
		t.Errorf("the broker was asked %d times, want %d", n, asked)
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ends time.Duration // from now; 0 for unknown
		life time.Duration
	}{
		{"unknown end", 0, 5 * time.Minute},
		{"soon", 10 * time.Minute, 9 * time.Minute},
		{"late", 8 * time.Hour, 15 * time.Minute},
		{"within the margin", 30 * time.Second, 3 * time.Second},
		{"at once", time.Second, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &scripted{}
				c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
				var end time.Time
				if tt.ends != 0 {
					end = time.Now().Add(tt.ends)
				}
				b.ends("ntn_1", end, nil)
				mustAsk(t, c, b, user(1), "ntn_1", 1)
				time.Sleep(tt.life - 1)
				mustAsk(t, c, b, user(1), "ntn_1", 0)
				b.answers("ntn_2", nil)
				time.Sleep(time.Nanosecond)
				mustAsk(t, c, b, user(1), "ntn_2", 1)
			})
		})
	}
}

func TestUselessTokens(t *testing.T) {
	t.Parallel()
	for name, tok := range map[string]tokens.Token{
		"ended": tokens.NewToken("ntn_1", time.Now()),
		"empty": tokens.NewToken("", time.Time{}),
		"zero":  {},
	} {
		b := &scripted{}
		b.script(func(context.Context, tokens.Connection) (tokens.Token, error) { return tok, nil })
		got, err := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{}).Token(t.Context(), user(1))
		if got.Reveal() != "" || err == nil || errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization) {
			t.Errorf("%s: got %q, %v, want an error that is no normal answer", name, got.Reveal(), err)
		}
	}
}

func TestOneFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		b.script(func(_ context.Context, c tokens.Connection) (tokens.Token, error) {
			time.Sleep(time.Second)
			return tokens.NewToken("ntn_"+c.Subject.User, time.Time{}), nil
		})
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		var wg sync.WaitGroup
		start := time.Now()
		for i := range 100 {
			wg.Go(func() {
				who := user(i % 2)
				if tok, err := c.Token(t.Context(), who); tok.Reveal() != "ntn_"+who.Subject.User || err != nil {
					t.Errorf("got %q, %v", tok.Reveal(), err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v, want 1s", took)
		}
		for i := range 2 {
			if n := b.count(user(i)); n != 1 {
				t.Errorf("the broker was asked %d times for %d, want 1", n, i)
			}
		}
	})
}

// TestOneGoesTheOthersStay shows that the caller who gives up ends their own
// wait alone.
func TestOneGoesTheOthersStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		b.script(func(ctx context.Context, _ tokens.Connection) (tokens.Token, error) {
			select {
			case <-time.After(2 * time.Second):
				return tokens.NewToken("ntn_1", time.Time{}), nil
			case <-ctx.Done():
				return tokens.Token{}, ctx.Err()
			}
		})
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.Token(hasty, user(1)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("hasty: got %v, want DeadlineExceeded", err)
			}
		})
		synctest.Wait()
		mustAsk(t, c, b, user(1), "ntn_1", 1)
		wg.Wait()
		cancel()
		if _, err := c.Token(hasty, user(1)); err == nil {
			t.Error("a context that has ended gets a token")
		}
	})
}

func TestRefusalsAreRemembered(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{tokens.ErrNotConnected, tokens.ErrNeedsReauthorization, errors.New("403"), tokens.ErrUnavailable} {
		t.Run(refusal.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &scripted{}
				c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
				b.answers("", refusal)
				mustRefuse(t, c, b, user(1), refusal, 1)
				b.answers("ntn_1", nil)
				time.Sleep(3*time.Second - 1)
				mustRefuse(t, c, b, user(1), refusal, 0)
				mustAsk(t, c, b, user(2), "ntn_1", 1)
				time.Sleep(time.Nanosecond)
				mustAsk(t, c, b, user(1), "ntn_1", 1)
			})
		})
	}
}

func TestInvalidate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		b.answers("ntn_1", nil)
		mustAsk(t, c, b, user(1), "ntn_1", 1)
		old, _ := c.Token(t.Context(), user(1))

		// The broker has a new one.
		b.answers("ntn_2", nil)
		c.Invalidate(t.Context(), user(1), old)
		mustAsk(t, c, b, user(1), "ntn_2", 1)
		c.Invalidate(t.Context(), user(1), old)
		c.Invalidate(t.Context(), user(1), tokens.NewToken("ntn_0", time.Time{}))
		mustAsk(t, c, b, user(1), "ntn_2", 0) // late news of older ones changes nothing

		// The broker has the same one.
		current, _ := c.Token(t.Context(), user(1))
		for range 10 {
			c.Invalidate(t.Context(), user(1), current)
		}
		mustRefuse(t, c, b, user(1), tokens.ErrNeedsReauthorization, 1)
		c.Invalidate(t.Context(), user(1), current)
		time.Sleep(30*time.Second - 1)
		mustRefuse(t, c, b, user(1), tokens.ErrNeedsReauthorization, 0)

		// Somebody else's token of the same name is another one.
		mustAsk(t, c, b, user(2), "ntn_2", 1)

		// After a while it is worth another try.
		time.Sleep(time.Nanosecond)
		b.answers("ntn_3", nil)
		mustAsk(t, c, b, user(1), "ntn_3", 1)
		c.Invalidate(t.Context(), user(1), tokens.Token{})
		mustAsk(t, c, b, user(1), "ntn_3", 0)
	})
}

// A disconnect is noticed by asking, and an outage of the broker is no
// disconnect.
func TestCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		check := func(conn tokens.Connection, want error, asked int) {
			t.Helper()
			if err := c.Check(t.Context(), conn); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("check: %v, want %v", err, want)
			}
			if n := b.count(conn); n != asked {
				t.Errorf("the broker was asked %d times, want %d", n, asked)
			}
		}
		b.answers("ntn_1", nil)
		check(user(1), nil, 1) // nothing is held yet
		mustAsk(t, c, b, user(1), "ntn_1", 0)
		b.answers("ntn_2", nil)
		check(user(1), nil, 1)
		mustAsk(t, c, b, user(1), "ntn_2", 0)
		for _, err := range []error{tokens.ErrUnavailable, errors.New("something else")} {
			b.answers("", err)
			check(user(1), nil, 1)
			mustAsk(t, c, b, user(1), "ntn_2", 0)
		}
		b.script(func(context.Context, tokens.Connection) (tokens.Token, error) {
			time.Sleep(time.Minute) // longer than anybody waits for a broker
			return tokens.NewToken("ntn_late", time.Time{}), nil
		})
		go c.Check(t.Context(), user(1))
		synctest.Wait()
		mustAsk(t, c, b, user(1), "ntn_2", 1) // nobody waits for the question
		time.Sleep(time.Minute)
		mustAsk(t, c, b, user(1), "ntn_2", 0)
		for _, gone := range []error{tokens.ErrNotConnected, tokens.ErrNeedsReauthorization} {
			b.answers("", gone)
			check(user(1), gone, 1)
			mustRefuse(t, c, b, user(1), gone, 0)
			check(user(1), gone, 0) // remembered, as all refusals are
			time.Sleep(3 * time.Second)
			b.answers("ntn_3", nil)
			mustAsk(t, c, b, user(1), "ntn_3", 1)
		}
		time.Sleep(5 * time.Minute) // the life of the token
		b.answers("", tokens.ErrUnavailable)
		check(user(1), nil, 1)
		mustRefuse(t, c, b, user(1), tokens.ErrUnavailable, 0)
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		b.answers("ntn_1", nil)
		mustAsk(t, c, b, user(1), "ntn_1", 1)
		mustAsk(t, c, b, user(2), "ntn_1", 1)
		c.Forget(user(1))
		b.answers("", tokens.ErrNotConnected)
		mustRefuse(t, c, b, user(1), tokens.ErrNotConnected, 1)
		b.answers("ntn_2", nil)
		c.Forget(user(1)) // connected again: no need to wait
		mustAsk(t, c, b, user(1), "ntn_2", 1)
		mustAsk(t, c, b, user(2), "ntn_1", 0)
	})
}

// TestForgetWhileUnderWay shows that an answer from before is not kept.
func TestForgetWhileUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		b.script(func(context.Context, tokens.Connection) (tokens.Token, error) {
			time.Sleep(time.Second)
			return tokens.NewToken("ntn_old", time.Time{}), nil
		})
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		var wg sync.WaitGroup
		wg.Go(func() { c.Token(t.Context(), user(1)) })
		synctest.Wait()
		c.Forget(user(1))
		b.answers("", tokens.ErrNotConnected)
		wg.Wait()
		mustRefuse(t, c, b, user(1), tokens.ErrNotConnected, 2)
	})
}

func TestMembersAskEachOnTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared, err := user(1).Shared()
		if err != nil {
			t.Fatal(err)
		}
		b := &scripted{}
		b.script(func(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
			who, ok := tokens.CallerFor(ctx, c)
			if !ok || who.Subject.User == "u2" {
				return tokens.Token{}, errors.New("not a member")
			}
			return tokens.NewToken("ntn_shared", time.Time{}), nil
		})
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		ask := func(i int) string {
			tok, _ := c.Token(tokens.WithCaller(t.Context(), tokens.Caller{Subject: user(i).Subject}), shared)
			return tok.Reveal()
		}
		for range 2 {
			if got := []string{ask(1), ask(2), ask(3)}; got[0] != "ntn_shared" || got[1] != "" || got[2] != "ntn_shared" {
				t.Errorf("got %q, want it for the first and the last", got)
			}
		}
		if n := b.count(shared); n != 3 {
			t.Errorf("the broker was asked %d times, want 3", n)
		}
		if tok, err := c.Token(t.Context(), shared); err == nil {
			t.Errorf("nobody got %q", tok.Reveal())
		}
		c.Forget(shared)
		ask(1)
		ask(3)
		if n := b.count(shared); n != 3 {
			t.Errorf("after Forget the broker was asked %d times, want 3 with nobody's", n)
		}
	})
}

func TestPanics(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	b := &scripted{}
	b.script(func(context.Context, tokens.Connection) (tokens.Token, error) { panic("ntn_secret") })
	c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{Log: slog.New(slog.NewTextHandler(&log, nil))})
	tok, err := c.Token(t.Context(), user(1))
	if tok.Reveal() != "" || err == nil || strings.Contains(err.Error(), "ntn_secret") {
		t.Errorf("got %q, %v, want an error that hides what was thrown", tok.Reveal(), err)
	}
	if s := log.String(); !strings.Contains(s, "panicked") || strings.Contains(s, "ntn_secret") {
		t.Errorf("the log is %q", s)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	b := &scripted{}
	b.answers("ntn_1", nil)
	c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{Max: 10})
	for i := range 100 {
		mustAsk(t, c, b, user(i), "ntn_1", 1)
		mustAsk(t, c, b, user(0), "ntn_1", 0) // used all the time
		c.Invalidate(t.Context(), user(1000+i), tokens.NewToken("ntn_x", time.Time{}))
	}
	mustAsk(t, c, b, user(99), "ntn_1", 0)
	mustAsk(t, c, b, user(50), "ntn_1", 1)
}
