package retrieval

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	defaultLimit  = 8
	defaultBudget = 3000
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
	res := &Result{}
	until := r.cfg.Now().Add(r.cfg.WarmWithin)
	if !r.cfg.Syncer.Coverage().Ready() {
		if err := r.warm(ctx, q, res); err != nil {
			return nil, err
		}
	}
	return r.find(ctx, q, until, res, r.answer)
}

// find looks, and looks again while nothing is found and the mirror begins to
// fill, but no longer than until some time.
func (r *Retriever) find(ctx context.Context, q Query, until time.Time, res *Result, look looking) (*Result, error) {
	within, err := r.within(ctx, q, res)
	if err != nil {
		return nil, err
	}
	for {
		if err := look(ctx, q, within, res); err != nil {
			return nil, err
		}
		if len(res.Found) > 0 || !r.await(ctx, until) {
			break
		}
	}
	res.Coverage = r.cfg.Syncer.Coverage()
	return res, nil
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
		near := r.meant(ctx, q, within)
		asked := q.asked(within)
		hits, err := r.rank(ctx, asked)
		if err == nil {
			hits, err = r.fuse(ctx, asked, hits, near, res)
		}
		if err != nil {
			return err
		}
		chosen := choose(hits, q)
		verdicts, err := r.confirm(ctx, pagesOf(chosen))
		if err != nil {
			return err
		}
		gone, changed := 0, []notion.ID(nil)
		for id, v := range verdicts {
			switch {
			case v.Gone:
				gone += countOf(chosen, id)
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
		}
		res.Found = r.finish(chosen, q, verdicts)
		res.assess(chosen, q.bars())
		return nil
	}
}

// asked is what the index is asked.
func (q Query) asked(within func(index.Page) bool) index.Query {
	return index.Query{Text: q.Text, Also: q.Also, Within: within, Limit: q.Limit * candidates}
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
	return func(p index.Page) bool {
		if p.LastEdited.Before(q.EditedAfter) {
			return false
		}
		if under == "" || p.ID == under {
			return true
		}
		return slices.ContainsFunc(ingest.Ancestors(r.cfg.Index, p), func(up index.Page) bool { return up.ID == under })
	}, nil
}

// finish turns what was chosen into what is returned: cited, and within the
// budget.
func (r *Retriever) finish(chosen []*group, q Query, verdicts map[notion.ID]ingest.Verdict) []Found {
	var out []Found
	budget := q.Budget
	for _, g := range chosen {
		f, tokens := g.found(budget, len(out) == 0, q.bars())
		if tokens > budget && len(out) > 0 {
			continue // a shorter one may still fit
		}
		budget -= tokens
		f.Citation = g.cite(r.cfg.Index)
		f.Unchecked = verdicts[g.page.ID].Err != nil
		out = append(out, f)
	}
	return out
}

// checked leaves out what Notion could not be asked about.
func (r *Retriever) checked(chosen []*group, verdicts map[notion.ID]ingest.Verdict, res *Result) []*group {
	n := len(chosen)
	chosen = slices.DeleteFunc(chosen, func(g *group) bool { return verdicts[g.page.ID].Err != nil })
	if n -= len(chosen); n > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d passages are left out because Notion could not be asked just now whether they may still be read; ask again in a moment.", n))
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
	for _, w := range strings.FieldsFunc(q.Text, notWord) {
		if len([]rune(w)) >= 4 && !slices.Contains(words, strings.ToLower(w)) {
			words = append(words, strings.ToLower(w))
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}
