package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

// company has n pages with nested blocks, and a table with rows.
func company(n int) fstest.MapFS {
	fsys := fstest.MapFS{}
	put := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text), ModTime: written} }
	for i := range n {
		text := fmt.Sprintf("# Page %d\n\nwords\n\n- one\n  - below\n    - deeper\n- two\n\n| a | b |\n|---|---|\n| c | d |\n", i)
		if i%10 == 0 {
			for j := range 130 {
				text += fmt.Sprintf("\nParagraph %d of a long page.\n", j)
			}
		}
		put(fmt.Sprintf("p%d.md", i), text)
	}
	csv := "Name,Status\n"
	for i := range 20 {
		csv += fmt.Sprintf("Row %d,Open\n", i)
	}
	put("table.csv", csv)
	return fsys
}

// least counts the requests that no mirror by block trees can do without: the
// listing, the rows of every table, and the children of every page and of
// every block that has some, each in hundreds.
func least(t *testing.T, c *notion.Client) int {
	t.Helper()
	ctx := t.Context()
	hundreds := func(n int) int { return max(1, (n+99)/100) }
	var pages []notion.ID
	objects, requests := 0, 0
	for cursor := ""; ; {
		found, err := c.Search(ctx, notion.SearchRequest{Cursor: cursor, PageSize: 100})
		if err != nil {
			t.Fatal(err)
		}
		objects += len(found.Pages) + len(found.DataSources)
		for _, p := range found.Pages {
			pages = append(pages, p.ID)
		}
		for _, ds := range found.DataSources {
			rows := 0
			for _, err := range c.AllRows(ctx, ds.ID, notion.QueryRequest{}) {
				if err != nil {
					t.Fatal(err)
				}
				rows++
			}
			requests += hundreds(rows)
		}
		if cursor = found.NextCursor; cursor == "" {
			break
		}
	}
	requests += hundreds(objects)
	for len(pages) > 0 {
		id := pages[0]
		pages = pages[1:]
		n := 0
		for b, err := range c.AllChildren(ctx, id) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if b.HasChildren && b.Type != "child_page" && b.Type != "child_database" {
				pages = append(pages, b.ID)
			}
		}
		requests += hundreds(n)
	}
	return requests
}

func TestRequestsSpent(t *testing.T) {
	t.Parallel()
	workspaces := map[string]func() *emulator.Server{
		"made up": func() *emulator.Server { return load(t, company(60), emulator.Config{}) },
		"corpus": func() *emulator.Server {
			ws, err := emulator.LoadDir(*corpus)
			if err != nil {
				t.Fatal(err)
			}
			return emulator.New(ws, emulator.Config{})
		},
	}
	for name, start := range workspaces {
		want := least(t, client(start(), nil))
		srv := start()
		var markdown atomic.Int64
		_, sum := mirror(t, client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/markdown") { // which makes the text found sooner
				markdown.Add(1)
			}
			srv.ServeHTTP(w, r)
		}), nil))
		if spent := srv.Requests() - markdown.Load(); float64(spent) > 1.02*float64(want)+1 {
			t.Errorf("%s: %d requests for blocks, where %d are the least possible", name, spent, want)
		} else {
			t.Logf("%s: %d requests for blocks, least possible %d, counted %d", name, spent, want, sum.Requests)
		}
		if n, pages := markdown.Load(), int64(len(srv.Pages())); n > pages {
			t.Errorf("%s: %d pages were asked for as Markdown %d times", name, pages, n)
		}
		if sum.Requests != srv.Requests() {
			t.Errorf("%s: the summary says %d requests, Notion counted %d", name, sum.Requests, srv.Requests())
		}
	}
}

// At Notion's rate the mirror takes requests/rate, and never provokes a 429.
func TestRateIsKeptAndUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate = 180
		srv := load(t, company(200), emulator.Config{PerMinute: rate, Latency: 200 * time.Millisecond})
		begin := time.Now()
		var limited atomic.Int64
		counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			srv.ServeHTTP(rec, r)
			if rec.Code == http.StatusTooManyRequests {
				limited.Add(1)
			}
			maps.Copy(w.Header(), rec.Header())
			w.WriteHeader(rec.Code)
			_, _ = w.Write(rec.Body.Bytes())
		})
		_, sum := mirror(t, client(counted, notion.NewPacer(notion.PacerConfig{PerToken: rate})))
		took := time.Since(begin)
		ideal := time.Duration(float64(sum.Requests) / rate * float64(time.Minute))
		if took > ideal*105/100 {
			t.Errorf("%d requests took %v, %.1f %% longer than requests/rate", sum.Requests, took, 100*(took.Seconds()/ideal.Seconds()-1))
		}
		if sum.Requests < 4*rate {
			t.Errorf("%d requests are too few to tell", sum.Requests)
		}
		if n := limited.Load(); n > 0 {
			t.Errorf("Notion had to refuse %d requests", n)
		}
		t.Logf("%d requests in %v, requests/rate is %v", sum.Requests, took, ideal)
	})
}
