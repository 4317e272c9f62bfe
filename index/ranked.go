package index

import (
	"context"
)

// Ranked gives the passages that answer, best first. What a passage scores is
// known once its text has been read, and before, what it scores at least and at
// most: so only those texts are read that tell which one is next.
type Ranked struct {
	search *search
	pool   []candidate
	titles []string
	given  int
	passed bool       // something was not wanted
	last   *candidate // given
}

// Candidate is a Hit that has not been read yet.
type Candidate struct {
	Place
	Title string // of the page
	Score float64
	Read  func() (Hit, error) // to be called before choose returns
}

// Titles are those of the pages of all passages that may come, one of each page.
func (r *Ranked) Titles() []string { return r.titles }

// Next is the best passage after the last one that is wanted where it is, with
// its score; nil if there is none. Wanted is also asked with what a passage
// scores at most, and must not refuse a higher score than one that it wants.
func (r *Ranked) Next(ctx context.Context, wanted func(Place, float64) bool) (*Candidate, error) {
	for {
		c := r.top(wanted)
		if c == nil || ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !c.read {
			if err := r.search.lookClosely(c); err != nil {
				return nil, err
			}
			continue
		}
		c.gone = true
		if c.past && r.last != nil && r.search.compare(c, r.last) < 0 {
			continue
		}
		if among, err := r.among(c); err != nil || !among {
			return nil, err
		}
		r.given, r.last = r.given+1, c
		return &Candidate{c.at, c.title.text, c.score, func() (Hit, error) { return r.search.hit(c) }}, nil
	}
}

// top is the candidate that may score most of those that are left and wanted.
func (r *Ranked) top(wanted func(Place, float64) bool) *candidate {
	var top *candidate
	for i := range r.pool {
		c := &r.pool[i]
		if c.gone || top != nil && !r.rather(c, top) {
			continue
		}
		if wanted(c.at, c.most) {
			top = c
		} else {
			c.past, r.passed = true, true
		}
	}
	return top
}

// rather says whether c is to be looked at before another one.
func (r *Ranked) rather(c, other *candidate) bool {
	switch {
	case c.most != other.most:
		return c.most > other.most
	case c.read && other.read:
		return r.search.compare(c, other) < 0
	}
	return !c.read && other.read
}

// among says whether c, which has been read, is one of as many passages as the
// query wants.
func (r *Ranked) among(c *candidate) (bool, error) {
	limit := r.search.query.Limit
	if !r.passed {
		return r.given < limit, nil
	}
	for {
		before, unsure := 0, 0
		var next *candidate
		for i := range r.pool {
			switch o := &r.pool[i]; {
			case o.read && r.search.compare(o, c) < 0, !o.read && o.score > c.score:
				before++
			case !o.read && o.most >= c.score:
				if unsure++; next == nil || o.most > next.most {
					next = o
				}
			}
		}
		if before >= limit || before+unsure < limit {
			return before < limit, nil
		}
		if err := r.search.lookClosely(next); err != nil {
			return false, err
		}
	}
}
