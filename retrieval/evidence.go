package retrieval

import (
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

// Evidence says how likely it is that passages answer what was asked. What it
// says is a count of questions whose answers are known: those of three corpora,
// in doc/measurements.md.
type Evidence string

// The kinds of evidence.
const (
	Strong  Evidence = "strong"  // nearly all of those questions were answered, and of those whose answers had been taken out of the pages, one in ten looked so
	Partial Evidence = "partial" // most were answered
	Weak    Evidence = "weak"    // half of them, or fewer
	None    Evidence = "none"    // a third, or fewer; three in a hundred of all that were answered looked so
	Unread  Evidence = "unread"  // weak or none, but of the pages that have been read alone: the others may answer
)

// bars are the confidences from which evidence is strong, partial and weak.
type bars struct {
	strong, partial, weak float64
	unread                bool // the pages are, in part
}

// bars depend on what has been read, for only pages that have been can fail to
// answer, and on whether there are rephrasings, which together have many words
// of any page on the subject.
func (q Query) bars(c ingest.Coverage) bars {
	b := bars{strong: 0.7, partial: 0.5, weak: 0.25, unread: !c.Settled()}
	if len(q.Also) > 0 {
		b.strong, b.partial, b.weak = 0.86, 0.45, 0.29
	}
	return b
}

// evidence says what a hit is worth. Passages that were found by meaning,
// whose words nobody counted, get the benefit of the doubt.
func (b bars) evidence(h index.Hit) (Evidence, float64) {
	confidence := h.Confidence
	if confidence == 0 {
		confidence = b.weak
	}
	return b.kind(confidence), confidence
}

func (b bars) kind(confidence float64) Evidence {
	switch {
	case confidence >= b.strong:
		return Strong
	case confidence >= b.partial:
		return Partial
	case b.unread:
		return Unread
	case confidence >= b.weak:
		return Weak
	}
	return None
}

// assess says what the passages chosen, best first, are worth as evidence.
func (r *Result) assess(chosen []*group, b bars) {
	r.Confidence, r.Evidence = 0, b.kind(0)
	if len(r.Found) > 0 && len(chosen) > 0 {
		r.Evidence, r.Confidence = b.evidence(chosen[0].best)
	}
}
