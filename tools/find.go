package tools

import (
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// places says how many passages have some words, and how many of those an answer
// has room for.
type places struct{ shown, all int }

func (p places) words() markdown.Text {
	if p.all == 0 {
		return "" // a note has said so
	}
	said := markdown.Sprintf("%d of %s shown, in page order", p.shown, markdown.Count(p.all, "place"))
	if p.shown < p.all {
		said += ", the best first to fit: raise `max_tokens`, or use more words"
	}
	return said + ". read_page with a line's link reads on from there."
}

// find picks the passages of a run that have some words, the best as long as
// there is room, instead of reading it from its top. Reading has put the page
// into the index, whose passages are therefore those of the page.
func (s *Set) find(ctx context.Context, b *book, r run, in ReadIn, w window) (window, error) {
	hits, err := s.cfg.Index.Search(ctx, index.Query{
		Text: in.Find, Within: func(p index.Page) bool { return p.ID == b.Page.ID }, Limit: len(b.Passages) + 1,
	})
	if err != nil {
		return window{}, fmt.Errorf("find in page %s: %w", b.Page.ID, err)
	}
	w.finding = in.Find
	found := b.found(r, in, hits)
	note, err := s.lacking(ctx, b, r, in, len(found))
	if err != nil {
		return window{}, err
	}
	if note != "" {
		w.notes = append(w.notes, note)
	}
	if len(found) == 0 {
		w.notes = append(w.notes, "Try other words, or read it without `find`.")
		if b.rows.list != nil {
			w.notes = append(w.notes, "Of rows, titles alone are looked at here, and not their columns.")
		}
		w.outline, w.cut = shorten(b.outline, b.budget(in, w)/2)
		return w, nil
	}
	shown := b.best(found, b.budget(in, w))
	w.places = places{shown: len(shown), all: len(found)}
	for _, place := range shown {
		w.shown = append(w.shown, b.parts[place.first:place.end]...)
	}
	return w, nil
}

// lacking says which of the words stand nowhere in a run; "" if all do.
func (s *Set) lacking(ctx context.Context, b *book, r run, in ReadIn, found int) (markdown.Text, error) {
	stand, lack, err := s.cfg.Index.WordsIn(ctx, in.Find, b.said(r))
	where := markdown.Text("on this page")
	if in.Section != "" {
		where = "in this section"
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("find in page %s: %w", b.Page.ID, err)
	case found == 0 && (len(stand) > 0 || len(lack) == 0):
		return markdown.Sprintf("Nothing %s has the words %q.", where, markdown.Short(in.Find)), nil
	case found == 0 && len(lack) > 1:
		return markdown.Sprintf("None of the words %s stands %s.", named(lack), where), nil
	case found == 0:
		return markdown.Sprintf("The word %s does not stand %s.", named(lack), where), nil
	case len(lack) > 0:
		return markdown.Sprintf("No place has %s.", named(lack)), nil
	}
	return "", nil
}

// named are words within a sentence.
func named(words []string) markdown.Text {
	var all []markdown.Text
	for _, w := range words {
		all = append(all, markdown.Sprintf("%q", markdown.Short(w)))
	}
	return markdown.Join(all, ", ")
}

// said is all that a run says, and what it stands under.
func (b *book) said(r run) []string {
	all := []string{b.Page.Title}
	for _, p := range b.parts[r.first:r.end] {
		if p.row != nil {
			all = append(all, p.row.Title)
			continue
		}
		all = append(append(all, string(p.span())), p.passage.HeadingsAt(p.from)...)
	}
	return all
}

// found are the places of a run that have the words, best first, and then the
// rows with such a title. What has less than a third of what another one has of
// them is not meant, and what has them in the title of the page alone only if all
// places have.
func (b *book) found(r run, in ReadIn, hits []index.Hit) []run {
	var all, titled []run
	most := 0.0
	for _, h := range hits {
		most = max(most, h.Coverage)
	}
	for _, h := range hits {
		whole, place := b.within(r, h)
		switch {
		case h.Coverage < most/3:
		case place.first < place.end:
			all = append(all, b.sections(whole, place))
		case whole.first < whole.end && b.parts[whole.first].begins() && b.parts[whole.end-1].to == len(h.Passage.Spans):
			titled = append(titled, whole)
		}
	}
	for i := r.first; i < r.end; i++ {
		if row := b.parts[i].row; row != nil && containsAll(key(row.Title), key(in.Find)) {
			all = append(all, run{i, i + 1})
		}
	}
	if all == nil {
		return titled
	}
	return all
}

// within is what a run has of a passage that was found: of all of it, if it has
// that, and from the first to the last part that has some of the words.
func (b *book) within(r run, h index.Hit) (whole, place run) {
	has := func(p part) bool {
		end := min(p.to, len(h.Blocks))
		return slices.ContainsFunc(h.Blocks[min(p.from, end):end], func(score float64) bool { return score > 0 })
	}
	whole, place = run{r.end, r.end}, run{r.end, r.end}
	for i := r.first; i < r.end; i++ {
		p := b.parts[i]
		if p.row != nil || p.passage.Ordinal != h.Passage.Ordinal {
			continue
		}
		whole = run{min(whole.first, i), i + 1}
		if has(p) {
			place = run{min(place.first, i), i + 1}
		}
	}
	return whole, place
}

// sections widens a place within a passage to the headings around it.
func (b *book) sections(whole, place run) run {
	for place.first > whole.first && !b.parts[place.first].heads() {
		place.first--
	}
	for place.first > whole.first && b.parts[place.first-1].heads() {
		place.first-- // a heading above that one
	}
	for place.end < whole.end && !b.parts[place.end].heads() {
		place.end++
	}
	return place
}

// best are the places that there is room for, but one at least, in the order of
// the page.
func (b *book) best(found []run, budget int) []run {
	n := 0
	for _, place := range found {
		budget -= b.parts[place.first].before()
		for _, p := range b.parts[place.first:place.end] {
			budget -= p.tokens()
		}
		if budget < 0 && n > 0 {
			break
		}
		n++
	}
	shown := slices.Clone(found[:n])
	slices.SortFunc(shown, func(a, b run) int { return a.first - b.first })
	return shown
}
