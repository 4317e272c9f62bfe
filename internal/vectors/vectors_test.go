package vectors_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(30)
	w.start("small")
	st := w.complete(60)
	if st.Dimension != 64 || st.Model != "small" {
		t.Errorf("status %+v", st)
	}
	if got := w.nearest("Page 7 > Part\n\npears of sort7", 1); !slices.Equal(got, []string{"7/1"}) {
		t.Errorf("nearest to its own text: %v", got)
	}
	if got := len(w.nearest("apples", 5)); got != 5 {
		t.Errorf("%d passages, want 5", got)
	}
	q, err := w.vectors.Ask(t.Context(), "apples", []string{"kind3", "kind3 apples"})
	if err != nil {
		t.Fatal(err)
	}
	near, err := q.Nearest(t.Context(), func(p index.Page) bool { return p.ID[7] == '3' }, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range near {
		if n.Page[7] != '3' {
			t.Errorf("%v is not within", n)
		}
	}
	if len(near) == 0 || names(near)[0] != "3/0" {
		t.Errorf("rephrased: %v", names(near))
	}
}

// An edit costs the vectors of what was edited, and a page moved back nothing.
func TestOnlyWhatChangedIsEmbedded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(10)
	w.start("small")
	w.complete(20)
	if n := len(w.endpoint.Texts()); n != 20 {
		t.Errorf("%d texts embedded, want 20", n)
	}
	w.put(3, "Page 3", "apples of kind3", "plums instead")
	w.until("plums", func(vectors.Status) bool { return slices.Equal(w.nearest("plums instead", 1), []string{"3/1"}) })
	if diff := cmp.Diff([]string{"plums instead", "Page 3 > Part\n\nplums instead"}, ignoreOrder(w.endpoint.Texts())); diff != "" {
		t.Errorf("embedded (-want +got):\n%s", diff)
	}
	w.put(3, "Page 3", "apples of kind3", "pears of sort3")
	w.put(11, "Page 3", "apples of kind3") // the same text on another page
	w.apply(index.Change{Remove: []notion.ID{"00000005-0000-4000-8000-000000000000"}})
	w.complete(19)
	again := w.endpoint.Texts()
	if got := w.nearest("Page 3 > Part\n\napples of kind3", 2); !slices.Equal(got, []string{"3/0", "b/0"}) {
		t.Errorf("one text on two pages: %v", got)
	}
	if got := w.nearest("apples pears", 100); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "5/") }) {
		t.Errorf("a page that was removed is found: %v", got)
	}
	for _, text := range again {
		if strings.Contains(text, "Part") {
			t.Errorf("embedded again: %q", text)
		}
	}
}

// ignoreOrder puts queries before passages, each once.
func ignoreOrder(texts []string) []string {
	slices.SortFunc(texts, func(a, b string) int { return len(a) - len(b) })
	return slices.Compact(texts)
}

func TestVectorsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(10)
	w.start("small")
	w.complete(20)
	before := w.nearest("apples", 7)
	w.end()
	w.endpoint.Texts()
	w.start("small")
	w.complete(20)
	if diff := cmp.Diff(before, w.nearest("apples", 7)); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
	if texts := w.endpoint.Texts(); len(texts) != 1 { // the query
		t.Errorf("embedded again: %q", texts)
	}
}

// Torn and damaged records cost themselves alone.
func TestDamage(t *testing.T) {
	t.Parallel()
	const record = 32 + 4*64 + 4
	for name, c := range map[string]struct {
		harm  func([]byte) []byte
		again int // texts to embed again
	}{
		"torn":           {func(b []byte) []byte { return b[:len(b)-record/3] }, 1},
		"torn at a seam": {func(b []byte) []byte { return b[:len(b)-record] }, 1},
		"zeros after":    {func(b []byte) []byte { return append(b, make([]byte, 3*record+9)...) }, 0},
		"flipped bit":    {func(b []byte) []byte { b[len(b)-5*record+40] ^= 4; return b }, 1},
		"no header":      {func(b []byte) []byte { b[0] ^= 1; return b }, 20},
		"wrong header":   {func(b []byte) []byte { b[9] ^= 1; return b }, 20},
		"empty":          {func([]byte) []byte { return nil }, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fruit(10)
			w.start("small")
			w.complete(20)
			before := w.nearest("apples", 20)
			w.end()
			w.endpoint.Texts()
			w.harm(c.harm)
			for range 2 { // the second time all is well
				w.start("small")
				w.complete(20)
				if got := len(w.endpoint.Texts()); got != c.again {
					t.Errorf("%d texts embedded again, want %d", got, c.again)
				}
				if diff := cmp.Diff(before, w.nearest("apples", 20)); diff != "" {
					t.Errorf("found (-before +after):\n%s", diff)
				}
				w.endpoint.Texts()
				w.end()
				c.again = 0
			}
		})
	}
}

// Another model makes all vectors anew: those of the one before say nothing
// beside them.
func TestModelIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(20)
	w.start("small")
	w.complete(40)
	w.end()
	w.endpoint.Set(embedtest.Behavior{Dimension: 96, Models: []string{"large"}})
	w.start("large")
	if st := w.complete(40); st.Model != "large" || st.Dimension != 96 {
		t.Errorf("status %+v", st)
	}
	if got := w.nearest("Page 4 > Part\n\napples of kind4", 1); !slices.Equal(got, []string{"4/0"}) {
		t.Errorf("the new model finds %v", got)
	}
	w.file() // only one is left
}

// What a model does not read has no vector, and nothing waits for it.
func TestTextsThatAreNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(5)
	w.put(90, "Obst", "Äpfel und Birnen")
	w.start("small", func(c *vectors.Config) { c.Embedder = english{c.Embedder} })
	if st := w.complete(11); st.Refused != 1 {
		t.Errorf("status %+v", st)
	}
	q, err := w.vectors.Ask(t.Context(), "Äpfel", []string{"apples of kind3"})
	if err != nil || q == nil {
		t.Fatal(q, err)
	}
	of := func(text string) (float64, bool) {
		return q.Of("Page 3", &passage.Passage{Headings: []string{"Part"}, Text: markdown.Text(text)})
	}
	if near, ok := of("apples of kind3"); !ok || near < 0.5 {
		t.Errorf("what is asked for is as near as %v, %v", near, ok)
	}
	if near, ok := of("never seen"); ok {
		t.Errorf("a text without a vector is as near as %v", near)
	}
	if q, err := w.vectors.Ask(t.Context(), "Äpfel", nil); q != nil || err != nil {
		t.Errorf("a question that is not read: %v, %v", q, err)
	}
}

// english reads no umlauts.
type english struct{ vectors.Embedder }

func (e english) Queries(ctx context.Context, texts []string) ([][]float32, error) {
	return e.without(e.Embedder.Queries(ctx, texts))(texts)
}

func (e english) Passages(ctx context.Context, texts []string) ([][]float32, error) {
	return e.without(e.Embedder.Passages(ctx, texts))(texts)
}

func (english) without(made [][]float32, err error) func([]string) ([][]float32, error) {
	return func(texts []string) ([][]float32, error) {
		for i, text := range texts {
			if err == nil && strings.Contains(text, "Ä") {
				made[i] = nil
			}
		}
		return made, err
	}
}

func TestDimensionChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fruit(10)
	w.start("small")
	w.complete(20)
	w.endpoint.Set(embedtest.Behavior{Dimension: 96})
	if q, err := w.vectors.Ask(t.Context(), "apples", nil); !errors.Is(err, vectors.ErrDimension) || q != nil {
		t.Errorf("a query with another dimension: %v, %v", q, err)
	}
	w.put(20, "Page 20", "quinces")
	w.until("new vectors", func(s vectors.Status) bool { return s.Dimension == 96 && s.Done == 21 })
	if got := w.nearest("quinces", 1); !slices.Equal(got, []string{"14/0"}) {
		t.Errorf("with the new dimension: %v", got)
	}
	w.file() // only one is left
}

// One stray answer with another dimension does not cost all vectors.
func TestStrayDimension(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.fruit(10)
		w.start("small", func(c *vectors.Config) { c.Pause = time.Minute })
		w.complete(20)
		w.endpoint.Texts()
		w.endpoint.Set(embedtest.Behavior{Dimension: 96})
		w.put(20, "Page 20", "quinces")
		w.until("a complaint", func(s vectors.Status) bool { return strings.Contains(s.Error, "dimension") })
		w.endpoint.Set(embedtest.Behavior{})
		if st := w.complete(21); st.Dimension != 64 {
			t.Errorf("status %+v", st)
		}
		for _, text := range w.endpoint.Texts() {
			if !strings.Contains(text, "quinces") {
				t.Errorf("embedded again: %q", text)
			}
		}
	})
}

// Whatever the endpoint does, Status says so, searches end in time, and all is
// well once it is well again.
func TestEndpointFails(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, body) }
	}
	for name, c := range map[string]struct {
		instead func(http.ResponseWriter, *http.Request)
		says    string
	}{
		"500":     {answer(500, "oops"), "fails"},
		"429":     {answer(429, "{}"), "busy"},
		"400":     {answer(400, "{}"), "does not take"},
		"401":     {answer(401, "{}"), "refuses"},
		"html":    {answer(200, "<html>hello</html>"), "like one"},
		"garbage": {answer(200, `{"data":[{"embedding":[null,"x"]}]}`), "like one"},
		"slow":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				w.fruit(4)
				w.endpoint.Set(embedtest.Behavior{Instead: c.instead})
				w.start("small")
				st := w.until("a complaint", func(s vectors.Status) bool { return s.Error != "" })
				if !strings.Contains(st.Error, c.says) || strings.Contains(st.Error, "hello") || st.Done > 0 || st.Total != 8 {
					t.Errorf("status %+v", st)
				}
				if got := w.nearest("apples", 5); got != nil {
					t.Errorf("found %v", got)
				}
				w.endpoint.Set(embedtest.Behavior{})
				w.complete(8)
				if got := w.nearest("apples", 5); len(got) != 5 {
					t.Errorf("found %v", got)
				}
			})
		})
	}
}

// An endpoint that is down is not asked by every search.
func TestSearchesDoNotWaitForADeadEndpoint(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.fruit(4)
		w.start("small")
		w.complete(8)
		w.nearest("apples", 1)
		w.endpoint.Set(embedtest.Behavior{Instead: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
		before := w.endpoint.Requests()
		for i := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			if _, err := w.vectors.Ask(ctx, fmt.Sprint("pears ", i), nil); err == nil {
				t.Error("a search found something")
			}
			cancel()
		}
		if n := w.endpoint.Requests() - before; n > 3 {
			t.Errorf("%d requests for 20 searches", n)
		}
		if got := w.nearest("apples", 1); len(got) != 1 {
			t.Errorf("a query whose vector is known: %v", got)
		}
	})
}

// Texts that the model does not take are cut, and given up if that does not
// help; the others are not held up.
func TestTextsThatAreTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.endpoint.Set(embedtest.Behavior{Longest: 150, Most: 3})
	w.fruit(5)
	w.put(90, "Long", strings.Repeat("quinces and ", 40))
	w.put(91, "Wide", "short, but the title is long")
	w.apply(index.Change{Touch: []index.Touch{{ID: "0000005b-0000-4000-8000-000000000000", Do: func(p *index.Page) { p.Title = strings.Repeat("W", 160) }}}})
	w.start("small")
	st := w.complete(12)
	if st.Refused != 1 || st.Done != 11 {
		t.Errorf("status %+v", st)
	}
	if got := w.nearest("quinces", 1); !slices.Equal(got, []string{"5a/0"}) {
		t.Errorf("found %v", got)
	}
}

func TestDeadVectorsAreThrownAway(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.fruit(40)
		ready := make(chan struct{})
		w.start("small", func(c *vectors.Config) {
			c.Ready = func() bool {
				select {
				case <-ready:
					return true
				default:
					return false
				}
			}
		})
		w.complete(80)
		full := size(t, w.file())
		var gone index.Change
		for i := 5; i < 40; i++ {
			gone.Remove = append(gone.Remove, notion.ID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", i)))
		}
		w.apply(gone)
		w.complete(10)
		time.Sleep(time.Second) // in which it looks again and again
		if size(t, w.file()) != full {
			t.Error("vectors were thrown away before the index was ready")
		}
		before := w.nearest("apples", 10)
		close(ready)
		for deadline := time.Now().Add(2 * time.Minute); size(t, w.file()) > full/4; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the file has %d bytes still, of %d", size(t, w.file()), full)
			}
		}
		w.start("small")
		w.complete(10)
		if diff := cmp.Diff(before, w.nearest("apples", 10)); diff != "" {
			t.Errorf("after it (-before +after):\n%s", diff)
		}
		w.put(50, "More", "medlars")
		w.complete(11)
		if got := w.nearest("medlars", 1); !slices.Equal(got, []string{"32/0"}) {
			t.Errorf("found %v", got)
		}
	})
}

func size(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// Two connections know nothing of each other, and a deleted one leaves nothing.
func TestConnectionsAreApart(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t), newWorld(t)
	b.store, b.conn, b.endpoint = a.store, connection("another"), a.endpoint
	var err error
	if b.index, err = a.store.Open(t.Context(), b.conn); err != nil {
		t.Fatal(err)
	}
	a.put(1, "Mine", "the secret of the apples")
	b.put(2, "Theirs", "nothing of interest")
	a.start("small")
	b.start("small")
	a.complete(1)
	b.complete(1)
	if got := b.nearest("the secret of the apples", 10); slices.Contains(got, "1/0") {
		t.Errorf("found in the wrong connection: %v", got)
	}
	if a.dir() == b.dir() || !strings.HasPrefix(a.dir(), a.store.Dir(a.conn)) {
		t.Errorf("folders %s and %s", a.dir(), b.dir())
	}
	if err := a.store.Delete(t.Context(), a.conn); err != nil {
		t.Fatal(err)
	}
	a.end()
	if _, err := os.Stat(a.dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the connection was deleted: %v", err)
	}
	if got := b.nearest("interest", 1); !slices.Equal(got, []string{"2/0"}) {
		t.Errorf("the other one finds %v", got)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start("small")
	if s, err := vectors.Open(vectors.Config{Dir: w.dir(), Index: w.index, Embedder: w.embedder("small")}); err == nil {
		t.Errorf("opened twice: %v", s.Close())
	}
}
