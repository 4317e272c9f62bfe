package index

import (
	"context"
	"fmt"
	"strconv"
	"strings"

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
	var hits []Hit
	err := x.use(ctx, func(e *engine) (err error) {
		hits, err = e.at(places)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read passages: %w", err)
	}
	return hits, nil
}

func (e *engine) at(places []Place) ([]Hit, error) {
	s, err := e.snapshot()
	if err != nil {
		return nil, err
	}
	defer s.close()
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
		rest := strings.TrimPrefix(s.id(doc), passagePrefix)
		id, ordinal, _ := strings.Cut(rest, "/")
		rec := e.record(s.roster, notion.ID(id))
		if _, err := strconv.Atoi(ordinal); err != nil || rec == nil {
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
