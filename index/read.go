package index

import (
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

func (e *engine) passages(ctx context.Context, id notion.ID) ([]passage.Passage, error) {
	s, err := e.snapshot()
	if err != nil {
		return nil, err
	}
	defer s.close()
	rec := e.record(s.roster, id)
	if rec == nil {
		return nil, nil
	}
	ids := make([]string, rec.Page.Passages)
	for n := range ids {
		ids[n] = passageID(id, n)
	}
	docs, err := s.find(ids)
	if err != nil {
		return nil, err
	}
	if len(docs) != len(ids) {
		return nil, fmt.Errorf("found %d of %d passages", len(docs), len(ids))
	}
	all := make([]passage.Passage, 0, len(docs))
	for _, doc := range docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := s.passage(doc)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b passage.Passage) int { return a.Ordinal - b.Ordinal })
	return all, nil
}

func (e *engine) draft(id notion.ID) ([]byte, error) {
	return e.besides(id, draftPrefix, fieldDraft, func(r *record) bool { return r.Draft })
}

func (e *engine) values(id notion.ID) ([]byte, error) {
	return e.besides(id, valuesPrefix, fieldValues, func(r *record) bool { return r.Values })
}

// besides reads what is stored beside a page, if its record says that it is
// there.
func (e *engine) besides(id notion.ID, prefix, field string, has func(*record) bool) ([]byte, error) {
	s, err := e.snapshot()
	if err != nil {
		return nil, err
	}
	defer s.close()
	if rec := e.record(s.roster, id); rec == nil || !has(rec) {
		return nil, nil
	}
	docs, err := s.find([]string{prefix + string(id)})
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	var value []byte
	err = s.visit(docs[0], func(name string, v []byte) error {
		if name == field {
			value = slices.Clone(v)
		}
		return nil
	})
	return value, err
}

func (e *engine) state(key string) ([]byte, error) {
	snap, _ := e.view()
	if snap == nil {
		return nil, ErrClosed
	}
	defer snap.Close()
	return slices.Clone(snap.Internal()[statePrefix+key]), nil
}
