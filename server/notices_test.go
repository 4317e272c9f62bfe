package server_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// brokered is a crowd whose tokens are remembered for minutes and whose polls are
// an hour apart, so that nothing but notices says what becomes of grants.
func brokered(t *testing.T, n int) (*crowd, *bytes.Buffer) {
	t.Helper()
	var trail bytes.Buffer
	c := newCrowdVia(t, n, server.PoolConfig{Poll: time.Hour, Confirm: time.Hour, Audit: audit.New(&trail, nil)}, func(r *registry) tokens.Keeper {
		return wrapped{tokens.Cached(tokens.Source{Broker: r}, tokens.CacheConfig{Refusal: time.Millisecond})}
	})
	t.Cleanup(func() { _ = c.pool.Close() })
	for i, m := range c.people {
		c.share(m, i, true)
	}
	return c, &trail
}

func (c *crowd) noticed(o tokens.Outcome, m *member) {
	c.t.Helper()
	if err := c.pool.Noticed(tokens.Notice{Outcome: o, Connections: []tokens.Connection{m.conn}}); err != nil {
		c.t.Errorf("%s: %v", o, err)
	}
}

func TestEndOfAGrantPurgesAtOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*crowd, *member){
		"disconnected":    func(c *crowd, m *member) { c.broker.drop(m.conn) },
		"reauthorization": func(c *crowd, m *member) { c.broker.set(m.conn, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, trail := brokered(t, 2)
				gone, stays := c.people[0], c.people[1]
				c.mirror(gone)
				c.mirror(stays)
				end(c, gone)
				c.noticed(tokens.Ended, gone)
				waitFor(t, "the purge", func() bool { return c.folders() == 1 })
				c.noticed(tokens.Ended, gone) // twice
				time.Sleep(500 * time.Millisecond)
				if c.folders() != 1 || len(c.left(stays)) == 0 {
					t.Errorf("%d indexes, %q of whoever stays", c.folders(), c.left(stays))
				}
				if err := c.pool.Close(); err != nil {
					t.Fatal(err)
				}
				if n := strings.Count(trail.String(), `"action":"disconnect"`); n != 1 || strings.Contains(trail.String(), "user0") {
					t.Errorf("audit:\n%s", trail)
				}
			})
		})
	}
}

// An index that an earlier process left goes too.
func TestEndOfAGrantPurgesWhatIsNotOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := brokered(t, 1)
		m := c.people[0]
		c.mirror(m)
		if err := c.pool.Close(); err != nil {
			t.Fatal(err)
		}
		c.open()
		c.broker.drop(m.conn)
		c.noticed(tokens.Ended, m)
		waitFor(t, "the purge", func() bool { return c.folders() == 0 && len(c.left(m)) == 0 })
	})
}

// A notice that comes late, after the user has connected again, does no harm.
func TestLateNoticeOfAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, trail := brokered(t, 1)
		m := c.people[0]
		c.mirror(m)
		before := c.notion.Requests()
		c.noticed(tokens.Ended, m)
		c.noticed(tokens.Refused, m)
		time.Sleep(500 * time.Millisecond)
		if c.folders() != 1 || c.notion.Requests() != before || trail.Len() != 0 {
			t.Errorf("%d indexes, %d requests, audit %s", c.folders(), c.notion.Requests()-before, trail)
		}
		c.ask(m, rand.New(rand.NewPCG(1, 1)))
	})
}

// Who has just connected is mirrored before they ask, and the refusal that was
// remembered is forgotten.
func TestGrantBeginsTheMirror(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, trail := brokered(t, 2)
		m := c.people[0]
		c.noticed(tokens.Granted, m)
		waitFor(t, "the mirror", func() bool { return c.notion.Counts()["GET /v1/blocks/{id}/children"] > 0 })
		c.mirror(m)
		if len(c.left(c.people[1])) != 0 {
			t.Error("somebody else is mirrored")
		}
		// A token that was replaced is used at once.
		c.notion.Revoke(m.secret)
		m.secret = m.other()
		c.share(m, 5, true)
		c.broker.set(m.conn, m.secret)
		before := c.notion.Counts()["GET /v1/blocks/{id}/children"]
		c.noticed(tokens.Granted, m)
		waitFor(t, "the mirror of the new token", func() bool { return c.notion.Counts()["GET /v1/blocks/{id}/children"] > before })
		waitFor(t, "what the new token sees", func() bool { return c.sees(m, 5) && !c.sees(m, 0) })
		if err := c.pool.Close(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(trail.String(), `"action":"connect"`); n != 2 {
			t.Errorf("audit:\n%s", trail)
		}
	})
}

// sees says whether a member's search finds the word of a part.
func (c *crowd) sees(m *member, part int) bool {
	c.t.Helper()
	a, err := c.pool.Call(c.t.Context(), m.conn, "search_notion", []byte(`{"query":"common own word"}`))
	return err == nil && strings.Contains(a.Text, word(part))
}

// A grant that the broker knows nothing of makes nothing.
func TestGrantThatIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, trail := brokered(t, 1)
		m := c.people[0]
		c.broker.drop(m.conn)
		c.noticed(tokens.Granted, m)
		time.Sleep(500 * time.Millisecond)
		if len(c.left(m)) != 0 || c.notion.Requests() != 0 || trail.Len() != 0 {
			t.Errorf("%q, %d requests, audit %s", c.left(m), c.notion.Requests(), trail)
		}
	})
}

// Of a shared connection that no member has used since the start nobody can ask
// the broker, so its word is taken for its end and for nothing else.
func TestNoticeOfASharedConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := brokered(t, 1)
		m := c.people[0]
		shared, err := m.conn.Shared()
		if err != nil {
			t.Fatal(err)
		}
		c.broker.set(shared, m.secret)
		all := &member{conn: shared, secret: m.secret, shared: m.shared}
		c.noticed(tokens.Granted, all)
		time.Sleep(300 * time.Millisecond)
		if len(c.left(all)) != 0 {
			t.Error("an index is made for nobody")
		}
		ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: m.conn.Subject})
		if _, err := c.pool.Call(ctx, shared, "search_notion", []byte(`{"query":"common"}`)); err != nil {
			t.Fatal(err)
		}
		c.noticed(tokens.Ended, all) // which the broker denies
		time.Sleep(300 * time.Millisecond)
		if len(c.left(all)) == 0 {
			t.Error("the index went though the broker says that the grant stands")
		}
		if err := c.pool.Close(); err != nil {
			t.Fatal(err)
		}
		c.open()
		c.noticed(tokens.Granted, all)
		time.Sleep(300 * time.Millisecond)
		if len(c.left(all)) == 0 {
			t.Error("the index went though nobody said that the grant ended")
		}
		c.noticed(tokens.Ended, all)
		waitFor(t, "the purge", func() bool { return len(c.left(all)) == 0 })
	})
}

// Where the mirror of a shared connection runs for no member in particular, its
// end closes it too, so that the next member who connects it begins anew.
func TestEndOfASharedConnectionThatIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := brokered(t, 1)
		m := c.people[0]
		shared, err := m.conn.Shared()
		if err != nil {
			t.Fatal(err)
		}
		c.broker.set(shared, m.secret)
		all := &member{conn: shared, secret: m.secret, shared: m.shared}
		if _, err := c.pool.Status(t.Context(), shared); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the mirror", func() bool { return len(c.left(all)) > 0 })
		c.broker.drop(shared)
		c.noticed(tokens.Ended, all)
		waitFor(t, "the purge", func() bool { return len(c.left(all)) == 0 })
		c.broker.set(shared, m.secret)
		ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: m.conn.Subject})
		var a tools.Answer
		waitFor(t, "an answer after connecting again", func() bool {
			a, err = c.pool.Call(ctx, shared, tools.SearchNotion, []byte(`{"query":"common"}`))
			return err == nil && !a.IsError
		})
	})
}

// Where too much waits, the broker is told to come again; nothing is refused
// before.
func TestTooManyNotices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowdVia(t, 1, server.PoolConfig{Poll: time.Hour}, func(r *registry) tokens.Keeper { return memoryless{stuck{r}} })
		t.Cleanup(func() { _ = c.pool.Close() })
		n := tokens.Notice{Outcome: tokens.Ended, Connections: []tokens.Connection{{Subject: auth.Subject{Issuer: "i", User: "u"}, Handle: "my-notion"}}}
		for i := range 10_000 {
			if err := c.pool.Noticed(n); err != nil {
				if !errors.Is(err, webhook.ErrBusy) || i < 4000 {
					t.Errorf("notice %d: %v", i, err)
				}
				return
			}
		}
		t.Error("everything was taken")
	})
}

// stuck is a broker that does not answer.
type stuck struct{ *registry }

func (stuck) Token(ctx context.Context, _ tokens.Connection) (tokens.Token, error) {
	<-ctx.Done()
	return tokens.Token{}, ctx.Err()
}
