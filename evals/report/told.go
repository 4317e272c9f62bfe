package report

import (
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
)

// told says how often an answer was said to be missing, of questions whose
// answer was shown and of those that have none, and how well the confidence
// tells the two apart.
func (r *Report) told(b *strings.Builder) {
	var shown, not []float64
	none := map[bool]int{}
	for _, row := range r.Questions {
		isShown := row.Answerable && row.Metrics[Shown] == 1
		switch {
		case isShown:
			shown = append(shown, row.Confidence)
		case row.Answerable:
			continue
		default:
			not = append(not, row.Confidence)
		}
		if row.Evidence == "none" {
			none[isShown]++
		}
	}
	if len(shown) == 0 || len(not) == 0 {
		return
	}
	i := metrics.AUROCInterval(shown, not)
	fmt.Fprintf(b, "\nevidence none: %d of %d questions whose answer was shown, %d of %d without an answer; AUROC %.3f (%.3f to %.3f)\n",
		none[true], len(shown), none[false], len(not), metrics.AUROC(shown, not), i.Low, i.High)
}
