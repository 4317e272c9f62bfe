package emulator

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
)

// hit is a page or data source that search may find.
type hit struct {
	id, title string
	edited    time.Time
	trashed   bool
	source    bool
}

// search finds pages and data sources by title, or lists all of them.
func (s *Server) search(r *request) (any, error) {
	want, err := readSearch(r.body)
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, h := range s.hits(r.token) {
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
	cut, err := s.offsetSlice(r, len(hits))
	if err != nil {
		return nil, err
	}
	var results []any
	v := s.view(r)
	for _, h := range hits[cut.from:cut.to] {
		if h.source {
			results = append(results, s.store.dataSource(v, s.store.databases[h.id]))
		} else {
			results = append(results, s.store.page(v, s.store.pages[h.id]))
		}
	}
	out := list("page_or_data_source", results, cut)
	out["request_status"] = wire.Object{"type": "complete"}
	return out, nil
}

// hits are all objects that search knows of and the caller may see.
func (s *Server) hits(t *token) []hit {
	var out []hit
	now := s.cfg.Now()
	nth := 0
	for _, p := range s.store.w.Pages {
		if !s.store.isRoot(t, p.ID) {
			if nth++; s.cfg.SearchOmits > 0 && nth%s.cfg.SearchOmits == 0 {
				continue
			}
		}
		if s.store.sees(t, p.ID) && !now.Before(s.store.searchable[p.ID]) {
			out = append(out, hit{id: p.ID, title: p.Title, edited: p.Edited, trashed: s.store.trashed(p.ID)})
		}
	}
	for _, d := range s.store.w.Databases {
		if s.store.sees(t, d.ID) && !now.Before(s.store.searchable[d.ID]) {
			out = append(out, hit{id: d.ID, title: d.Title, edited: d.Edited, trashed: s.store.trashed(d.ID), source: true})
		}
	}
	return out
}

// searchFor is a search that was read.
type searchFor struct {
	words     []string
	kind      string
	inTrash   bool
	ascending bool
}

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

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
