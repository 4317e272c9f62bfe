package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/notion"
)

const defaultLimit = 20

// search answers a query from one snapshot.
func (e *engine) search(ctx context.Context, q Query, choose func(*Ranked) error) error {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	err := e.searching(&q, func(s *search) error {
		if s.bag.empty() {
			return ctx.Err()
		}
		ranked, err := s.run(ctx)
		if err != nil {
			return err
		}
		return choose(ranked)
	})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	return nil
}

// searching calls do with a search that has not begun.
func (e *engine) searching(q *Query, do func(*search) error) error {
	return e.workers.withAnalyzer(func(a *terms.Analyzer) error {
		snap, err := e.snapshot()
		if err != nil {
			return err
		}
		defer snap.close()
		sc := e.workers.scratches.Get().(*scratch)
		defer e.workers.scratches.Put(sc)
		w := q.weights()
		s := &search{snapshot: snap, bag: parse(q, a, snap.roster.languages()), query: q, weights: w, words: a, scratch: sc, spelling: e.workers.spelling}
		defer s.clear()
		s.fit(len(s.roster.records))
		s.model()
		return do(s)
	})
}

// search is one search under way.
type search struct {
	*snapshot
	*scratch
	bag     *bag
	query   *Query
	weights Weights
	words   *terms.Analyzer
	idf     [maxTerms]float64 // by bit
	rare    [maxTerms]float64 // idf by coverPower, which is slow to compute
	models  [fields + 1]bm25  // by field, and ofPages

	bar        float64 // what the last of the best has; 0 while there are too few
	exhaustive bool    // all is scored, for tests to compare with

	number    bool    // the query may ask for one
	counts    bool    // it asks for nothing else
	power     float64 // by which a share of the query counts
	left      float64 // of that, for what the best passages lack
	respelled []respelled
	spelling  func() (speller, error)
}

// scratch is memory that searches use again. Between searches all of it is
// zero, apart from the lists, which are empty.
type scratch struct {
	found   []found   // by document of the window
	touched []uint32  // documents of the window with a mask
	pages   []pageSum // by slot
	current []int32   // slots with the current word
	within  []int8    // by slot: may it answer; 0 is not known yet, 1 is yes, -1 is no
	asked   []int32   // slots with a within
	spots   []spot    // of the texts that were looked at closely, one after the other

	postings []posting // of the current word
}

// place is a passage and the slot of its page.
type place struct {
	doc  int
	slot int32
}

// fit makes room for a snapshot.
func (c *scratch) fit(slots int) {
	if len(c.pages) < slots {
		c.pages, c.within = make([]pageSum, slots), make([]int8, slots)
	}
}

func (c *scratch) fitWindow(docs int) {
	if len(c.found) < docs {
		c.found = make([]found, docs)
	}
}

func (c *scratch) clear() {
	for _, at := range c.touched { // of a search that was broken off
		c.found[at] = found{}
	}
	clear(c.pages)
	for _, p := range c.asked {
		c.within[p] = 0
	}
	c.touched, c.asked, c.spots = c.touched[:0], c.asked[:0], c.spots[:0]
}

// run finds the passages that may answer.
func (s *search) run(ctx context.Context) (*Ranked, error) {
	list, err := s.lookUp(ctx)
	if err != nil {
		return nil, err
	}
	best, err := s.best(ctx, list)
	if err != nil {
		return nil, err
	}
	titles := s.name(best)
	s.cover(best)
	s.sort(best)
	s.judge(best)
	s.number, s.counts = asksForNumber(s.query.Text), says(s.query.Text, onlyNumbers)
	return &Ranked{search: s, pool: best, titles: titles}, nil
}

// name finds out where candidates are, and the titles of their pages.
func (s *search) name(all []candidate) (texts []string) {
	titles := map[int32]*title{}
	for i := range all {
		c := &all[i]
		c.title = titles[c.slot]
		if c.title == nil {
			c.title = &title{text: s.roster.title(c.slot)}
			c.title.spots, c.title.words = s.spotsIn(c.title.text, 0)
			titles[c.slot], texts = c.title, append(texts, c.title.text)
		}
		id := s.id(c.doc)
		page, _ := pageOf([]byte(id))
		c.at = Place{notion.ID(page), ordinalOf(id)}
	}
	return texts
}

// candidate is a passage that may become a hit.
type candidate struct {
	place
	at    Place
	score float64 // at least
	most  float64
	mask  uint64 // the words that it has
	parts Parts
	title *title
	spots []spot // of its text
	read  bool   // it was looked at closely
	past  bool   // it was not wanted when its turn may have been
	gone  bool   // its turn was
}

// title is that of a candidate's page.
type title struct {
	text  string
	spots []spot
	words int
}

func (s *search) candidate(p place, f *found) candidate {
	c := candidate{place: p, mask: f.mask}
	c.parts.Words = f.score
	c.parts.Page = s.pages[p.slot].score
	c.total()
	return c
}

func (c *candidate) total() {
	c.score = c.parts.Words + c.parts.Page + c.parts.Cover + c.parts.Exact + c.parts.Near
}

// best returns the passages with the highest scores before a close look, in no
// order, which fulfil all conditions of the query. Phrases that no passage has
// become words like all others: people quote what somebody said, too.
func (s *search) best(ctx context.Context, list []lookup) ([]candidate, error) {
	want := max(rankPool, 2*s.query.Limit)
	if !s.bag.selective() {
		return s.highest(ctx, list, want)
	}
	best, err := s.sift(ctx, list, want)
	if err != nil || len(best) > 0 || len(s.bag.phrases) == 0 {
		return best, err
	}
	s.bag.phrases, s.bag.required = nil, 0
	return s.best(ctx, list)
}

// highest returns the passages with the highest scores, in no order, that fulfil
// the conditions for which no text has to be read.
func (s *search) highest(ctx context.Context, list []lookup, want int) ([]candidate, error) {
	s.scratch.clear()
	var top []candidate // a heap, worst first, once it is full
	err := s.scan(ctx, list, func(p place, f *found) {
		if len(top) == want && f.score+s.pages[p.slot].score < top[0].score || !s.fulfils(f) {
			return
		}
		c := s.candidate(p, f)
		if len(top) == want && s.compare(&c, &top[0]) >= 0 || !s.allowed(p.slot) {
			return
		}
		if top = s.keep(top, c, want); len(top) == want {
			s.bar = top[0].score
		}
	})
	return top, err
}

func (s *search) fulfils(f *found) bool {
	return f.score > 0 && f.mask&s.bag.excluded == 0 && f.mask&s.bag.required == s.bag.required
}

// sift reads the texts, best first, until enough have the phrases, and none that
// is banned.
func (s *search) sift(ctx context.Context, list []lookup, want int) (best []candidate, err error) {
	read := 0
	for size := 4 * want; ; size *= 8 {
		all, err := s.highest(ctx, list, size)
		if err != nil {
			return nil, err
		}
		s.sort(all)
		for _, c := range all[read:] {
			if err := ctx.Err(); err != nil || len(best) == want {
				return best, err
			}
			ok, err := s.reads(c.place)
			if err != nil {
				return nil, err
			}
			if ok {
				best = append(best, c)
			}
		}
		if read = len(all); read < size {
			return best, nil
		}
	}
}

// reads says whether a passage has all phrases, and none that is banned.
func (s *search) reads(at place) (bool, error) {
	p, err := s.passage(at.doc)
	if err != nil {
		return false, err
	}
	text := s.exact(string(p.Text))
	head := s.exact(headOf(s.roster.title(at.slot), &p))
	has := func(phrase []string) bool { return contains(text, phrase) || contains(head, phrase) }
	lacks := func(phrase []string) bool { return !has(phrase) }
	return !slices.ContainsFunc(s.bag.phrases, lacks) && !slices.ContainsFunc(s.bag.banned, has), nil
}

func (s *search) exact(text string) []string {
	var words []string
	s.words.Words(text, func(w *terms.Word) { words = append(words, w.Exact) })
	return words
}

func contains(words, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(words); i++ {
		if slices.Equal(words[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

// allowed asks Query.Within, once for each page.
func (s *search) allowed(slot int32) bool {
	if s.query.Within == nil {
		return true
	}
	if s.within[slot] == 0 {
		s.asked = append(s.asked, slot)
		s.within[slot] = -1
		if s.query.Within(s.roster.get(slot).Page) {
			s.within[slot] = 1
		}
	}
	return s.within[slot] == 1
}

// compare orders candidates, best first. Equal scores are ordered by id, since
// document numbers change with every merge.
func (s *search) compare(a, b *candidate) int {
	if c := cmp.Compare(b.score, a.score); c != 0 || a.doc == b.doc {
		return c
	}
	return cmp.Compare(s.id(a.doc), s.id(b.doc))
}

func (s *search) sort(list []candidate) {
	slices.SortFunc(list, func(a, b candidate) int { return s.compare(&a, &b) })
}

// keep adds c to a heap of at most size candidates, the worst of which is the
// first. Below size it is only a list.
func (s *search) keep(top []candidate, c candidate, size int) []candidate {
	if len(top) < size {
		top = append(top, c)
		if len(top) == size {
			for i := size/2 - 1; i >= 0; i-- {
				s.sink(top, i)
			}
		}
		return top
	}
	top[0] = c
	s.sink(top, 0)
	return top
}

func (s *search) sink(top []candidate, i int) {
	for {
		worst := i
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < len(top) && s.compare(&top[child], &top[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		top[i], top[worst] = top[worst], top[i]
		i = worst
	}
}

// hit reads what a candidate says.
func (s *search) hit(c *candidate) (Hit, error) {
	p, err := s.passage(c.doc)
	if err != nil {
		return Hit{}, err
	}
	page := s.roster.get(c.slot).Page
	var respellings []Respelling
	if len(s.respelled) > 0 {
		respellings = s.respellings(c, headOf(page.Title, &p)+"\n"+string(p.Text))
	}
	spots := c.spots
	if spots == nil {
		spots, _ = s.spotsIn(string(p.Text), 0)
	}
	covered := s.covered(c.mask)
	blocks, tells := s.blockScores(&p, spots)
	confidence := s.confidence(covered)
	if s.counts && lacksNumber(&p, blocks) {
		confidence *= leftWithoutNumber
	}
	return Hit{
		Passage: p, Page: page, Score: c.score, Parts: c.parts,
		Terms: matched(string(p.Text), spots), Blocks: blocks, Tells: tells, Coverage: covered, Confidence: confidence,
		Respelled: respellings,
	}, nil
}
