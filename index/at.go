package index

import (
	"context"
	"fmt"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Place names a passage: its page, and its ordinal there.
type Place struct {
	Page    notion.ID
	Ordinal int
}

// At returns the passages at some places with their pages, in no order; the
// rest of a Hit is empty. Places where there is none are left out.
func (x *Index) At(ctx context.Context, places []Place) ([]Hit, error) {
	return x.Admitted(ctx, Query{}, places)
}

// Admitted is At for those passages alone that the "phrases" and -words of a
// query admit, be they among its hits or not.
func (x *Index) Admitted(ctx context.Context, q Query, places []Place) ([]Hit, error) {
	var hits []Hit
	err := x.use(ctx, func(e *engine) error {
		return e.searching(&q, func(s *search) (err error) {
			hits, err = s.admitted(ctx, places)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read passages: %w", err)
	}
	return hits, nil
}

func (s *search) admitted(ctx context.Context, places []Place) ([]Hit, error) {
	barred, err := s.barred(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = passageID(p.Page, p.Ordinal)
	}
	docs, err := s.find(ids)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(docs))
	for _, doc := range docs {
		segment, local := s.locate(doc)
		at := place{doc, s.tables[segment].slots[local]}
		rec := s.roster.get(at.slot)
		if rec == nil || barred[doc] {
			continue
		}
		if ok, err := s.reads(at); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		p, err := s.passage(doc)
		if err != nil {
			return nil, err
		}
		hits = append(hits, Hit{Passage: p, Page: rec.Page})
	}
	return hits, nil
}

// barred are the passages with words that must not occur. It also finds out
// whether any passage has the phrases.
func (s *search) barred(ctx context.Context) (map[int]bool, error) {
	if !s.bag.selective() && s.bag.excluded == 0 {
		return nil, nil
	}
	list, err := s.lookUp(ctx)
	if err != nil {
		return nil, err
	}
	if len(s.bag.phrases) > 0 {
		some, err := s.sift(ctx, list, 1)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			s.bag.phrases, s.bag.required = nil, 0
		}
	}
	barred := map[int]bool{}
	s.scratch.clear()
	s.exhaustive = true
	return barred, s.scan(ctx, list, func(p place, f *found) {
		if f.mask&s.bag.excluded != 0 {
			barred[p.doc] = true
		}
	})
}

// Version counts the batches that were applied, for whoever looks now and then
// whether anything has changed. Looking does not keep the files open: 0 means
// that nobody has used the index for a while, so that nothing has changed
// either.
func (x *Index) Version() uint64 {
	h := x.shared
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.engine == nil {
		return 0
	}
	return h.engine.newest().version
}
