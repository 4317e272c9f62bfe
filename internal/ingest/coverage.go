package ingest

import (
	"cmp"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Coverage says what an answer can rest on: what is known, what is indexed,
// what is not and why, and when that was last true.
type Coverage struct {
	Phase     Phase     `json:"phase"`
	Known     int       `json:"known"`                          // pages, rows and tables shared with this connection, as far as known
	Complete  int       `json:"complete"`                       // of these, read wholly
	Partial   int       `json:"partial"`                        // read down to the first level
	Listed    int       `json:"listed"`                         // known by title and properties only
	Failed    int       `json:"failed"`                         // could not be read, or not to the end; see Problems
	AskAgain  int       `json:"ask_again_in_seconds,omitempty"` // until everything has been read, while it is being read
	Blocks    int       `json:"blocks"`
	Passages  int       `json:"passages"`
	Skipped   []Skipped `json:"skipped,omitempty"`   // text that Notion does not hand out
	Problems  []Problem `json:"problems,omitempty"`  // at most 20
	AsOf      time.Time `json:"as_of,omitzero"`      // when the index last agreed with Notion as a whole; zero if it never did
	LastPoll  time.Time `json:"last_poll,omitzero"`  // when Notion was last asked what changed
	Truncated bool      `json:"truncated,omitempty"` // Notion's listing was cut short, so pages may be missing from Known
	Recovered string    `json:"recovered,omitempty"`
	Error     string    `json:"error,omitempty"` // why the last pass stopped, in the user's words
}

// Problem is a page that could not be read.
type Problem struct {
	Page   notion.ID `json:"page_id"`
	Title  string    `json:"title"`
	Reason string    `json:"why"` // in the user's words
}

// Skipped counts the text that Notion does not hand out: a passage.Skip of all
// pages, with the keys that answers have.
type Skipped struct {
	Type   string `json:"type"`
	Reason string `json:"why"`
	Count  int    `json:"count"`
}

// State is what a Coverage comes to. Whoever says in words or in numbers how far
// the reading is takes it from here, so that no two of them contradict each
// other.
type State string

// The states.
const (
	Asking       State = "asking"     // no page is known yet, and Notion is being asked
	StillReading State = "reading"    // pages are still to be read, and somebody does
	Stopped      State = "stopped"    // pages are still to be read, and Error says why nobody does
	Unfinished   State = "unfinished" // pages are still to be read, and nobody does
	Settled      State = "settled"    // what is known has been read, but for what cannot be
)

// State derives the state from the numbers.
func (c Coverage) State() State {
	switch {
	case c.Unread() == 0 && c.listed():
		return Settled
	case !c.underWay() && c.Error != "":
		return Stopped
	case !c.underWay():
		return Unfinished
	case c.Known == 0:
		return Asking
	}
	return StillReading
}

// Unread is how many of the known pages are still to be read, wholly or in
// part. Those that cannot be are not among them.
func (c Coverage) Unread() int { return c.Partial + c.Listed }

// Done is how many of the known pages there is nothing more to read of.
func (c Coverage) Done() int { return c.Complete + c.Failed }

// Steps is how much of the reading is done: a page takes two steps, its first
// level and what is below.
func (c Coverage) Steps() int { return 2*c.Done() + c.Partial }

// StepsKnown is how many steps there are, as far as known.
func (c Coverage) StepsKnown() int { return 2 * c.Known }

// Settled says whether there is nothing left to read: what the index does not
// have is not on the pages that can be read.
func (c Coverage) Settled() bool { return c.State() == Settled }

// Ready says whether every page that was known at some time had been read then,
// as far as it can be.
func (c Coverage) Ready() bool { return !c.AsOf.IsZero() || c.Settled() }

// listed says whether Notion's list of pages has been seen to its end.
func (c Coverage) listed() bool { return !c.LastPoll.IsZero() || !c.AsOf.IsZero() }

// underWay says whether a pass is. One that stopped with an error is not, also
// while it looks whether it can go on.
func (c Coverage) underWay() bool {
	switch c.Phase {
	case Filling, Waiting:
		return true
	case Listing:
		return c.Error == ""
	}
	return false
}

// maxProblems bounds the list in a Coverage; Failed counts them all.
const maxProblems = 20

type cachedCoverage struct {
	version int
	valid   bool
	Coverage
	pending int // requests that pages read in part are known to need
}

// Coverage says what an answer can rest on right now.
func (s *Syncer) Coverage() Coverage {
	s.mu.Lock()
	version, cached := s.version, s.cached
	s.mu.Unlock()
	if !cached.valid || cached.version != version {
		cached = cachedCoverage{version: version, valid: true}
		cached.Coverage, cached.pending = count(s.cfg.Index)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cached = cached
	c := cached.Coverage
	c.Phase = s.phase
	c.AsOf, c.LastPoll, c.Truncated = told(s.mark.LastComplete), told(s.mark.Polled), s.mark.Truncated
	c.Error = s.failure
	c.Recovered = s.cfg.Index.Recovered()
	if c.AsOf.IsZero() && c.Settled() {
		c.AsOf = c.LastPoll
	}
	if state := c.State(); state == Asking || state == StillReading {
		c.AskAgain = s.askAgain(c, cached.pending)
	}
	return c
}

// told is a time as all answers have it, wherever this machine is.
func told(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// Progress is the state of the pass that runs now, or of the last one.
func (s *Syncer) Progress() Progress {
	c := s.Coverage()
	return Progress{
		Phase: c.Phase, Done: c.Done(), Known: c.Known, Steps: c.Steps(), Of: c.StepsKnown(), Left: c.AskAgain,
		Blocks: c.Blocks, Requests: s.requests(),
	}
}

// begun is where the pass that runs began.
type begun struct {
	at    time.Time
	spent int64 // requests
	read  int   // pages of which something had been read
}

func (s *Syncer) begin() {
	c, spent := s.Coverage(), s.requests()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = begun{at: s.cfg.Now(), spent: spent, read: c.Known - c.Listed}
}

// What a page takes is taken to be what those before it took. Before there are
// enough of them, it is what pages of a handbook took.
const (
	usualPages    = 10
	usualRequests = 15 // of these
	soonest       = 3  // seconds that a listing takes, or the end of a pass
)

// askAgain is in how many seconds everything will have been read, by the budget
// and by how fast it has gone so far. The lock of s is held.
func (s *Syncer) askAgain(c Coverage, pending int) int {
	if s.last == nil {
		return soonest
	}
	spent := int(s.spent + s.last.Requests() - s.base - s.begun.spent)
	pages := max(c.Known-c.Listed-s.begun.read, 0)
	left := pending + c.Listed*(spent+pending+usualRequests)/(pages+usualPages)
	took := s.last.Takes(left)
	if spent > 0 {
		took = max(took, s.cfg.Now().Sub(s.begun.at)*time.Duration(left)/time.Duration(spent))
	}
	return max(int(took.Seconds()+1), soonest)
}

func count(x *index.Index) (Coverage, int) {
	var c Coverage
	pending := 0
	skips := map[[2]string]int{}
	x.Select(func(p *index.Page) bool {
		if p.Kind == index.KindDatabase {
			return false // its tables count
		}
		c.Known++
		c.Blocks += p.Blocks
		c.Passages += p.Passages
		for _, s := range p.Skipped {
			skips[[2]string{s.Type, s.Reason}] += s.Count
		}
		switch {
		case p.Level == index.Complete:
			c.Complete++
		case p.Level == index.Failed, p.Problem != "":
			c.Failed++
		case p.Level == index.Partial:
			c.Partial++
			pending += min(p.Pending, 1) // the page's Markdown takes the place of all others
		default:
			c.Listed++
		}
		if p.Problem != "" {
			c.Problems = append(c.Problems, Problem{Page: p.ID, Title: p.Title, Reason: p.Problem})
		}
		return false
	})
	slices.SortFunc(c.Problems, func(a, b Problem) int { return cmp.Compare(a.Page, b.Page) })
	c.Problems = c.Problems[:min(len(c.Problems), maxProblems)]
	for k, n := range skips {
		c.Skipped = append(c.Skipped, Skipped{Type: k[0], Reason: k[1], Count: n})
	}
	slices.SortFunc(c.Skipped, func(a, b Skipped) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
	return c, pending
}
