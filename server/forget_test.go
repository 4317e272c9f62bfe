package server_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/server"
)

// mirror lets a member ask and waits until all of theirs is indexed.
func (c *crowd) mirror(m *member) {
	c.t.Helper()
	waitFor(c.t, "the mirror", func() bool {
		st, err := c.pool.Status(c.t.Context(), m.conn)
		return err == nil && st.Coverage.Ready()
	})
}

// left are the names in the data folder that belong to a member.
func (c *crowd) left(m *member) []string {
	all, err := filepath.Glob(filepath.Join(c.data, m.conn.Key()+"*"))
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

// Who does not come back is forgotten while the server runs: first their index
// is closed, and then it is deleted. Who asks is not.
func TestForgetsWhoDoesNotComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 2, server.PoolConfig{Poll: 20 * time.Millisecond, Idle: 50 * time.Millisecond, Forget: 600 * time.Millisecond})
		t.Cleanup(func() { _ = c.pool.Close() })
		gone, stays := c.people[0], c.people[1]
		c.share(gone, 1, true)
		c.share(stays, 2, true)
		c.mirror(gone)
		c.mirror(stays)
		read := c.notion.Counts()["GET /v1/blocks/{id}/children"]
		waitFor(t, "the end of an index", func() bool {
			c.mirror(stays)
			return len(c.left(gone)) == 0
		})
		if len(c.left(stays)) == 0 || c.notion.Counts()["GET /v1/blocks/{id}/children"] != read {
			t.Error("the index of one who asks is gone too, or was made again")
		}
		c.mirror(gone) // who comes back starts anew
		if len(c.left(gone)) == 0 {
			t.Error("no index after coming back")
		}
	})
}

// What an earlier process left is deleted too, though nobody has asked for it
// since.
func TestForgetsWhatAnEarlierProcessLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		forget time.Duration
		stays  bool
	}{
		{"after 30 days", 0, false},
		{"after a year", 365 * 24 * time.Hour, true},
		{"never", -1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, 2, server.PoolConfig{Poll: time.Hour})
				old, lately := c.people[0], c.people[1]
				for _, m := range c.people {
					c.share(m, 1, true)
					c.mirror(m)
				}
				if err := c.pool.Close(); err != nil {
					t.Fatal(err)
				}
				longAgo := time.Now().Add(-31 * 24 * time.Hour)
				if err := os.Chtimes(filepath.Join(c.data, old.conn.Key()+".used"), longAgo, longAgo); err != nil {
					t.Fatal(err)
				}
				foreign := filepath.Join(c.data, "notes.used")
				if err := os.WriteFile(foreign, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(foreign, longAgo, longAgo); err != nil {
					t.Fatal(err)
				}
				pool, err := server.OpenPool(server.PoolConfig{Data: c.data, Broker: memoryless{c.broker}, Forget: tt.forget})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = pool.Close() })
				time.Sleep(10 * time.Minute)
				if (len(c.left(old)) > 0) != tt.stays || len(c.left(lately)) < 2 {
					t.Errorf("left: %v of the old one, %v of the other", c.left(old), c.left(lately))
				}
				if _, err := os.Stat(foreign); err != nil {
					t.Errorf("a file that is not ours: %v", err)
				}
			})
		})
	}
}

// The date is that of the last question, not of what the mirror does.
func TestMirroringIsNoUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, server.PoolConfig{Poll: 10 * time.Millisecond, Idle: 20 * time.Millisecond})
		m := c.people[0]
		c.share(m, 1, true)
		c.mirror(m)
		asked, before := time.Now(), c.notion.Requests()
		waitFor(t, "polls", func() bool { return c.notion.Requests() > before+6 })
		if err := c.pool.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(c.data, m.conn.Key()+".used"))
		if err != nil || info.ModTime().After(asked) {
			t.Errorf("dated %v, asked %v: %v", info.ModTime(), asked, err)
		}
	})
}
