package retrieval

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// How the standing of a page changes what its passages are worth. Words still
// decide: a page that says much less than another does not pass it.
const (
	worthRetired = 0.7  // of a page that is marked as no longer in force
	worthDay     = 0.75 // of the best one, for one from the very day that is asked for
	worthAsked   = 1.5  // of one from the month or longer time that is asked for
	worthOther   = 0.8  // of one from another time, where there are some from that
	nearWorth    = 0.35 // how much of the other's worth a page has that goes before its namesake
	namedWorth   = 0.3  // the same where the question names its place
)

// wish is what a question asks for beside its words.
type wish struct {
	limit   int
	text    string
	times   []property.Mention
	retired bool // asks for what was, too
	newest  bool // of a series
	edition bool // names one
}

func (q Query) wish(now time.Time) wish {
	w := wish{limit: q.Limit, text: q.Text, times: property.Mentions(q.Text, now)}
	words := wordsIn(q.Text)
	w.retired = slices.ContainsFunc(words, func(w string) bool { return retired[w] || backward[w] })
	w.newest = slices.ContainsFunc(words, func(w string) bool { return newest[w] }) || strings.Contains(strings.ToLower(q.Text), "most recent")
	w.edition = edition(q.Text, nil) != nil
	return w
}

// stand is one page among the candidates.
type stand struct {
	above   map[string]bool   // the words of their titles
	days    []property.Period // of its properties and its title, else of the nearest title above it that has one
	key     string
	place   string // the keys of its path: editions of one page have the same
	edition []int  // the year or version in its path; nil for none
	retired bool
	perhaps bool // retired, if there is another of its name
	named   int  // words of the place that the question names
	factor  float64
	best    float64 // what its best passage is worth
	look    func()  // to be called before above, days, place, edition, retired and perhaps are read
}

// namesakes says whether two pages have one name, or no name but a date.
func (r *Retriever) namesakes(titles []string) bool {
	names := make(map[string]bool, len(titles))
	for _, title := range titles {
		name := key(title, r.datesIn(title))
		if names[name] {
			return true
		}
		names[name] = true
	}
	return false
}

// standing says in which order hits are by what their pages are: current before
// retired, newer before older of one name, those of the time and place that the
// question names before the others; and which pages are to come late.
func (r *Retriever) standing(ctx context.Context, w wish, hits []index.Hit, res *Result) (order []int, late func(notion.ID) bool) {
	pages, names := map[notion.ID]*stand{}, map[string][]*stand{}
	for _, h := range hits {
		if pages[h.Page.ID] == nil {
			s := r.stand(ctx, h.Page.ID, h.Page.Title)
			pages[h.Page.ID], names[s.key] = s, append(names[s.key], s)
		}
	}
	worth := r.worth(w, hits, pages, res)
	for i, h := range hits {
		s := pages[h.Page.ID]
		s.best = max(s.best, worth[i])
	}
	for _, same := range names {
		w.settle(same)
	}
	order = make([]int, len(hits))
	for i := range order {
		order[i] = i
		worth[i] *= pages[hits[i].Page.ID].factor
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worth[b], worth[a]) })
	return order, func(id notion.ID) bool {
		s := pages[id]
		s.look()
		return s.retired && !w.retired
	}
}

// late says which pages without namesakes are to come late.
func (r *Retriever) late(ctx context.Context, w wish) func(notion.ID) bool {
	return func(id notion.ID) bool {
		if w.retired {
			return false
		}
		page, _ := r.cfg.Index.Page(id)
		return retiredPage(page, ingest.Ancestors(r.cfg.Index, page), r.values(ctx, page))
	}
}

// currentFirst moves what is retired behind what is not, among what was chosen:
// what alone answers is not lost by it.
func currentFirst(chosen []*group, late func(notion.ID) bool) []*group {
	worth, least := map[*group]float64{}, math.Inf(1)
	for _, g := range chosen {
		least = min(least, g.best.Score)
		worth[g] = least
		if late(g.page.ID) {
			worth[g] *= worthRetired
		}
	}
	slices.SortStableFunc(chosen, func(a, b *group) int { return cmp.Compare(worth[b], worth[a]) })
	return chosen
}

// stand is a page by its name. Most pages have no namesake and are not chosen:
// the rest is looked at where it counts.
func (r *Retriever) stand(ctx context.Context, id notion.ID, title string) *stand {
	s := &stand{key: key(title, r.datesIn(title)), factor: 1}
	s.look = sync.OnceFunc(func() { r.regard(ctx, s, id) })
	if s.key == "" { // of a series of dates
		s.look()
		s.key = s.place
	}
	return s
}

// regard looks at the rest of a page.
func (r *Retriever) regard(ctx context.Context, s *stand, id notion.ID) {
	page, _ := r.cfg.Index.Page(id)
	up := ingest.Ancestors(r.cfg.Index, page)
	for i, u := range append([]index.Page{page}, up...) {
		times := r.datesIn(u.Title)
		s.place += "/" + key(u.Title, times)
		if s.edition == nil {
			s.edition = edition(u.Title, times)
		}
		for _, m := range times {
			if len(s.days) == 0 || i == 0 {
				s.days = append(s.days, m.Period)
			}
		}
	}
	s.above = wordsAbove(up)
	values := r.values(ctx, page)
	s.perhaps, _ = retiredTitle(page.Title)
	s.retired = retiredPage(page, up, values)
	for _, v := range values {
		if v.Date == nil {
			continue
		}
		if d, ok := property.ParsePeriod(v.Date.Start[:min(len(v.Date.Start), len(time.DateOnly))], r.cfg.Now()); ok {
			s.days = append(s.days, d)
		}
	}
}

// datesIn are the dates in a title or heading, with their years.
func (r *Retriever) datesIn(title string) []property.Mention {
	if !strings.ContainsFunc(title, unicode.IsDigit) {
		return nil
	}
	return slices.DeleteFunc(property.Mentions(title, r.cfg.Now()), func(m property.Mention) bool { return m.Yearless })
}

// dated adds hits on pages of the time that the question names, whose titles
// may say it in another form: the words alone might not have found them.
func (r *Retriever) dated(ctx context.Context, w wish, asked index.Query, hits []index.Hit) ([]index.Hit, error) {
	if len(w.times) == 0 {
		return hits, nil
	}
	within := asked.Within
	asked.Limit = w.limit
	asked.Within = func(p index.Page) bool {
		return (within == nil || within(p)) && slices.ContainsFunc(r.datesIn(p.Title), func(d property.Mention) bool {
			return slices.ContainsFunc(w.times, func(m property.Mention) bool { return fits(m, d.Period) > undated })
		})
	}
	more, err := r.rank(ctx, asked)
	for _, h := range more {
		if !slices.ContainsFunc(hits, func(o index.Hit) bool {
			return o.Passage.Page == h.Passage.Page && o.Passage.Ordinal == h.Passage.Ordinal
		}) {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b index.Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits, err
}

// worth is what each hit is worth before namesakes are looked at.
func (r *Retriever) worth(w wish, hits []index.Hit, pages map[notion.ID]*stand, res *Result) []float64 {
	worth, from := make([]float64, len(hits)), make([]fit, len(hits))
	least, any := math.Inf(1), false
	for i, h := range hits {
		least = min(least, h.Score) // the order counts, whoever made it
		worth[i], from[i] = least, r.from(w, h, pages[h.Page.ID])
		if from[i] >= sometime {
			any = true
			w.note(res)
		}
	}
	for i := range hits {
		switch {
		case from[i] == day:
			worth[i] += worthDay * hits[0].Score
		case from[i] == then:
			worth[i] *= worthAsked
		case from[i] == sometime:
			worth[i] *= (1 + worthAsked) / 2
		case any && from[i] == otherwise:
			worth[i] *= worthOther
		}
	}
	return worth
}

// note says what words for a time were taken as.
func (w wish) note(res *Result) {
	for _, m := range w.times {
		if m.Yearless || !property.Written(strings.TrimPrefix(strings.ToLower(m.Words), "in ")) {
			res.note(string(markdown.Sprintf("%q is taken as %s: what is dated so comes first.", m.Words, m.String())))
		}
	}
}

// fit is how the time of a passage is that which is asked for.
type fit int

const (
	otherwise fit = iota // of another time
	undated
	sometime // of that month or day in another year, where none is named
	then
	day // the very day
)

// from says whether a passage is of the time that is asked for, by its page's
// title and properties and its headings.
func (r *Retriever) from(w wish, h index.Hit, s *stand) fit {
	if len(w.times) == 0 {
		return undated
	}
	s.look()
	days := slices.Clone(s.days)
	for _, head := range h.Passage.Headings {
		for _, m := range r.datesIn(head) {
			days = append(days, m.Period)
		}
	}
	best := undated
	if len(days) > 0 {
		best = otherwise
	}
	for _, d := range days {
		for _, m := range w.times {
			best = max(best, fits(m, d))
		}
	}
	return best
}

// fits says whether a day or a longer time is what was asked for.
func fits(m property.Mention, d property.Period) fit {
	switch {
	case d == m.Period && m.Day() && !m.Yearless:
		return day
	case m.Yearless && d.End.After(d.Start.AddDate(0, 2, 0)): // a year has every month
		return undated
	case d.Start.Before(m.End) && d.End.After(m.Start):
		return then
	case m.Yearless:
		years := d.Start.Year() - m.Start.Year()
		if d.Start.Before(m.End.AddDate(years, 0, 0)) && d.End.After(m.Start.AddDate(years, 0, 0)) {
			return sometime
		}
	}
	return otherwise
}

// edition is the year or the version in a title.
func edition(title string, times []property.Mention) []int {
	for _, m := range times {
		if m.End.Equal(m.Start.AddDate(1, 0, 0)) {
			return []int{m.Start.Year()}
		}
	}
	for _, w := range split(title) {
		if v := version(w); v != nil {
			return v
		}
	}
	return nil
}

// settle puts pages of one name in order among themselves.
func (w wish) settle(same []*stand) {
	if len(same) < 2 {
		return
	}
	words := wordsOf(strings.Join(split(w.text), " "))
	for _, s := range same {
		s.look()
	}
	current := slices.ContainsFunc(same, func(s *stand) bool { return !s.retired && !s.perhaps })
	for _, s := range same {
		s.retired = s.retired || s.perhaps && current
		s.named = s.namedBy(words, same)
	}
	slices.SortStableFunc(same, func(a, b *stand) int {
		if over, _ := w.over(a, b); over {
			return -1
		}
		if under, _ := w.over(b, a); under {
			return 1
		}
		return 0
	})
	for i, s := range same {
		for _, first := range same[:i] {
			if over, near := w.over(first, s); over && first.best >= near*s.best && s.best > 0 {
				s.factor = min(s.factor, 0.999*first.factor*first.best/s.best)
			}
		}
	}
}

// over says whether a page goes before its namesake, and how near it has to
// come to it in worth for that.
func (w wish) over(a, b *stand) (over bool, near float64) {
	switch {
	case a.named != b.named:
		return a.named > b.named, namedWorth
	case a.retired != b.retired:
		return a.retired == w.retired, nearWorth
	case a.place != b.place:
		return false, 0
	case w.newest && len(a.days) > 0 && len(b.days) > 0:
		return a.days[0].Start.After(b.days[0].Start), nearWorth
	case len(w.times) == 0 && !w.retired && a.edition != nil && b.edition != nil && !w.edition:
		return slices.Compare(a.edition, b.edition) > 0, nearWorth
	}
	return false, 0
}

// namedBy counts the words of a page's place that a question has, but for those
// that all of its name have.
func (s *stand) namedBy(question map[string]bool, same []*stand) int {
	n := 0
	for word := range s.above {
		if len(word) > 2 && question[word] && slices.ContainsFunc(same, func(o *stand) bool { return !o.above[word] }) {
			n++
		}
	}
	return n
}

// wordsAbove are the words of the titles above a page.
func wordsAbove(up []index.Page) map[string]bool {
	var all []string
	for _, u := range up {
		all = append(all, strings.Join(split(u.Title), " "))
	}
	return wordsOf(strings.Join(all, " "))
}
