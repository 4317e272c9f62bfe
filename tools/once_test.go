package tools

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
)

// cutter breaks the connection of every write that it is told to; of those to
// any route if it has none.
type cutter struct {
	http.Handler
	route string
	at    atomic.Value // "", "before", "during" or "after"
	met   atomic.Int64
}

func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, _ := c.at.Load().(string)
	if at == "" || r.Method != http.MethodPost || !c.writes(r.URL.Path) || !c.at.CompareAndSwap(at, "") {
		c.Handler.ServeHTTP(w, r)
		return
	}
	c.met.Add(1)
	if at == "before" {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	c.Handler.ServeHTTP(answer, r)
	if at == "during" {
		whole := answer.Body.Bytes()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		_, _ = w.Write(whole[:len(whole)/2])
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler)
}

func (c *cutter) writes(path string) bool {
	return path == c.route || c.route == "" && (path == commentRoute || path == "/v1/pages")
}

// through puts a cutter between the tools and Notion.
func (w *world) through(route string) *cutter {
	c := &cutter{Handler: readFirst(w.notion), route: route}
	srv := httptest.NewServer(c)
	w.t.Cleanup(srv.Close)
	w.client = notion.New(tested, notion.Config{BaseURL: srv.URL, Pacer: notion.NewPacer(notion.PacerConfig{PerToken: -1})})
	return c
}

const cuts = 20 // many more in package writing, which does this work

// The connection is cut before, during and after a write. What
// was acknowledged is there, nothing is there twice, and calling again, as the
// answer says, ends with exactly one.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	for _, write := range []struct {
		tool, route string
		name        string
		args        func(name string, i int) map[string]any
		there       func(w *world) map[string]int
	}{
		{AppendComment, "/v1/comments", "comment",
			func(name string, _ int) map[string]any { return map[string]any{"page": "", "text": name} }, (*world).commentsByText},
		{CreatePage, "/v1/pages", "row",
			func(name string, i int) map[string]any {
				return map[string]any{"parent": "Log", "title": name, "properties": map[string]any{"Amount": i}}
			}, (*world).rowsByTitle},
	} {
		for _, at := range []string{"before", "during", "after"} {
			t.Run(write.tool+" cut "+at, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, office(), func(_ *emulator.Token, c *Config) { c.LookPause = 1 }).sync()
				c := w.through(write.route)
				acknowledged := 0
				for i := range cuts {
					args := write.args(fmt.Sprint(write.name, i), i)
					if _, ok := args["page"]; ok {
						args["page"] = w.page("Team").URL
					}
					c.at.Store(at)
					first := w.call(write.tool, args)
					if !first.IsError {
						acknowledged++
					} else if !strings.Contains(first.Text, "again") {
						t.Fatalf("no next step: %s", first.Text)
					}
					if again := w.call(write.tool, args); again.IsError {
						t.Fatalf("called again: %s", again.Text)
					}
				}
				if c.met.Load() != cuts {
					t.Errorf("%d connections were cut, want %d", c.met.Load(), cuts)
				}
				t.Logf("%d of %d calls were acknowledged at once", acknowledged, cuts)
				if at != "before" && acknowledged != cuts {
					t.Errorf("%d writes were done and not found", cuts-acknowledged)
				}
				got := write.there(w)
				for i := range cuts {
					if n := got[fmt.Sprint(write.name, i)]; n != 1 {
						t.Errorf("write %d is there %d times", i, n)
					}
				}
			})
		}
	}
}

func (w *world) commentsByText() map[string]int { return w.commentTexts(w.page("Team").ID) }

func (w *world) rowsByTitle() map[string]int { return w.rowTitles(w.page("Log").ID) }

// commentTexts counts the comments of a page by their texts.
func (w *world) commentTexts(page notion.ID) map[string]int {
	n := map[string]int{}
	for cursor, more := "", true; more; {
		l, err := w.owner.Comments(w.t.Context(), page, cursor)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range l.Comments {
			n[notion.PlainText(c.RichText)]++
		}
		cursor, more = l.NextCursor, l.HasMore
	}
	return n
}

// rowTitles counts the rows of a table by their titles.
func (w *world) rowTitles(table notion.ID) map[string]int {
	n := map[string]int{}
	for got, err := range w.owner.AllRows(w.t.Context(), table, notion.QueryRequest{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range got.Pages {
			n[p.Title()]++
		}
	}
	return n
}

// The same for writes that are made later, by themselves: whatever is cut, in
// the end each is there once.
func TestKeptExactlyOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"before", "during", "after"} {
		t.Run("cut "+at, func(t *testing.T) {
			t.Parallel()
			k := newKept(t, func(_ *emulator.Token, c *Config) { c.LookPause = 1 })
			team, log := k.page("Team").ID, k.page("Log").ID
			c := k.through("")
			for i := range cuts {
				c.at.Store(at)
				kept, err := k.box.Keep(toKeep(t, fmt.Sprint("write ", i), i%2 == 1, team, log))
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					k.deliver()
					k.pass(2 * time.Minute)
				}
				if i, err := k.box.Item(kept.ID); err != nil || i.State != outbox.Done {
					t.Fatalf("%+v, %v", i, err)
				}
			}
			if c.met.Load() != cuts {
				t.Errorf("%d connections were cut, want %d", c.met.Load(), cuts)
			}
			got := k.commentTexts(team)
			maps.Copy(got, k.rowTitles(log))
			for i := range cuts {
				if n := got[fmt.Sprint("write ", i)]; n != 1 {
					t.Errorf("write %d is there %d times", i, n)
				}
			}
		})
	}
}
