package passage

import (
	"cmp"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Options say how large passages become. The zero value works.
type Options struct {
	Words    int // upper bound of a passage; 0 means 220
	MinWords int // a section below this may share a passage with its neighbours; 0 means 60
}

func (o Options) withDefaults() Options {
	if o.Words <= 0 {
		o.Words = 220
	}
	if o.MinWords <= 0 {
		o.MinWords = 60
	}
	o.MinWords = min(o.MinWords, o.Words)
	return o
}

// SplitPage splits a page, its properties first and then its body, into
// passages. The same page always gives the same passages.
//
// A passage stands under one heading. It has at most opt.Words words, except
// where one block that is never cut (a table row, list item, code line,
// sentence, or a paragraph up to half as long again) has more; headings above
// such a block do not count. A heading always begins a passage, with two
// exceptions: one that has no text of its own stays with the heading that
// follows, and a section below opt.MinWords shares a passage with the section
// before or after it, as long as all of them fit and the later ones are
// siblings of the first or lie below it. The
// headings of such a passage are those of its first heading that has text;
// HeadingsAt and Cite give the right ones for each span.
//
// A page without any text gives one passage that holds its title.
func SplitPage(page *notion.Page, body []*Node, opt Options) Split {
	w := newWalker(opt)
	w.properties(page)
	w.walk(body)
	return w.split(page.ID, page.Title())
}

// SplitDataSource gives the title, the description and the schema of a table
// as passages. The block of all its spans is the data source.
func SplitDataSource(ds *notion.DataSource, opt Options) Split {
	w := newWalker(opt)
	w.schema(ds)
	return w.split(ds.ID, plain(ds.Title))
}

// split packs what was collected into the passages of a page.
func (w *walker) split(page notion.ID, title string) Split {
	if len(w.units) == 0 {
		w.add(unit{block: page, text: cmp.Or(markdown.Start(title), "Untitled")})
	}
	s := Split{Blocks: w.blocks, Pending: w.pending, Skipped: w.skips()}
	for _, units := range w.pack() {
		p := w.passage(units)
		p.Page, p.Ordinal = page, len(s.Passages)
		s.Passages = append(s.Passages, p)
	}
	return s
}

// passage writes units as one passage.
func (w *walker) passage(units []unit) Passage {
	p := Passage{Headings: w.headings(units)}
	var b markdown.Builder
	put := func(u *unit, text markdown.Text) {
		start := b.Len()
		b.Put(text)
		if u.block != "" && text != "" {
			p.Spans = append(p.Spans, Span{Start: start, End: b.Len(), Block: u.block, Near: u.near})
		}
	}
	for i, u := range units {
		if i > 0 {
			b.Put(u.sep)
		}
		if t := u.table; t != nil && !u.header && t.head != "" && (i == 0 || units[i-1].table != t) {
			put(&t.header, t.head)
			b.Put("\n")
		}
		put(&u, u.text)
	}
	p.Text = b.Text()
	return p
}

// headings are those of the first section in units that has a heading and text
// below it; without one, of the first that has text, or of the last.
func (w *walker) headings(units []unit) []string {
	text := slices.IndexFunc(units, func(u unit) bool { return u.level == 0 })
	if text < 0 {
		text = len(units) - 1
	}
	for i := 1; i < len(units); i++ {
		if units[i-1].level > 0 && units[i].level == 0 {
			text = i
			break
		}
	}
	var titles []string
	for _, h := range w.sections[units[text].section].path {
		titles = append(titles, h.title)
	}
	return titles
}

// skips are the blocks that could not be read, counted.
func (w *walker) skips() []Skip {
	var all []Skip
	for s, n := range w.skipped {
		s.Count = n
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}
