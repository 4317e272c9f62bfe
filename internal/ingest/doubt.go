package ingest

import (
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// sight is when Notion last showed an object. It settles the doubts that there
// were when Notion was asked, and none that came later.
type sight struct {
	at    time.Time
	after int // how many doubts there had been; glimpse settles none
}

// glimpse is the after of what a listing shows, which may lag behind what is
// shared.
const glimpse = -1

// moment is a sight for what is asked for now, taken before the question.
func (s *Syncer) moment() sight {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sight{s.cfg.Now(), s.doubted}
}

// sighted notes that Notion showed these objects.
func (s *Syncer) sighted(seen sight, ids ...notion.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		now := seen
		if seen.after == glimpse {
			now.after = s.checked[id].after
		}
		s.checked[id] = now
	}
}

// Doubt notes that an object, and whatever hangs below it, may not be shown to
// this connection any more: none of it is quoted before Notion has shown it
// again when asked for it alone. What turns out to be gone puts all that hangs
// below it in doubt, and the next pass looks at that.
func (s *Syncer) Doubt(ids ...notion.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.doubted++
		s.doubts[id] = s.doubted
	}
}

// Holds says whether the index has something that hangs right below an object,
// which it may have or not.
func (s *Syncer) Holds(id notion.ID) bool {
	return len(s.cfg.Index.Select(func(p *index.Page) bool { return above(*p) == id })) > 0
}

// lastSeen is when Notion last showed an object to this connection, and zero
// while there is doubt about it.
func (s *Syncer) lastSeen(id notion.ID) time.Time {
	rec, _ := s.cfg.Index.Page(id)
	seen := s.seen(rec, id)
	for _, d := range s.doubtsAbout(rec, id) {
		if d.number > seen.after {
			return time.Time{}
		}
	}
	return seen.at
}

func (s *Syncer) seen(rec index.Page, id notion.ID) sight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen, ok := s.checked[id]; ok {
		return seen
	}
	return sight{at: rec.Checked}
}

// A doubt is about an object; its number says how many there were with it.
type doubt struct {
	about  notion.ID
	number int
}

// doubtsAbout are the doubts about an object and about what it hangs below. Where
// it is not known yet which page holds it, all doubts may be.
func (s *Syncer) doubtsAbout(rec index.Page, id notion.ID) (all []doubt) {
	for range maxDepth {
		s.mu.Lock()
		number, any := s.doubts[id], len(s.doubts) > 0
		s.mu.Unlock()
		if !any || id == "" {
			break
		}
		if number > 0 {
			all = append(all, doubt{id, number})
		}
		if rec.ID != id { // it is not known
			break
		}
		if rec.Parent.Type == "block_id" && rec.Holder == "" {
			return s.allDoubts()
		}
		id = above(rec)
		rec, _ = s.cfg.Index.Page(id)
	}
	return all
}

func (s *Syncer) allDoubts() (all []doubt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, number := range s.doubts {
		all = append(all, doubt{id, number})
	}
	return all
}

// maxDepth bounds the way up, should objects hang below each other in a ring.
const maxDepth = 100

// suspects are the objects to look at because of a doubt: those that are doubted
// themselves, and those below what the index does not have. What hangs below an
// object that is still shown is asked about when it is to be quoted. Doubts
// that nothing is left of are dropped.
func (s *Syncer) suspects() (all []Hint) {
	s.mu.Lock()
	before := s.doubted
	open := map[notion.ID]bool{}
	none := len(s.doubts) == 0
	s.mu.Unlock()
	if none {
		return nil
	}
	for _, rec := range s.cfg.Index.Pages() {
		seen, look := s.seen(rec, rec.ID), false
		for _, d := range s.doubtsAbout(rec, rec.ID) {
			if d.number <= seen.after {
				continue
			}
			open[d.about] = true
			_, known := s.cfg.Index.Page(d.about)
			look = look || d.about == rec.ID || !known
		}
		if look {
			all = append(all, Hint{rec.ID, rec.Kind})
		}
	}
	s.drop(before, open)
	return all
}

// drop forgets the doubts that are not open, of those that there were before.
func (s *Syncer) drop(before int, open map[notion.ID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, number := range s.doubts {
		if number <= before && !open[id] {
			delete(s.doubts, id)
		}
	}
}
