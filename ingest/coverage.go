package ingest

import (
	"cmp"
	"slices"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/passage"
)

// maxProblems bounds the list in a Coverage; Failed counts them all.
const maxProblems = 20

type cachedCoverage struct {
	version int
	valid   bool
	Coverage
}

// Coverage says what an answer can rest on right now.
func (s *Syncer) Coverage() Coverage {
	s.mu.Lock()
	version, cached := s.version, s.cached
	s.mu.Unlock()
	if !cached.valid || cached.version != version {
		cached = cachedCoverage{version: version, valid: true, Coverage: count(s.cfg.Index.Pages())}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cached = cached
	c := cached.Coverage
	c.Phase = s.phase
	c.LastComplete, c.LastPoll, c.Truncated = s.mark.LastComplete, s.mark.Polled, s.mark.Truncated
	c.Error = s.failure
	c.Recovered = s.cfg.Index.Recovered()
	return c
}

// Progress is the state of the pass that runs now, or of the last one.
func (s *Syncer) Progress() Progress {
	c := s.Coverage()
	return Progress{Phase: c.Phase, Done: c.Complete + c.Failed, Known: c.Known, Blocks: c.Blocks, Requests: s.requests()}
}

func count(pages []index.Page) Coverage {
	var c Coverage
	skips := map[[2]string]int{}
	for _, p := range pages {
		if p.Kind == index.KindDatabase {
			continue // its tables count
		}
		c.Known++
		c.Blocks += p.Blocks
		c.Passages += p.Passages
		for _, s := range p.Skipped {
			skips[[2]string{s.Type, s.Reason}] += s.Count
		}
		switch p.Level {
		case index.Complete:
			c.Complete++
		case index.Partial:
			c.Partial++
		case index.Failed:
			c.Failed++
		default:
			c.Listed++
		}
		if p.Problem != "" {
			c.Problems = append(c.Problems, Problem{Page: p.ID, Title: p.Title, Reason: p.Problem})
		}
	}
	slices.SortFunc(c.Problems, func(a, b Problem) int { return cmp.Compare(a.Page, b.Page) })
	c.Problems = c.Problems[:min(len(c.Problems), maxProblems)]
	for k, n := range skips {
		c.Skipped = append(c.Skipped, passage.Skip{Type: k[0], Reason: k[1], Count: n})
	}
	slices.SortFunc(c.Skipped, func(a, b passage.Skip) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
	return c
}
