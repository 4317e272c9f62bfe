package vectors

import (
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// follow brings what is known of the pages in step with the index, and returns
// how many of them have changed.
func (s *Store) follow(ctx context.Context) (int, error) {
	changed, gone := s.compare(s.cfg.Index.Pages())
	for _, p := range changed {
		if err := s.look(ctx, p); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range gone {
		s.replace(id, nil)
	}
	select {
	case <-s.followed:
	default:
		close(s.followed)
	}
	return len(changed) + len(gone), nil
}

// compare returns the pages whose text may have changed, newest first, and
// those that are gone. The others only get their new record.
func (s *Store) compare(now []index.Page) (changed []index.Page, gone []notion.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := make(map[notion.ID]bool, len(now))
	for _, p := range now {
		there[p.ID] = true
		old := s.pages[p.ID]
		if old == nil || differ(&old.Page, &p) {
			changed = append(changed, p)
			continue
		}
		old.Page = p
	}
	for id := range s.pages {
		if !there[id] {
			gone = append(gone, id)
		}
	}
	slices.SortFunc(changed, func(a, b index.Page) int { return b.LastEdited.Compare(a.LastEdited) })
	return changed, gone
}

func differ(a, b *index.Page) bool {
	return a.Title != b.Title || a.Passages != b.Passages || a.Blocks != b.Blocks || a.Pending != b.Pending || a.Level != b.Level ||
		!a.Fetched.Equal(b.Fetched) || !a.BodyEdited.Equal(b.BodyEdited) || !a.LastEdited.Equal(b.LastEdited)
}

// look reads a page's passages anew.
func (s *Store) look(ctx context.Context, p index.Page) error {
	passages, err := s.cfg.Index.Passages(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read the passages of page %s: %w", p.ID, err)
	}
	found := &page{Page: p}
	for i := range passages {
		found.keys = append(found.keys, keyOf(Text(p.Title, &passages[i])))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replace(p.ID, found)
	return nil
}

// replace exchanges what is known of a page; nil forgets it. s.mu must be held.
func (s *Store) replace(id notion.ID, now *page) {
	if old := s.pages[id]; old != nil {
		for _, k := range old.keys {
			s.move(k, slices.DeleteFunc(slices.Clone(s.places[k]), func(p place) bool { return p.page == old }))
		}
		delete(s.pages, id)
	}
	if now == nil {
		return
	}
	s.pages[id] = now
	for ordinal, k := range now.keys {
		s.move(k, append(slices.Clip(s.places[k]), place{now, ordinal}))
	}
}

// move notes where a text stands, for it and for its vector.
func (s *Store) move(k key, places []place) {
	if s.places[k] = places; len(places) == 0 {
		delete(s.places, k)
	}
	if s.set != nil {
		s.set.place(k, places)
	}
}

// todo lists the pages that have a text without a vector, newest first.
func (s *Store) todo() []notion.ID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var some []*page
	for _, p := range s.pages {
		if slices.ContainsFunc(p.keys, s.lacks) {
			some = append(some, p)
		}
	}
	slices.SortFunc(some, func(a, b *page) int { return b.LastEdited.Compare(a.LastEdited) })
	ids := make([]notion.ID, len(some))
	for i, p := range some {
		ids[i] = p.ID
	}
	return ids
}

// lacks says whether a text still needs a vector. s.mu must be held.
func (s *Store) lacks(k key) bool {
	return !s.refused[k] && (s.set == nil || !s.set.has(k))
}
