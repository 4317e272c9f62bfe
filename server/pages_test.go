package server_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// A page may do what an assistant may, for the person who has signed in, and
// nothing that writes.
func TestPagesCallForTheirPersonAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 2, server.PoolConfig{})
		me, other := c.people[0], c.people[1]
		c.share(me, 0, true)
		c.share(other, 1, true)
		pages := server.NewPages(c.pool, server.Limits{AtOnce: 1, PerMinute: 20})
		mine := tokens.WithCaller(t.Context(), tokens.Caller{Subject: me.conn.Subject})
		query := []byte(`{"query":"common own word zebra"}`)
		a, err := pages.Call(mine, me.conn, tools.SearchNotion, query)
		if err != nil || a.IsError || !strings.Contains(string(a.Structured), word(0)) {
			t.Errorf("%s %v", a.Text, err)
		}
		for name, call := range map[string]func() (tools.Answer, error){
			"another's connection": func() (tools.Answer, error) { return pages.Call(mine, other.conn, tools.SearchNotion, query) },
			"nobody":               func() (tools.Answer, error) { return pages.Call(t.Context(), me.conn, tools.SearchNotion, query) },
			"a comment": func() (tools.Answer, error) {
				return pages.Call(mine, me.conn, tools.AppendComment, []byte(`{"page":"x","text":"y"}`))
			},
		} {
			if a, err := call(); err == nil || strings.Contains(a.Text+string(a.Structured), "quagga") {
				t.Errorf("%s: %s %v", name, a.Text, err)
			}
		}
		refused := 0
		for range 20 {
			if a, err := pages.Call(mine, me.conn, tools.Status, nil); err == nil && a.IsError && strings.Contains(a.Text, "too much at once") {
				refused++
			}
		}
		if refused == 0 {
			t.Error("a page may ask without end")
		}
		if pages.Enter(me.conn.Subject) == nil || pages.Enter(me.conn.Subject) != nil || pages.Enter(other.conn.Subject) == nil {
			t.Error("of a browser's requests, one may be under way for each person")
		}
		c.broker.drop(me.conn)
		theirs := tokens.WithCaller(t.Context(), tokens.Caller{Subject: other.conn.Subject})
		if a, err := pages.Call(theirs, other.conn, tools.Status, nil); err != nil || a.IsError {
			t.Errorf("one's limit is the other's: %s %v", a.Text, err)
		}
	})
}

// withBearer is a broker that asks for the caller's own token, as token exchange
// does, and counts who comes without one.
type withBearer struct {
	*registry
	asked, without atomic.Int64
}

func (b *withBearer) Token(ctx context.Context, conn tokens.Connection) (tokens.Token, error) {
	b.asked.Add(1)
	if who, ok := tokens.CallerFor(ctx, conn); !ok || who.Bearer.Reveal() == "" {
		b.without.Add(1)
		return tokens.Token{}, errors.New("no token of the caller")
	}
	return b.registry.Token(ctx, conn)
}

// A look at the page takes nothing from the mirror, which goes on with the token
// that the person's assistant has come with.
func TestPagesLeaveTheMirrorItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b *withBearer
		c := newCrowdVia(t, 1, server.PoolConfig{Poll: 100 * time.Millisecond}, func(r *registry) tokens.Keeper {
			b = &withBearer{registry: r}
			return tokens.Cached(tokens.Source{Broker: b}, tokens.CacheConfig{Life: 2 * time.Second, Refusal: time.Millisecond})
		})
		t.Cleanup(func() { _ = c.pool.Close() })
		m := c.people[0]
		c.share(m, 0, true)
		who := tokens.Caller{Subject: m.conn.Subject}
		pages := server.NewPages(c.pool, server.Limits{})
		for range 3 {
			who.Bearer = tokens.NewToken("of the assistant", time.Now().Add(time.Minute))
			if _, err := c.pool.Call(tokens.WithCaller(t.Context(), who), m.conn, tools.Status, nil); err != nil {
				t.Fatal(err)
			}
			who.Bearer = tokens.Token{}
			if _, err := pages.Call(tokens.WithCaller(t.Context(), who), m.conn, tools.Status, nil); err != nil {
				t.Fatal(err)
			}
			before := b.asked.Load()
			waitFor(t, "the mirror's next token", func() bool { return b.asked.Load() > before+1 })
		}
		if n := b.without.Load(); n != 0 {
			t.Errorf("the broker was asked %d times without the caller's token", n)
		}
	})
}

// Who has disconnected is not mirrored again, though a pass was due or under
// way, until they ask.
func TestPurgedIsNotMirroredAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, server.PoolConfig{Poll: 5 * time.Millisecond})
		m := c.people[0]
		c.share(m, 0, true)
		c.mirror(m)
		if len(c.left(m)) == 0 {
			t.Fatal("nothing was mirrored")
		}
		for range 5 {
			if err := c.pool.Purge(t.Context(), m.conn); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second) // of several polls
			if left := c.left(m); len(left) != 0 {
				t.Fatalf("left or made again: %v", left)
			}
			if _, err := c.pool.Call(t.Context(), m.conn, tools.Status, nil); err != nil {
				t.Fatal(err)
			}
			c.mirror(m)
		}
		c.broker.drop(m.conn)
		if _, err := c.pool.Call(t.Context(), m.conn, tools.Status, nil); !errors.Is(err, tokens.ErrNotConnected) {
			t.Errorf("%v", err)
		}
	})
}

// Who disconnects while their pages are being read, and connects again, does
// not wait for the pass that was ended.
func TestDisconnectedDuringAPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, server.PoolConfig{Poll: 250 * time.Millisecond})
		m := c.people[0]
		for i := range parts {
			c.share(m, i, true)
		}
		for range 3 {
			c.mirror(m)
			c.notion.Inject(emulator.Fault{Delay: 150 * time.Millisecond})
			before := c.notion.Requests()
			waitFor(t, "a pass", func() bool { return c.notion.Requests() > before })
			if err := c.pool.Purge(t.Context(), m.conn); err != nil {
				t.Fatal(err)
			}
			c.notion.ClearFaults()
			time.Sleep(time.Second) // until the pass has noticed, and others could begin
			if left := c.left(m); len(left) != 0 {
				t.Errorf("left or made again: %v", left)
			}
			if _, err := c.pool.Call(t.Context(), m.conn, tools.Status, nil); err != nil {
				t.Fatal(err)
			}
		}
		c.mirror(m)
	})
}

// Who connects again is mirrored at once, and not when the next pass of a
// connection that was gone would be due.
func TestMirroredAtOnceAfterReconnecting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowdVia(t, 1, server.PoolConfig{Poll: 2 * time.Second}, func(r *registry) tokens.Keeper {
			return tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{Refusal: time.Millisecond})
		})
		m := c.people[0]
		c.share(m, 0, true)
		c.mirror(m)
		c.broker.drop(m.conn)
		waitFor(t, "the end of the index", func() bool { return len(c.left(m)) == 0 })
		time.Sleep(50 * time.Millisecond) // of the pass that has found out
		c.broker.set(m.conn, m.secret)
		again := time.Now()
		waitFor(t, "the mirror", func() bool {
			_, err := c.pool.Call(t.Context(), m.conn, tools.Status, nil)
			st, serr := c.pool.Status(t.Context(), m.conn)
			return err == nil && serr == nil && st.Coverage.Ready()
		})
		if took := time.Since(again); took >= time.Second {
			t.Errorf("the mirror began after %v", took)
		}
	})
}

// The index of somebody who has disconnected elsewhere goes with the next poll,
// also when it is closed because they have not asked for a while.
func TestClosedIndexGoesToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowdVia(t, 1, server.PoolConfig{Poll: 300 * time.Millisecond, Idle: time.Millisecond}, func(r *registry) tokens.Keeper {
			return tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{})
		})
		m := c.people[0]
		c.share(m, 0, true)
		c.mirror(m)
		time.Sleep(50 * time.Millisecond) // until it is closed
		c.broker.drop(m.conn)
		waitFor(t, "the end of the index", func() bool { return len(c.left(m)) == 0 })
	})
}
