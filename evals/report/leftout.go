package report

import (
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
)

// LeftOutAUROC is how well the confidence tells questions from the same
// questions once their answers have been left out of the corpus.
const LeftOutAUROC = "left_out_auroc"

// Class counts the questions that a system gave one kind of evidence.
type Class struct {
	Evidence string `json:"evidence"`
	Answered int    `json:"answered"` // with all of the answer among the first five passages
	Missed   int    `json:"missed"`   // answerable, but not by these
	None     int    `json:"none"`     // unanswerable
	LeftOut  int    `json:"left_out"` // whose answers had been left out
}

// LeaveOut takes in a run of the same questions without their answers.
func (r *Report) LeaveOut(cut *Report) {
	var yes, no []float64
	r.Classes = nil
	for _, row := range r.Questions {
		c := r.class(row.Evidence)
		switch {
		case !row.Answerable:
			c.None++
			continue
		case row.Outcome.Missed():
			c.Missed++
		default:
			c.Answered++
		}
		yes = append(yes, row.Confidence)
	}
	for _, row := range cut.Questions {
		r.class(row.Evidence).LeftOut++
		no = append(no, row.Confidence)
	}
	r.Metrics[LeftOutAUROC] = Figure(metrics.AUROC(yes, no))
	r.Intervals.Add(LeftOutAUROC, metrics.AUROCInterval(yes, no))
}

func (r *Report) class(evidence string) *Class {
	for i := range r.Classes {
		if r.Classes[i].Evidence == evidence {
			return &r.Classes[i]
		}
	}
	r.Classes = append(r.Classes, Class{Evidence: evidence})
	return &r.Classes[len(r.Classes)-1]
}

func (r *Report) leftOut(b *strings.Builder) {
	fmt.Fprintf(b, "\nwith the answers left out, confidence tells the questions apart with an AUROC of %s (%s)\n\n", show(LeftOutAUROC, r.Metrics[LeftOutAUROC]), r.Intervals.show(LeftOutAUROC))
	t := newTable(b)
	fmt.Fprintln(t, "evidence\tanswered\tmissed\tunanswerable\tleft out\t")
	for _, c := range r.Classes {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t\n", c.Evidence, c.Answered, c.Missed, c.None, c.LeftOut)
	}
	_ = t.Flush() // writes to memory
}
