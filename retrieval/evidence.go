package retrieval

import (
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
)

// Evidence says how likely it is that passages answer what was asked.
type Evidence string

// The kinds of evidence.
const (
	Strong Evidence = "strong" // most of the words asked for, the rare ones too, stand together
	Weak   Evidence = "weak"   // some do: the passage has to be read with care
	None   Evidence = "none"   // hardly any do: the pages probably do not answer
	Unread Evidence = "unread" // hardly any do, but of the pages that have been read alone: the others may answer
)

// bars are the coverages from which evidence is strong, and weak.
//
// With rephrasings, which together have many words of any page on the subject,
// less coverage says nothing. Of questions that were asked of pages with their
// answers and of the same pages without, those with strong evidence were
// answered in two of three cases (a question alone: four of seven), with weak
// evidence in one of three, and with none in one of five. Of questions about
// something else hardly any was strong. doc/measurements.md has the counts.
type bars struct {
	strong, weak float64
	below        Evidence // of less than weak
}

// bars depend on what has been read: only pages that have been can fail to
// answer.
func (q Query) bars(c ingest.Coverage) bars {
	b := bars{strong: 0.65, weak: 0.25, below: None}
	if len(q.Also) > 0 {
		b.strong, b.weak = 0.75, 0.5
	}
	if !c.Settled() {
		b.below = Unread
	}
	return b
}

// evidence says what a hit is worth. Passages that were found by meaning,
// whose words nobody counted, get the benefit of the doubt.
func (b bars) evidence(h index.Hit) (Evidence, float64) {
	coverage := h.Coverage
	if coverage == 0 {
		coverage = b.weak
	}
	switch {
	case coverage >= b.strong:
		return Strong, coverage
	case coverage >= b.weak:
		return Weak, coverage
	}
	return b.below, coverage
}

// assess says what the passages chosen, best first, are worth as evidence.
func (r *Result) assess(chosen []*group, b bars) {
	r.Confidence, r.Evidence = 0, b.below
	if len(r.Found) > 0 && len(chosen) > 0 {
		r.Evidence, r.Confidence = b.evidence(chosen[0].best)
	}
}
