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
	None   Evidence = "none"   // hardly any do: it answers in other words, if at all
	Unread Evidence = "unread" // hardly any do, but of the pages that have been read alone: the others may answer
)

// bars are the coverages from which evidence is strong, and weak.
//
// With rephrasings, which together have many words of any page on the subject,
// less coverage says nothing. None is said where on each of three corpora at
// most four in a hundred of the questions whose answers were shown had less.
// doc/measurements.md has the counts.
type bars struct {
	strong, weak float64
	below        Evidence // of less than weak
}

// bars depend on what has been read: only pages that have been can fail to
// answer.
func (q Query) bars(c ingest.Coverage) bars {
	b := bars{strong: 0.65, weak: 0.15, below: None}
	if len(q.Also) > 0 {
		b.strong, b.weak = 0.75, 0.35
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
