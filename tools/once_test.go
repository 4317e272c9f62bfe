package tools

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/emulator"
)

// cutter breaks the connection of every write that it is told to.
type cutter struct {
	http.Handler
	route string
	at    atomic.Value // "", "before", "during" or "after"
	met   atomic.Int64
}

func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, _ := c.at.Load().(string)
	if at == "" || r.Method != http.MethodPost || r.URL.Path != c.route || !c.at.CompareAndSwap(at, "") {
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

// through puts a cutter between the tools and Notion.
func (w *world) through(route string) *cutter {
	c := &cutter{Handler: readFirst(w.notion), route: route}
	srv := httptest.NewServer(c)
	w.t.Cleanup(srv.Close)
	w.client = notion.New(tested, notion.Config{BaseURL: srv.URL, Pacer: notion.NewPacer(notion.PacerConfig{PerToken: -1})})
	return c
}

const cuts = 200

// The connection is cut before, during and after a write, 200 times each. What
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

func (w *world) commentsByText() map[string]int {
	n := map[string]int{}
	for cursor, more := "", true; more; {
		l, err := w.owner.Comments(w.t.Context(), w.page("Team").ID, cursor)
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

func (w *world) rowsByTitle() map[string]int {
	n := map[string]int{}
	for got, err := range w.owner.AllRows(w.t.Context(), w.page("Log").ID, notion.QueryRequest{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range got.Pages {
			n[p.Title()]++
		}
	}
	return n
}
