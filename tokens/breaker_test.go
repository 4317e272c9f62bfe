package tokens_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// TestSlowBroker shows what a broker that no longer answers costs: its users
// wait for the deadline, then for nothing, and cached tokens stay good.
func TestSlowBroker(t *testing.T) {
	t.Parallel()
	for name, deaf := range map[string]bool{"looks at its context": false, "does not": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &scripted{}
				c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
				b.answers("ntn_1", nil)
				mustAsk(t, c, b, user(0), "ntn_1", 1)
				b.script(func(ctx context.Context, _ tokens.Connection) (tokens.Token, error) {
					if deaf {
						time.Sleep(time.Minute)
					}
					<-ctx.Done()
					return tokens.Token{}, ctx.Err()
				})
				start := time.Now()
				var wg sync.WaitGroup
				for i := 1; i <= 10; i++ {
					wg.Go(func() {
						_, err := c.Token(t.Context(), user(i))
						if !errors.Is(err, tokens.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("got %v, want ErrUnavailable, and not that one's own time is over", err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(start); took != 5*time.Second {
					t.Errorf("they waited %v, want 5s", took)
				}
				for i := range 20 {
					mustRefuse(t, c, b, user(100+i), tokens.ErrUnavailable, 0)
				}
				mustAsk(t, c, b, user(0), "ntn_1", 0)
				if took := time.Since(start); took != 5*time.Second {
					t.Errorf("the next ones waited %v", took-5*time.Second)
				}
				time.Sleep(time.Minute) // lets deaf ones end
			})
		})
	}
}

// TestRecovery walks through broken, probed in vain, probed, back.
func TestRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		b := &scripted{}
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{Log: slog.New(slog.NewTextHandler(&log, nil))})
		b.answers("", tokens.ErrUnavailable)
		for i := range 5 {
			mustRefuse(t, c, b, user(i), tokens.ErrUnavailable, 1)
		}
		mustRefuse(t, c, b, user(10), tokens.ErrUnavailable, 0)
		time.Sleep(10 * time.Second)
		mustRefuse(t, c, b, user(11), tokens.ErrUnavailable, 1) // the probe
		mustRefuse(t, c, b, user(12), tokens.ErrUnavailable, 0)
		time.Sleep(10 * time.Second)

		// While one probes, the others do not wait for it.
		b.script(func(context.Context, tokens.Connection) (tokens.Token, error) {
			time.Sleep(time.Second)
			return tokens.NewToken("ntn_1", time.Time{}), nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { mustAsk(t, c, b, user(13), "ntn_1", 1) })
		synctest.Wait()
		for i := range 10 {
			mustRefuse(t, c, b, user(20+i), tokens.ErrUnavailable, 0)
		}
		wg.Wait()
		mustAsk(t, c, b, user(20), "ntn_1", 1)
		if s := log.String(); strings.Count(s, "state=broken") != 1 || strings.Count(s, "state=back") != 1 || strings.Contains(s, "u13") {
			t.Errorf("the log is %s", s)
		}
	})
}

func TestWhatDoesNotBreak(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  func(i int) error
	}{
		{"refusals", func(int) error { return tokens.ErrNotConnected }},
		{"errors about one connection", func(int) error { return errors.New("422") }},
		{"a success now and then", func(i int) error {
			if i%5 == 0 {
				return nil
			}
			return tokens.ErrUnavailable
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &scripted{}
			c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
			for i := range 50 {
				b.answers("ntn_1", tt.err(i))
				c.Token(t.Context(), user(i))
				if n := b.count(user(i)); n != 1 {
					t.Fatalf("the broker was left alone after %d", i)
				}
			}
		})
	}
}

// TestOneBadConnection shows that one connection that the broker cannot handle
// does not cut off the others, however often it is asked for.
func TestOneBadConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{}
		b.script(func(_ context.Context, c tokens.Connection) (tokens.Token, error) {
			if c == user(1) {
				return tokens.Token{}, tokens.ErrUnavailable
			}
			return tokens.NewToken("ntn_1", time.Time{}), nil
		})
		c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
		for range 20 {
			mustRefuse(t, c, b, user(1), tokens.ErrUnavailable, 1)
			time.Sleep(4 * time.Second)
		}
		mustAsk(t, c, b, user(2), "ntn_1", 1)
	})
}

// bare is a broker behind something that passes on what every broker can do.
type bare struct{ tokens.Broker }

// complete is a broker that can do everything there is, also where it is wrapped.
type complete struct {
	scripted
	refreshed    func() (tokens.Token, error)
	disconnected []tokens.Connection
	err          error
}

func (c *complete) source() tokens.Source {
	return tokens.Source{Broker: bare{c}, Disconnecter: c, Lister: c, Refresher: c}
}

func (c *complete) Refresh(context.Context, tokens.Connection) (tokens.Token, error) {
	return c.refreshed()
}

func (c *complete) Disconnect(_ context.Context, conn tokens.Connection) error {
	c.disconnected = append(c.disconnected, conn)
	return c.err
}

func (c *complete) Connections(_ context.Context, s auth.Subject) ([]tokens.Listed, error) {
	return []tokens.Listed{{Connection: tokens.Connection{Subject: s, Handle: "a"}}}, c.err
}

func TestRefreshAfterRejection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &complete{}
		b.answers("ntn_old", nil)
		b.refreshed = func() (tokens.Token, error) { return tokens.NewToken("ntn_new", time.Time{}), nil }
		c := tokens.Cached(b.source(), tokens.CacheConfig{})
		mustAsk(t, c, &b.scripted, user(1), "ntn_old", 1)
		c.Invalidate(t.Context(), user(1), tokens.NewToken("ntn_old", time.Time{}))
		mustAsk(t, c, &b.scripted, user(1), "ntn_new", 0)

		b.refreshed = func() (tokens.Token, error) { return tokens.NewToken("ntn_new", time.Time{}), nil }
		c.Invalidate(t.Context(), user(1), tokens.NewToken("ntn_new", time.Time{}))
		mustRefuse(t, c, &b.scripted, user(1), tokens.ErrNeedsReauthorization, 0)
	})
}

func TestDisconnectThroughTheCache(t *testing.T) {
	t.Parallel()
	b := &complete{}
	b.answers("ntn_1", nil)
	c := tokens.Cached(b.source(), tokens.CacheConfig{})
	for _, fails := range []error{nil, errors.New("it did not work")} {
		mustAsk(t, c, &b.scripted, user(1), "ntn_1", 1)
		b.err = fails
		if err := c.Disconnect(t.Context(), user(1)); !errors.Is(err, fails) {
			t.Errorf("got %v, want %v", err, fails)
		}
	}
	mustAsk(t, c, &b.scripted, user(1), "ntn_1", 1)
	if len(b.disconnected) != 2 || b.disconnected[0] != user(1) {
		t.Errorf("disconnected %+v", b.disconnected)
	}
	if all, err := c.Connections(t.Context(), user(1).Subject); len(all) != 1 || err == nil {
		t.Errorf("got %+v, %v, want what the broker says", all, err)
	}
}

func TestSimpleBrokerBehindTheCache(t *testing.T) {
	t.Parallel()
	b := &scripted{}
	b.answers("ntn_1", nil)
	c := tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{})
	if err := c.Disconnect(t.Context(), user(1)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Disconnect: got %v, want ErrUnsupported", err)
	}
	if _, err := c.Connections(t.Context(), user(1).Subject); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Connections: got %v, want ErrUnsupported", err)
	}
	if link, err := c.ConnectURL(t.Context(), user(1)); link != "https://connect.example" || err != nil {
		t.Errorf("ConnectURL: got %q, %v", link, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Token(ctx, user(1)); !errors.Is(err, context.Canceled) || errors.Is(err, tokens.ErrUnavailable) {
		t.Errorf("Token of a cancelled caller: got %v, want Canceled alone", err)
	}
}
