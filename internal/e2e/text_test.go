package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// deep has n pages, each with eight blocks that have others below them, of all
// the kinds that people nest.
func deep(n int) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := range n {
		text := strings.ReplaceAll(`# Page #

Words of page #.

- one #
  - below **one** #
    1. deeper #
    2. and `+"`code #`"+`
- [ ] two #
  - [x] done #

<details><summary>More of #</summary>

Hidden words #, see [the next](pN.md).

> Quoted #

</details>

| a | b |
|---|---|
| cell # | other # |

<aside>
💡 Callout #

- inside #
</aside>

<columns>
<column>
Left #
</column>
<column>
Right #
</column>
</columns>

3. three #

   `+"```go\n   x := #\n   ```"+`
4. four #

   Below four #.

<details><summary>## Heading #</summary>

Under the heading #

</details>
`, "#", fmt.Sprint(i))
		text = strings.ReplaceAll(text, "pN.md", fmt.Sprintf("p%d.md", (i+1)%n))
		fsys[fmt.Sprintf("p%d.md", i)] = &fstest.MapFile{Data: []byte(text), ModTime: written}
	}
	return fsys
}

// mirrored is what a mirror had, and had spent, when all text could be found, and
// when it was done.
type mirrored struct {
	pages, listing   int
	requests, total  int
	took, all        time.Duration
	passages, at     map[notion.ID]string // passages at the end, and when all text could be found
	byMarkdown, left int
}

// watched mirrors a workspace at a rate, and notes when all of it could be found.
func watched(t *testing.T, srv *emulator.Server, rate int) mirrored {
	t.Helper()
	store, err := index.OpenStore(t.TempDir(), index.Config{IdleClose: -1})
	if err != nil {
		t.Fatal(err)
	}
	x, err := store.Open(t.Context(), tokens.Connection{Subject: auth.Local(secret), Handle: tokens.DefaultHandle})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close(); _ = store.Close() }()
	var s *ingest.Syncer
	var m mirrored
	var mu sync.Mutex
	began := time.Now()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if m.at == nil && s.Coverage().Settled() {
			m.requests, m.took, m.at = m.total, time.Since(began), texts(t, x)
		}
		m.total++
		switch {
		case strings.HasSuffix(r.URL.Path, "/markdown"):
			m.byMarkdown++
		case r.Method == http.MethodPost:
			m.listing++
		}
		mu.Unlock()
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
	c := client(h, notion.NewPacer(notion.PacerConfig{PerToken: rate}))
	s, err = ingest.New(ingest.Config{Index: x, Client: func(context.Context) (*notion.Client, error) { return c, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.all, m.passages = time.Since(began), texts(t, x)
	if m.at == nil {
		m.requests, m.took, m.at = m.total, m.all, m.passages
	}
	for _, p := range x.Pages() {
		m.left += p.Pending
		if p.Kind == index.KindPage {
			m.pages++
		}
	}
	return m
}

// texts are all passages of an index without their anchors.
func texts(t *testing.T, x *index.Index) map[notion.ID]string {
	all := map[notion.ID]string{}
	for _, p := range x.Pages() {
		ps, err := x.Passages(t.Context(), p.ID)
		if err != nil {
			t.Error(err)
		}
		var b strings.Builder
		for _, one := range ps {
			fmt.Fprintf(&b, "%q\n%s\n\n", one.Headings, one.Text)
		}
		all[p.ID] = b.String()
	}
	return all
}

var deepPages = flag.Int("pages", 25, "pages with eight parents that TestTextTakesTwoRequestsAPage makes")

var realTime = flag.Bool("realtime", false, "let TestTextTakesTwoRequestsAPage take its time, instead of simulating it")

// Two requests a page, beside the listing, are enough to find all text, and what
// is found then is what is found when every block has been read.
func TestTextTakesTwoRequestsAPage(t *testing.T) {
	t.Parallel()
	for name, fsys := range map[string]fs.FS{"eight parents": deep(*deepPages), "sample": sample.FS(), "corpus": nil} {
		t.Run(name, func(t *testing.T) {
			if *realTime {
				twoRequests(t, fsys)
				return
			}
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(50 * 365 * 24 * time.Hour) // after all pages were written
				twoRequests(t, fsys)
			})
		})
	}
}

func twoRequests(t *testing.T, fsys fs.FS) {
	load := func() *emulator.Server {
		ws, err := emulator.LoadDir(*corpus)
		if fsys != nil {
			ws, err = emulator.Load(fsys)
		}
		if err != nil {
			t.Fatal(err)
		}
		return emulator.New(ws, emulator.Config{Latency: 150 * time.Millisecond})
	}
	now := watched(t, load(), 180)
	walk := load()
	walk.Inject(emulator.Fault{Route: "/v1/pages/{id}/markdown", Status: 400})
	before := watched(t, walk, 180)
	t.Logf("%d pages; all text after %d requests (%d of the listing, %d Markdown), %v; by blocks alone %d, %v; all blocks after %d, %v",
		now.pages, now.requests, now.listing, now.byMarkdown, now.took.Round(time.Second), before.requests, before.took.Round(time.Second), now.total, now.all.Round(time.Second))
	if most := 2.05*float64(now.pages) + float64(now.listing); float64(now.requests) > most {
		t.Errorf("%d requests until all text of %d pages could be found", now.requests, now.pages)
	}
	if diff := cmp.Diff(now.passages, now.at); diff != "" {
		t.Errorf("what could be found first (-last +first):\n%s", diff)
	}
	if diff := cmp.Diff(before.passages, now.passages); diff != "" {
		t.Errorf("(-by blocks +by Markdown):\n%s", diff)
	}
	if now.left > 0 {
		t.Errorf("%d blocks are still to be read", now.left)
	}
}
