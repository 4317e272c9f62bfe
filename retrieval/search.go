package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

const (
	defaultLimit  = 8
	defaultBudget = 1310
	maxLimit      = 50

	// candidates is how many passages are ranked for each one wanted:
	// neighbours merge, duplicates and pages that went are dropped.
	candidates = 6
)

// Search answers a query. The error is one of notion.ErrUnauthorized and
// notion.ErrRestricted, of the token broker, or of ctx. That Notion cannot be
// reached is an error only while nothing is known of any page; else the result
// says so.
func (r *Retriever) Search(ctx context.Context, q Query) (*Result, error) {
	ctx, end := r.cfg.Trace(ctx, "retrieval")
	res, err := r.search(ctx, q.withDefaults())
	end(err)
	return res, err
}

func (r *Retriever) search(ctx context.Context, q Query) (*Result, error) {
	res, err := r.find(ctx, q, &Result{}, r.answer)
	if err == nil {
		res.Languages, err = r.cfg.Index.Languages(ctx, q.Text, q.Also)
	}
	return res, err
}

// find looks. While pages are unread and what was found is not strong, those that
// look right are read next, and it looks again: for some seconds, or at once with
// what there is if the budget is short.
func (r *Retriever) find(ctx context.Context, q Query, res *Result, look looking) (*Result, error) {
	within, err := r.within(ctx, q, res)
	if err != nil {
		return nil, err
	}
	if res.Narrowed = within != nil; res.Narrowed {
		res.Within = r.count(within)
	}
	var w *warming
	for more := true; more; {
		res.Coverage, res.Notes = r.cfg.Syncer.Coverage(), nil
		if w != nil {
			res.Live = append(res.Live, w.taken()...)
		}
		if err := look(ctx, q, within, res); err != nil {
			return nil, err
		}
		if res.Coverage.Settled() || r.enough(res) {
			break
		}
		if w == nil {
			w = r.warm(ctx, q, res)
		}
		if more, err = r.more(ctx, q, w, res); err != nil {
			return nil, err
		}
	}
	return res, r.onward(ctx, q, w, res)
}

// onward has read next, while pages are unread, what looks right where this
// question had to do without, and what lies about the page that answered it.
func (r *Retriever) onward(ctx context.Context, q Query, w *warming, res *Result) error {
	if w != nil {
		w.content.Store(r.enough(res))
	}
	if res.Coverage.Settled() || res.Recent {
		return nil
	}
	if r.says(res) {
		first := res.Found[0]
		page, _ := r.cfg.Index.Page(first.Citation.PageID)
		r.cfg.Syncer.Near(page, []passage.Passage{{Text: first.Text}})
	}
	if w == nil && res.Evidence != Strong {
		_, err := r.want(ctx, q)
		return err
	}
	return nil
}

// enough says whether to answer with what was found: where it is strong, and where
// it is something and more will not be read soon.
func (r *Retriever) enough(res *Result) bool {
	return r.says(res) && (res.Recent || res.Evidence == Strong || r.cfg.Syncer.Short())
}

// says whether a result has something to say, beyond titles of pages that are
// still to be read.
func (r *Retriever) says(res *Result) bool {
	if len(res.Found) == 0 {
		return false
	}
	first, _ := r.cfg.Index.Page(res.Found[0].Citation.PageID)
	return res.Recent || first.Level != index.Listed && (res.Evidence == Strong || res.Evidence == Partial)
}

// looking is one way to find passages of those pages that are within.
type looking func(ctx context.Context, q Query, within func(index.Page) bool, res *Result) error

func (q Query) withDefaults() Query {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	if q.Budget <= 0 {
		q.Budget = defaultBudget
	}
	return q
}

// answer ranks, chooses, and has the chosen pages confirmed, until what it has
// chosen may be quoted.
func (r *Retriever) answer(ctx context.Context, q Query, within func(index.Page) bool, res *Result) error {
	reread := false
	for {
		sense := r.sense(ctx, q)
		asked := q.asked(within)
		asked.Weights = &r.cfg.Ranking.Words
		asked.Respell = res.Coverage.Settled() // or the word may stand on a page that is still to be read
		chosen, twins, err := r.choose(ctx, q, asked, sense, res)
		if err != nil {
			return err
		}
		verdicts, err := r.confirm(ctx, pagesOf(slices.Concat(chosen, twins)))
		if err != nil {
			return err
		}
		gone, changed := 0, []notion.ID(nil)
		for id, v := range verdicts {
			switch {
			case v.Gone:
				gone += countOf(chosen, id) + countOf(twins, id)
			case v.Changed:
				changed = append(changed, id)
			}
		}
		res.Dropped += gone
		if !reread && len(changed) > 0 {
			reread = true
			gone += r.reread(ctx, changed, res)
		}
		if gone > 0 {
			continue // the index has forgotten those pages: rank again without them
		}
		if r.cfg.Strict {
			chosen = r.checked(chosen, verdicts, res)
			twins = slices.DeleteFunc(twins, func(g *group) bool { return verdicts[g.page.ID].Err != nil })
		}
		scale := q.scale(res)
		r.finish(res, chosen, twins, scale, q.Budget)
		r.near(res)
		for i, f := range res.Found {
			res.Found[i].Unchecked = verdicts[f.Citation.PageID].Err != nil
		}
		res.Respelled = respelled(res.Found)
		res.assess(chosen, scale)
		return nil
	}
}

// asked is what the index is asked.
func (q Query) asked(within func(index.Page) bool) index.Query {
	return index.Query{Text: q.Text, Also: q.Also, Within: within, Limit: q.Limit * candidates}
}

// choose picks from what the index finds. All of it has to be read only where
// its order depends on what it says.
func (r *Retriever) choose(ctx context.Context, q Query, asked index.Query, sense func(*Result) Sense, res *Result) (chosen, twins []*group, err error) {
	w := q.wish(r.cfg.Now())
	if r.cfg.Sense == nil && r.cfg.Rerank == nil && len(w.times) == 0 {
		return r.chooseUnread(ctx, w, asked, res)
	}
	hits, err := r.rank(ctx, asked)
	if err == nil {
		hits, err = r.dated(ctx, w, asked, hits)
	}
	if err == nil {
		hits, err = r.fuse(ctx, asked, hits, sense, res)
	}
	if err != nil {
		return nil, nil, err
	}
	c := chooser{limit: w.limit, by: r.cfg.Ranking}
	order, late := r.standing(ctx, w, hits, res)
	for _, i := range order {
		if c.wants(place(hits[i]), hits[i].Score) {
			c.take(hits[i])
		}
	}
	return currentFirst(c.chosen, late), c.twins, nil
}

// chooseUnread chooses by where candidates are, and reads only what it may choose.
func (r *Retriever) chooseUnread(ctx context.Context, w wish, asked index.Query, res *Result) (chosen, twins []*group, err error) {
	c := chooser{limit: w.limit, by: r.cfg.Ranking}
	err = r.cfg.Index.Rank(ctx, asked, func(ranked *index.Ranked) error {
		if r.namesakes(ranked.Titles()) {
			return r.chooseStanding(ctx, w, ranked, &c, res)
		}
		for {
			of, err := ranked.Next(ctx, c.wants)
			if err != nil {
				return err
			}
			if of == nil {
				break
			}
			if err := c.read(of); err != nil {
				return err
			}
		}
		c.chosen = currentFirst(c.chosen, r.late(ctx, w))
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("search the index: %w", err)
	}
	return c.chosen, c.twins, nil
}

// chooseStanding is for where the order depends on the pages of all candidates.
func (r *Retriever) chooseStanding(ctx context.Context, w wish, ranked *index.Ranked, c *chooser, res *Result) error {
	var all []*index.Candidate
	var hits []index.Hit
	for {
		of, err := ranked.Next(ctx, index.Any)
		if err != nil {
			return err
		}
		if of == nil {
			break
		}
		all = append(all, of)
		hits = append(hits, index.Hit{Passage: passage.Passage{Page: of.Page, Ordinal: of.Ordinal}, Page: index.Page{ID: of.Page, Title: of.Title}, Score: of.Score})
	}
	order, late := r.standing(ctx, w, hits, res)
	for _, i := range order {
		if !c.wants(place(hits[i]), hits[i].Score) {
			continue
		}
		if err := c.read(all[i]); err != nil {
			return err
		}
	}
	c.chosen = currentFirst(c.chosen, late)
	return nil
}

func (r *Retriever) rank(ctx context.Context, asked index.Query) ([]index.Hit, error) {
	hits, err := r.cfg.Index.Search(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("search the index: %w", err)
	}
	return hits, nil
}

// within makes the filter of a query.
func (r *Retriever) within(ctx context.Context, q Query, res *Result) (func(index.Page) bool, error) {
	under := q.Under
	if under == "" && q.EditedAfter.IsZero() {
		return nil, nil
	}
	if under != "" {
		if _, known := r.cfg.Index.Page(under); !known {
			reading, err := r.cfg.Syncer.Read(ctx, under)
			if err != nil {
				return nil, fmt.Errorf("look at the page to search under: %w", err)
			}
			under = reading.Page.ID
		}
	}
	lies := r.below(under)
	return func(p index.Page) bool {
		return !p.LastEdited.Before(q.EditedAfter) && (under == "" || p.ID == under || lies(p))
	}, nil
}

// below says whether pages lie below one. Most have the object above them in
// common, so what is found out of that is kept until the index changes.
func (r *Retriever) below(top notion.ID) func(index.Page) bool {
	var mu sync.Mutex
	var version uint64
	known := map[notion.ID]bool{} // by the object right above
	return func(p index.Page) bool {
		mu.Lock()
		defer mu.Unlock()
		if v := r.cfg.Index.Version(); v != version {
			clear(known)
			version = v
		}
		above := cmp.Or(p.Holder, p.Parent.ID())
		in, ok := known[above]
		if !ok {
			in = slices.ContainsFunc(ingest.Ancestors(r.cfg.Index, p), func(up index.Page) bool { return up.ID == top })
			known[above] = in
		}
		return in
	}
}

// count is how many pages are within.
func (r *Retriever) count(within func(index.Page) bool) int {
	n := 0
	r.cfg.Index.Select(func(p *index.Page) bool {
		if p.Kind != index.KindDatabase && within(*p) {
			n++
		}
		return false
	})
	return n
}

// finish turns what was chosen into what is returned: cited, and within the
// budget. What there is no room for is named.
func (r *Retriever) finish(res *Result, chosen, twins []*group, s scale, budget int) {
	lines := extracts(chosen, twins, budget)
	res.Found = nil
	var left []*group
	for _, g := range chosen {
		if len(lines[g]) == 0 {
			left = append(left, g)
			continue
		}
		g.settle(lines[g])
		f := g.found(lines[g], s)
		f.Citation = g.cite(r.cfg.Index)
		f.Respelled = g.respelled()
		res.Found = append(res.Found, f)
	}
	res.name(append(left, twins...), r.cfg.Index)
}

// near has the mirror read next the addresses of lines that are shown without
// their own, and says what theirs opens.
func (r *Retriever) near(res *Result) {
	var pages []notion.ID
	for _, f := range res.Found {
		if slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Near }) {
			pages = append(pages, f.Citation.PageID)
		}
	}
	if len(pages) > 0 {
		r.cfg.Syncer.Want(pages...)
		res.Notes = append(res.Notes, "Lines that share an #anchor stand in the block that it opens; their own are still being read.")
	}
}

// name names what is left: of the pages that are shown what is not, and of the
// others the first.
func (res *Result) name(left []*group, x *index.Index) {
	res.More = nil
	at, others, named := map[notion.ID]int{}, map[notion.ID]bool{}, 0
	for _, g := range left {
		i, known := at[g.page.ID]
		if !known {
			m := More{Citation: g.citePage(x), Shown: res.shows(g.page.ID)}
			if !m.Shown && named == MaxMore {
				others[g.page.ID] = true
				continue
			}
			if !m.Shown {
				named++
			}
			i, at[g.page.ID] = len(res.More), len(res.More)
			res.More = append(res.More, m)
		}
		if m := &res.More[i]; !slices.Contains(m.Headings, g.heading()) {
			m.Headings = append(m.Headings, g.heading())
		}
	}
	res.Others = len(others)
}

// shows says whether anything of a page is shown.
func (res *Result) shows(page notion.ID) bool {
	return slices.ContainsFunc(res.Found, func(f Found) bool { return f.Citation.PageID == page })
}

// checked leaves out what Notion could not be asked about.
func (r *Retriever) checked(chosen []*group, verdicts map[notion.ID]ingest.Verdict, res *Result) []*group {
	n := len(chosen)
	chosen = slices.DeleteFunc(chosen, func(g *group) bool { return verdicts[g.page.ID].Err != nil })
	if n -= len(chosen); n > 0 {
		res.Notes = append(res.Notes, string(markdown.Counted(n, "passage is", "passages are"))+unasked)
	}
	return chosen
}

func pagesOf(chosen []*group) []notion.ID {
	var ids []notion.ID
	for _, g := range chosen {
		if !slices.Contains(ids, g.page.ID) {
			ids = append(ids, g.page.ID)
		}
	}
	return ids
}

func countOf(chosen []*group, id notion.ID) int {
	n := 0
	for _, g := range chosen {
		if g.page.ID == id {
			n++
		}
	}
	return n
}

// keywords are the words of a query that a title may hold, longest first.
func keywords(q Query) []string {
	var words []string
	for _, w := range strings.FieldsFunc(unify.Text(q.Text), notWord) {
		if len([]rune(w)) >= 4 && !slices.Contains(words, strings.ToLower(w)) {
			words = append(words, strings.ToLower(w))
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}
