package api

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/emulator/wire"
)

// hit is a page or data source that search may find. For a data source, id is
// that of its database.
type hit struct {
	id, title string
	edited    time.Time
	trashed   bool
	source    bool
}

// search finds pages and data sources by title, or lists all of them. Results
// are whole objects with their properties, newest edit first. Notion rounds
// times to the minute, so two edits of one minute come in no order of time.
func (a *API) search(r *request) (any, error) {
	want, err := readSearch(r.body)
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, h := range a.hits(r.caller) {
		if want.match(h) {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		n := b.edited.Truncate(time.Minute).Compare(a.edited.Truncate(time.Minute))
		if want.ascending {
			n = -n
		}
		if n == 0 {
			n = strings.Compare(a.id, b.id)
		}
		return n
	})
	cut, err := a.offsetSlice(r, len(hits))
	if err != nil {
		return nil, err
	}
	var results []any
	v := a.view(r)
	for _, h := range hits[cut.from:cut.to] {
		if h.source {
			results = append(results, a.store.DataSource(v, a.store.Databases[h.id]))
		} else {
			results = append(results, a.store.Page(v, a.store.Pages[h.id]))
		}
	}
	out := list("page_or_data_source", results, cut)
	out["request_status"] = wire.Object{"type": "complete"}
	return out, nil
}

// hits are all objects that search knows of and the caller may see. It leaves
// out what Notion's search leaves out: what was written a moment ago, and some
// of what was shared only through a parent. So absence from search does not
// mean that a page is gone.
func (a *API) hits(t *Caller) []hit {
	var out []hit
	now := a.Now()
	// Counted over the pages and not over the hits, so the same pages are
	// missing from every search.
	nth := 0
	for _, p := range a.store.W.Pages {
		if !a.store.IsRoot(t.Roots, p.ID) {
			if nth++; a.SearchOmits > 0 && nth%a.SearchOmits == 0 {
				continue
			}
		}
		if a.store.Sees(t.Roots, p.ID) && !now.Before(a.store.Searchable[p.ID]) {
			out = append(out, hit{id: p.ID, title: p.Title, edited: p.Edited, trashed: a.store.Trashed(p.ID)})
		}
	}
	for _, d := range a.store.W.Databases {
		if a.store.Sees(t.Roots, d.ID) && !now.Before(a.store.Searchable[d.ID]) {
			out = append(out, hit{id: d.ID, title: d.Title, edited: d.Edited, trashed: a.store.Trashed(d.ID), source: true})
		}
	}
	return out
}

// searchFor is a search that was read.
type searchFor struct {
	// words must all be in the title; none finds everything.
	words []string
	// kind is page, data_source or "" for both.
	kind string
	// inTrash asks for the trash alone; without it search hides the trash.
	inTrash   bool
	ascending bool
}

// readSearch reads the body of a search. The filter "database" of older
// versions is an error since 2025-09-03, which catches clients that were never
// moved. There is no filter by time or parent in Notion either.
func readSearch(body wire.Object) (searchFor, error) {
	q := searchFor{words: words(wire.String(body, "query"))}
	if f, ok := body["filter"].(wire.Object); ok {
		property, value := wire.String(f, "property"), wire.String(f, "value")
		trash, hasTrash := f["in_trash"].(bool)
		q.inTrash = trash
		switch {
		case property == "object" && (value == "page" || value == "data_source"):
			q.kind = value
		case property != "" || !hasTrash:
			return q, wire.Invalid("body failed validation: body.filter.value should be `\"page\"` or `\"data_source\"`, instead was `%s`.", wire.Brief(f["value"]))
		}
	}
	if o, ok := body["sort"].(wire.Object); ok {
		property, stamp := wire.String(o, "property"), wire.String(o, "timestamp")
		if property != "relevance" && stamp != "last_edited_time" {
			return q, wire.Invalid("body failed validation: body.sort.timestamp should be `\"last_edited_time\"`, instead was `%s`.", wire.Brief(o["timestamp"]))
		}
		q.ascending = stamp != "" && wire.String(o, "direction") == "ascending"
	}
	return q, nil
}

// match compares with titles alone; every word must begin a word of the title.
// Notion never searches the text of pages, and finds "hand" in "Handbook" but
// not "book".
func (q searchFor) match(h hit) bool {
	if h.trashed != q.inTrash || q.kind == "page" && h.source || q.kind == "data_source" && !h.source {
		return false
	}
	title := words(h.title)
	for _, w := range q.words {
		if !slices.ContainsFunc(title, func(t string) bool { return strings.HasPrefix(t, w) }) {
			return false
		}
	}
	return true
}

// words are the lower-case runs of letters and digits of s.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
