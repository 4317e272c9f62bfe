package server_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/mcp-notion/mcp-notion/emulator/hook"
	"github.com/mcp-notion/mcp-notion/server"
)

// nested hangs two pages below part 0, one below the other, and waits until all
// find them.
func (c *crowd) nested() {
	c.t.Helper()
	for i, path := range []string{"part0/below.md", "part0/below/deep.md"} {
		if err := c.notion.AddPage(path, fmt.Sprintf("# Nested\n\nNow it says %s.\n", nestedWords[i+1])); err != nil {
			c.t.Fatal(err)
		}
	}
	c.edit(0, "quokka")
	for _, m := range c.people {
		waitFor(c.t, "what is nested", func() bool { return c.seesAll(m) })
	}
}

var nestedWords = []string{"quokka", "walrus", "narwhal"}

func (c *crowd) seesAll(m *member) bool {
	for _, word := range nestedWords {
		if !c.finds(m, word) {
			return false
		}
	}
	return true
}

func (c *crowd) seesNone(m *member) bool {
	for _, word := range nestedWords {
		if c.finds(m, word) {
			return false
		}
	}
	return true
}

// Notion tells of an unshare, and names the page alone: what hangs below it goes
// too, from the index of whoever has lost it and from nobody else's. A page
// counts as seen for an hour here, and the poll is as far away.
func TestUnshareTakesAwayWhatHangsBelow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := hooked(t, 3, server.PoolConfig{})
		c.nested()
		m := c.people[0]
		c.share(m, 0, false)
		waitFor(t, "the end of the page and of what hangs below it", func() bool {
			st, err := c.pool.Status(t.Context(), m.conn)
			return err == nil && st.Coverage.Known == 1
		})
		if !c.seesNone(m) {
			t.Error("what was unshared is found")
		}
		for _, other := range c.people[1:] {
			if !c.seesAll(other) {
				t.Error("it is gone for one who still has it")
			}
		}
		c.share(m, 0, true)
		waitFor(t, "all of it, once it is shared again", func() bool { return c.seesAll(m) })
	})
}

// Whoever loses a page because it was moved loses what hangs below it.
func TestMoveTakesAwayWhatHangsBelow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := hooked(t, 2, server.PoolConfig{})
		c.nested()
		m, other := c.people[0], c.people[1]
		if err := c.notion.Move("part0/below.md", "part2.md"); err != nil { // which only the other has
			t.Fatal(err)
		}
		waitFor(t, "the end of what was moved away", func() bool { return !c.finds(m, "walrus") && !c.finds(m, "narwhal") })
		if !c.finds(m, "quokka") || !c.seesAll(other) {
			t.Error("more is gone than was moved away")
		}
	})
}

// With more changes than are kept, nothing is quoted unasked of what one of them
// says is not shared any more: not even before anybody has looked.
func TestUnshareAmongTooManyChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, p := hooked(t, 1, server.PoolConfig{})
		c.nested()
		c.quiet()
		p.mu.Lock()
		p.keep, p.kept = true, nil
		p.mu.Unlock()
		m := c.people[0]
		c.share(m, 0, false)
		letter := p.letters(1)[0]
		if !c.seesAll(m) {
			t.Fatal("it is gone before anything tells of it")
		}
		deliver := func(body []byte) {
			if status := p.deliver(body, hook.Sign(hookSecret, body)); status != 200 {
				t.Fatalf("%d", status)
			}
		}
		for i := range 150 {
			if i == 50 || i == 120 {
				deliver(altered(t, letter, map[string]any{"id": fmt.Sprint("the unshare ", i)}))
			}
			id := fmt.Sprintf("13950b26-c203-4f3b-b97d-93ec0631%04d", i)
			deliver(altered(t, letter, map[string]any{
				"id": "event " + id, "type": "page.content_updated", "accessible_by": []any{}, "entity": map[string]any{"id": id, "type": "page"},
			}))
		}
		if !c.seesNone(m) {
			t.Error("what was unshared is found")
		}
		waitFor(t, "the end of the pages", func() bool {
			st, err := c.pool.Status(t.Context(), m.conn)
			return err == nil && st.Coverage.Known == 1
		})
	})
}
