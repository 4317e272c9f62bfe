package writing_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

const secret = "ntn_test"

// cutter breaks the connection of the next write that it is told to.
type cutter struct {
	http.Handler
	at  atomic.Value // "", "before", "during" or "after"
	met atomic.Int64
}

func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, _ := c.at.Load().(string)
	if at == "" || r.Method != http.MethodPost || r.URL.Path != "/v1/comments" && r.URL.Path != "/v1/pages" {
		c.Handler.ServeHTTP(w, r)
		return
	}
	c.at.Store("")
	c.met.Add(1)
	if at == "before" {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	c.Handler.ServeHTTP(answer, r)
	if at == "during" {
		whole := answer.Body.Bytes()
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		_, _ = w.Write(whole[:len(whole)/2])
		_ = http.NewResponseController(w).Flush()
	}
	panic(http.ErrAbortHandler)
}

// place is an emulated workspace behind a cutter.
type place struct {
	*cutter
	t         *testing.T
	writer    *writing.Writer
	client    *notion.Client // through the cutter
	page, log notion.ID
}

func newPlace(t *testing.T, change func(*emulator.Token)) *place {
	t.Helper()
	ws, err := emulator.Load(fstest.MapFS{
		"Team.md": {Data: []byte("# Team\n\nWho we are.\n")},
		"Log.csv": {Data: []byte("Name,Status\nFirst,Open\nSecond,Closed\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	token := emulator.Token{Secret: secret}
	if change != nil {
		change(&token)
	}
	p := &place{t: t, cutter: &cutter{Handler: emulator.New(ws, emulator.Config{Tokens: []emulator.Token{token}})}}
	srv := httptest.NewServer(p.cutter)
	t.Cleanup(srv.Close)
	p.client = notion.New(secret, notion.Config{BaseURL: srv.URL})
	p.writer = writing.New(writing.Config{LookPause: time.Nanosecond})
	found, err := p.client.Search(t.Context(), notion.SearchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Pages {
		if f.Title() == "Team" {
			p.page = f.ID
		}
	}
	p.log = found.DataSources[0].ID
	return p
}

// The three kinds of writes, told apart by a name.
func (p *place) comment(name string) writing.Write {
	return writing.Comment{Target: writing.Target{Page: p.page}, Text: name}
}

func (p *place) row(name string) writing.Write {
	return writing.Page{Table: p.log, Column: "Name", Title: name, Values: title("Name", name)}
}

func (p *place) below(name string) writing.Write {
	return writing.Page{Below: p.page, Title: name, Values: title("title", name), Content: "The **body** of " + name}
}

func title(column, text string) map[string]any {
	return map[string]any{column: map[string]any{"title": []any{map[string]any{"type": "text", "text": map[string]any{"content": text}}}}}
}

func (p *place) comments() []string {
	var all []string
	for cursor, more := "", true; more; {
		l, err := p.client.Comments(p.t.Context(), p.page, cursor)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, c := range l.Comments {
			all = append(all, notion.PlainText(c.RichText))
		}
		cursor, more = l.NextCursor, l.HasMore
	}
	return all
}

func (p *place) rows() []string {
	var all []string
	for got, err := range p.client.AllRows(p.t.Context(), p.log, notion.QueryRequest{}) {
		if err != nil {
			p.t.Fatal(err)
		}
		for _, r := range got.Pages {
			all = append(all, r.Title())
		}
	}
	return all
}

func (p *place) subpages() []string {
	var all []string
	for cursor, more := "", true; more; {
		l, err := p.client.Children(p.t.Context(), p.page, cursor)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, b := range l.Blocks {
			if b.Type == "child_page" {
				all = append(all, notion.PlainText(b.Content.Title))
			}
		}
		cursor, more = l.NextCursor, l.HasMore
	}
	return all
}

const (
	cuts = 200
	each = 20 // at one place
)

// The connection is cut before, during and after a write, 200 times each. What
// was acknowledged is there, nothing is there twice, and doing the same again
// ends with exactly one.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name  string
		write func(*place, string) writing.Write
		there func(*place) []string
	}{
		{"comment", (*place).comment, (*place).comments},
		{"row", (*place).row, (*place).rows},
		{"page", (*place).below, (*place).subpages},
	} {
		for _, at := range []string{"before", "during", "after"} {
			t.Run(kind.name+" cut "+at, func(t *testing.T) {
				t.Parallel()
				known := 0
				for range cuts / each { // a new place now and then, since looking takes longer the more is there
					p := newPlace(t, nil)
					acknowledged := p.cutAll(at, kind.write)
					known += p.check(kind.there(p), acknowledged)
				}
				t.Logf("%d of %d were acknowledged", known, cuts)
			})
		}
	}
}

// cutAll makes writes whose connections are cut, every other one twice, and
// says which were acknowledged.
func (p *place) cutAll(at string, write func(*place, string) writing.Write) map[string]bool {
	p.t.Helper()
	acknowledged := map[string]bool{}
	for i := range each {
		name := fmt.Sprint("write ", i)
		what := write(p, name)
		p.at.Store(at)
		_, err := p.writer.Do(p.t.Context(), what, writing.Try{Client: p.client})
		var f *writing.Failure
		if acknowledged[name] = err == nil; err != nil && (!errors.As(err, &f) || f.Phase != writing.Unclear) {
			p.t.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := p.writer.Do(p.t.Context(), what, writing.Try{Client: p.client}); err != nil {
				p.t.Fatal(err)
			}
			acknowledged[name] = true
		}
	}
	if p.met.Load() != each {
		p.t.Errorf("%d connections were cut, want %d", p.met.Load(), each)
	}
	return acknowledged
}

// check counts what is there: once if it was acknowledged, and never twice.
func (p *place) check(there []string, acknowledged map[string]bool) (known int) {
	p.t.Helper()
	n := map[string]int{}
	for _, name := range there {
		n[name]++
	}
	for name, ok := range acknowledged {
		if n[name] > 1 || ok && n[name] != 1 {
			p.t.Errorf("%s is there %d times; acknowledged: %v", name, n[name], ok)
		}
		if ok {
			known++
		}
	}
	return known
}

// A try after another that may have arrived writes nothing where it cannot see
// what is there.
func TestResumedAndBlind(t *testing.T) {
	t.Parallel()
	p := newPlace(t, func(k *emulator.Token) { k.NoReadComments = true })
	_, err := p.writer.Do(t.Context(), p.comment("x"), writing.Try{Client: p.client, Resumed: true})
	var f *writing.Failure
	if !errors.As(err, &f) || f.Phase != writing.Unclear || f.Blind == "" || !errors.Is(err, notion.ErrUnclear) {
		t.Errorf("%+v", err)
	}
	if _, err := p.writer.Do(t.Context(), p.comment("x"), writing.Try{Client: p.client}); err != nil {
		t.Error("a first try needs no eyes:", err)
	}
}
