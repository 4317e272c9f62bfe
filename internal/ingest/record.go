package ingest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// record brings what Notion says of a page into what is known of it.
func record(known index.Page, p *notion.Page) index.Page {
	known.ID = p.ID
	known.Kind = index.KindPage
	if known.Level == "" {
		known.Level = index.Listed
	}
	tell(&known, index.Page{
		Title: p.Title(), URL: notion.Address(p.URL, p.ID), Parent: p.Parent,
		Created: p.CreatedTime, LastEdited: p.LastEditedTime,
	})
	return known
}

// tell brings what Notion says of an object into its record, and leaves what we
// know of it besides. Who was seen to hold a page that has moved since is past,
// and so are failures to read a version that is no longer the newest.
func tell(rec *index.Page, said index.Page) {
	if moved := rec.Parent != said.Parent && !rec.Created.IsZero(); moved || !needsHolder(&said) {
		rec.Holder = ""
	}
	if !rec.LastEdited.Equal(said.LastEdited) {
		rec.Failures = 0
	}
	rec.Title, rec.URL, rec.Parent = said.Title, said.URL, said.Parent
	rec.Created, rec.LastEdited = said.Created, said.LastEdited
}

// outdated says whether the body in the index may be older than the page. A
// body read within a minute of the last edit may miss a later edit of that
// same minute.
func outdated(p index.Page) bool {
	return !p.BodyEdited.Equal(p.LastEdited) || p.Fetched.Before(p.LastEdited.Add(minuteSlack))
}

// unread says whether there is work left on a page. One that could not be read
// is left alone for a while, longer each time.
func (s *Syncer) unread(p index.Page) bool {
	switch {
	case p.Kind != index.KindPage:
		return false
	case p.Problem != "":
		rest := respite(p.Failures)
		return rest == 0 || s.notionNow().Sub(p.Fetched) >= rest
	}
	return p.Level != index.Complete || outdated(p)
}

// respite is how long a page is left alone after so many failures: not at all
// after the first, as most faults pass, and up to six hours.
func respite(failures int) time.Duration {
	if failures < 2 {
		return 0
	}
	return min(time.Minute<<min(failures-2, 10), 6*time.Hour)
}

// same says whether two records agree in everything that Notion says of a page.
func same(a, b index.Page) bool {
	return a.Title == b.Title && a.URL == b.URL && a.Parent == b.Parent && a.Holder == b.Holder &&
		a.Created.Equal(b.Created) && a.LastEdited.Equal(b.LastEdited)
}

// isRow says whether a page carries properties beside its title, so that its
// object is needed to split it.
func isRow(p *notion.Page) bool { return len(p.Properties) > 1 }

// titled makes a page object from a record whose only property is the title.
func titled(p index.Page) *notion.Page {
	runs := []notion.RichText{{Type: "text", PlainText: p.Title}}
	return &notion.Page{
		ID: p.ID, URL: p.URL, Parent: p.Parent, CreatedTime: p.Created, LastEditedTime: p.LastEdited,
		Properties: map[string]notion.Property{"title": {ID: "title", Type: "title", Title: runs}},
	}
}

// dataSourceEntries are the entries of a table and of the database that
// contains it.
func dataSourceEntries(ds *notion.DataSource, opt passage.Options, now time.Time) []index.Entry {
	split := passage.SplitDataSource(ds, opt)
	title := notion.PlainText(ds.Title)
	table := index.Page{
		ID: ds.ID, Kind: index.KindDataSource, Title: title, URL: notion.Address(ds.URL, ds.Parent.DatabaseID), Parent: ds.Parent,
		Created: ds.CreatedTime, LastEdited: ds.LastEditedTime, BodyEdited: ds.LastEditedTime,
		Level: index.Complete, Fetched: now, Checked: now,
	}
	schema, err := json.Marshal(ds)
	if err != nil {
		schema = nil // the table can be asked for in Notion alone
	}
	keepProblem := func(now, next *index.Page) bool { // it is about the rows
		if now != nil {
			next.Problem, next.Failures = now.Problem, now.Failures
		}
		return true
	}
	entries := []index.Entry{{Page: table, Passages: split.Passages, Values: schema, Merge: keepProblem}}
	if ds.Parent.DatabaseID != "" {
		base := table
		base.ID, base.Kind, base.Parent = ds.Parent.DatabaseID, index.KindDatabase, ds.DatabaseParent
		entries = append(entries, index.Entry{Page: base})
	}
	return entries
}

// Source says what a citation needs to know of a page: its title, link, and
// the titles above it.
func Source(x *index.Index, p index.Page) passage.Source {
	src := passage.Source{ID: p.ID, Title: p.Title, URL: p.URL, LastEdited: p.LastEdited}
	below := p.Title
	for _, up := range Ancestors(x, p) {
		if up.Kind == index.KindDatabase && up.Title == below {
			continue // a database with one table of the same name
		}
		src.Path = append([]string{up.Title}, src.Path...)
		below = up.Title
	}
	return src
}

// above is the object that a page hangs below, as far as is known; "" for the
// workspace.
func above(p index.Page) notion.ID { return cmp.Or(p.Holder, p.Parent.ID()) }

// Ancestors returns the pages, tables and databases above a page, nearest
// first, as far as they are known.
func Ancestors(x *index.Index, p index.Page) []index.Page {
	var chain []index.Page
	seen := map[notion.ID]bool{p.ID: true}
	for {
		id := above(p)
		up, ok := x.Page(id)
		if !ok || seen[id] {
			return chain
		}
		seen[id] = true
		chain = append(chain, up)
		p = up
	}
}

// storedProperties are the properties of a row as they are kept: without the
// addresses of files in Notion, which are secrets that expire.
func storedProperties(object *notion.Page) ([]byte, error) {
	kept := maps.Clone(object.Properties)
	for name, p := range kept {
		kept[name] = withoutFiles(p)
	}
	raw, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("keep the properties of row %s: %w", object.ID, err)
	}
	return raw, nil
}

func withoutFiles(p notion.Property) notion.Property {
	p.Files = slices.Clone(p.Files)
	for i := range p.Files {
		p.Files[i].File = nil
	}
	if p.Rollup != nil && len(p.Rollup.Array) > 0 {
		r := *p.Rollup
		r.Array = slices.Clone(r.Array)
		for i := range r.Array {
			r.Array[i] = withoutFiles(r.Array[i])
		}
		p.Rollup = &r
	}
	return p
}
