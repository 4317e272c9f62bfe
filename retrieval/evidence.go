package retrieval

import (
	"github.com/mcp-notion/mcp-notion/index"
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
}

// bars depend on whether there are rephrasings, which together have many words of
// any page on the subject, and on whether meaning counts too, by which answers
// are found that have few words of a question. doc/measurements.md has the
// figures.
func (q Query) bars(meaning bool) bars {
	switch also := len(q.Also) > 0; {
	case also && meaning:
		return bars{strong: 0.82, partial: 0.65, weak: 0.58}
	case also:
		return bars{strong: 0.86, partial: 0.45, weak: 0.29}
	case meaning:
		return bars{strong: 0.7, partial: 0.55, weak: 0.45}
	}
	return bars{strong: 0.75, partial: 0.5, weak: 0.25}
}

// scale says what hits are worth.
type scale struct {
	words, meaning bars
	near           map[index.Place]float64
	unread         bool // the pages are, in part: only pages that have been read can fail to answer
}

func (q Query) scale(r *Result) scale {
	return scale{words: q.bars(false), meaning: q.bars(true), near: r.near, unread: !r.Coverage.Settled()}
}

// evidence says what a hit is worth: by its words, or by a third of that and two
// of how near its meaning is, which differs less. Passages whose words nobody
// counted get the benefit of the doubt.
func (s scale) evidence(h index.Hit) (Evidence, float64) {
	b, confidence := s.words, h.Confidence
	if near, ok := s.near[place(h)]; ok {
		b, confidence = s.meaning, max(0, (confidence+2*near)/3)
	}
	if h.Confidence == 0 {
		confidence = max(confidence, b.weak)
	}
	return s.kind(b, confidence), confidence
}

func (s scale) kind(b bars, confidence float64) Evidence {
	switch {
	case confidence >= b.strong:
		return Strong
	case confidence >= b.partial:
		return Partial
	case s.unread:
		return Unread
	case confidence >= b.weak:
		return Weak
	}
	return None
}

// assess says what the passages chosen, best first, are worth as evidence.
func (r *Result) assess(chosen []*group, s scale) {
	r.Confidence, r.Evidence = 0, s.kind(s.words, 0)
	if len(r.Found) > 0 && len(chosen) > 0 {
		r.Evidence, r.Confidence = s.evidence(chosen[0].best)
	}
}
