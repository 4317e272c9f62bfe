package retrieval

import "github.com/mcp-notion/mcp-notion/index"

// Evidence says how likely it is that passages answer what was asked.
type Evidence string

// The kinds of evidence.
const (
	Strong Evidence = "strong" // most of the words asked for, the rare ones too, stand together
	Weak   Evidence = "weak"   // some do: the passage has to be read with care
	None   Evidence = "none"   // hardly any do: the pages probably do not answer
)

// From which coverage evidence is what it is called. Of bare questions about a
// handbook the first five passages answered nine of ten above strongFrom, half
// between, and one in four below weakFrom.
const (
	strongFrom = 0.55
	weakFrom   = 0.25
)

func evidence(coverage float64) Evidence {
	switch {
	case coverage >= strongFrom:
		return Strong
	case coverage >= weakFrom:
		return Weak
	}
	return None
}

// covered gives passages that were found by meaning, whose words nobody
// counted, the benefit of the doubt.
func covered(h index.Hit) float64 {
	if h.Coverage == 0 {
		return weakFrom
	}
	return h.Coverage
}

// assess says what the passages chosen, best first, are worth as evidence.
func (r *Result) assess(chosen []*group) {
	r.Confidence, r.Evidence = 0, None
	if len(r.Found) == 0 || len(chosen) == 0 {
		return
	}
	r.Confidence = covered(chosen[0].best)
	r.Evidence = evidence(r.Confidence)
}
