package retrieval

import (
	"slices"
	"unicode"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// mergeTokens bounds what neighbours may add up to.
const mergeTokens = 700

// Ranking says how passages are put in order and chosen. A part that is 0 is
// left out.
type Ranking struct {
	Words     index.Weights
	Merge     float64 // how weak a neighbour may be beside the passage it joins
	Duplicate float64 // share of three-word runs that two texts must have in common for the lower one to be left out
}

// DefaultRanking is that of a Retriever without one.
func DefaultRanking() Ranking {
	return Ranking{Words: index.DefaultWeights(), Merge: 0.6, Duplicate: 0.8}
}

// group is one passage, or neighbours of one page that are shown as one.
type group struct {
	page     index.Page
	hits     []index.Hit // in the order of the page
	best     index.Hit
	at       int             // the span to cite: the one of the best passage that has most of what tells it from the others
	cited    passage.Passage // which has it
	worth    float64         // what the span has that has most of the query; compares within an answer
	tokens   int             // 0 is not counted yet
	shingles *shingles
}

// chooser picks what is shown from ranked hits, best first: neighbours are
// merged, and near-duplicates dropped.
type chooser struct {
	limit  int
	by     *Ranking
	chosen []*group
	twins  []*group // of other pages, that say nearly what a chosen one says
}

// read reads a candidate that is wanted, and takes it.
func (c *chooser) read(of *index.Candidate) error {
	h, err := of.Read()
	if err == nil {
		c.take(h)
	}
	return err
}

// wants says whether a hit may be shown, as far as that can be told from where
// it is: most cannot.
func (c *chooser) wants(at index.Place, score float64) bool {
	return c.room() || slices.ContainsFunc(c.chosen, func(g *group) bool { return c.besides(g, at, score) })
}

func (c *chooser) room() bool { return len(c.chosen) < c.limit }

func (c *chooser) take(h index.Hit) {
	if c.join(h) || !c.room() {
		return
	}
	g := newGroup(h)
	switch {
	case c.by.Duplicate == 0 || !g.repeats(c.chosen, c.by.Duplicate):
		c.chosen = append(c.chosen, g)
	case len(c.twins) < MaxMore:
		c.twins = append(c.twins, g)
	}
}

func newGroup(h index.Hit) *group {
	at, worth := passage.BestSpan(h.Passage, blockScores(h))
	if len(h.Tells) == len(h.Passage.Spans) {
		at, _ = passage.BestSpan(h.Passage, h.Tells)
	}
	return &group{
		page: h.Page, hits: []index.Hit{h}, best: h, at: at, cited: h.Passage, worth: worth,
		shingles: shinglesOf(string(h.Passage.Text)),
	}
}

// join adds a hit to the group that it stands next to on the page. One that
// has a better block to cite than the group stays alone, since a group is cited
// by one block.
func (c *chooser) join(h index.Hit) bool {
	for _, g := range c.chosen {
		if !c.besides(g, place(h), h.Score) {
			continue
		}
		if _, worth := passage.BestSpan(h.Passage, blockScores(h)); worth > g.worth {
			continue
		}
		if g.tokens == 0 {
			g.tokens = passage.Tokens(string(g.best.Passage.Text))
		}
		tokens := passage.Tokens(string(h.Passage.Text))
		if g.tokens+tokens > mergeTokens {
			continue
		}
		if h.Passage.Ordinal < g.first() {
			g.hits = slices.Insert(g.hits, 0, h)
		} else {
			g.hits = append(g.hits, h)
		}
		g.tokens += tokens
		return true
	}
	return false
}

// besides says whether a hit stands next to the group, and is not much weaker.
func (c *chooser) besides(g *group, at index.Place, score float64) bool {
	return c.by.Merge > 0 && g.page.ID == at.Page && score >= c.by.Merge*g.best.Score && (at.Ordinal == g.first()-1 || at.Ordinal == g.last()+1)
}

func (g *group) first() int { return g.hits[0].Passage.Ordinal }
func (g *group) last() int  { return g.hits[len(g.hits)-1].Passage.Ordinal }

// repeats says whether a better group says nearly the same.
func (g *group) repeats(chosen []*group, share float64) bool {
	return slices.ContainsFunc(chosen, func(other *group) bool { return g.shingles.in(other.shingles, share) })
}

func (g *group) cite(x *index.Index) passage.Citation {
	return passage.Cite(ingest.Source(x, g.page), g.cited, g.at)
}

// citePage is cite with the path of the page alone, without the headings that the
// block stands under.
func (g *group) citePage(x *index.Index) passage.Citation {
	c := g.cite(x)
	c.Path = c.Path[:max(0, len(c.Path)-len(g.cited.HeadingsAt(g.at)))]
	return c
}

// heading is the one that what is cited stands under, "" for none.
func (g *group) heading() string {
	all := g.cited.HeadingsAt(g.at)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// settle has a group cite what is shown. The one that has most of the
// query may be too long for the room there is.
func (g *group) settle(lines []Line) {
	shown := func(p passage.Passage, at int) bool {
		return slices.ContainsFunc(lines, func(l Line) bool { return l.shows(p, at) })
	}
	if len(lines) == 0 || shown(g.cited, g.at) {
		return
	}
	worth := -1.0
	for _, h := range g.hits {
		scores := slices.Clone(blockScores(h))
		for i := range scores {
			if !shown(h.Passage, i) {
				scores[i] = -1
			}
		}
		if at, w := passage.BestSpan(h.Passage, scores); shown(h.Passage, at) && w > worth {
			g.cited, g.at, worth = h.Passage, at, w
		}
	}
}

// found is what is shown of a group.
func (g *group) found(lines []Line, s scale) Found {
	evidence, _ := s.evidence(g.best)
	return Found{
		Headings: g.cited.HeadingsAt(g.at), Above: g.above(lines[0]), Text: textOf(lines), Lines: lines,
		First: g.first(), Last: g.last(), Score: g.best.Score, Terms: g.terms(),
		Evidence: evidence,
	}
}

// above are the headings that a line stands under.
func (g *group) above(l Line) []string {
	for _, h := range g.hits {
		if h.Passage.Ordinal == l.passage {
			return h.Passage.HeadingsAt(l.at)
		}
	}
	return nil
}

func (g *group) terms() []string {
	var all []string
	for _, h := range g.hits {
		all = append(all, h.Terms...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// respelled are the words of the group that stood for others.
func (g *group) respelled() []Respelling {
	var all []Respelling
	for _, h := range g.hits {
		all = append(all, h.Respelled...)
	}
	return all
}

// respelled is one word for each that stood for another, of what was found
// first.
func respelled(found []Found) []Respelling {
	var all []Respelling
	for _, f := range found {
		for _, r := range f.Respelled {
			if !slices.ContainsFunc(all, func(known Respelling) bool { return known.Said == r.Said }) {
				all = append(all, r)
			}
		}
	}
	return all
}

// blockScores are those of the index. For a passage that was found by meaning
// there are none: its blocks are weighed by how many of the words that matched
// elsewhere they have.
func blockScores(h index.Hit) []float64 {
	if len(h.Blocks) == len(h.Passage.Spans) {
		return h.Blocks
	}
	matched := allTerms([]index.Hit{h})
	scores := make([]float64, len(h.Passage.Spans))
	for i, s := range h.Passage.Spans {
		scores[i] = float64(len(termsIn(string(h.Passage.Text[s.Start:s.End]), matched)))
	}
	return scores
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
