package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
)

// Table writes the report for a terminal: the figures, those by type, other
// servers beside them, and what changed since an earlier run.
func (r *Report) Table(w io.Writer) error {
	var b strings.Builder
	r.heading(&b)
	if r.ByType != nil {
		r.typeTable(&b)
		r.intervalTable(&b)
		r.told(&b)
	} else {
		collectionTable(&b, r)
	}
	if len(r.Classes) > 0 {
		r.leftOut(&b)
	}
	if len(r.Others) > 0 {
		r.sideBySide(&b)
	}
	if r.Answers != nil {
		r.answers(&b)
	}
	if r.Compared != nil {
		r.compared(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) heading(b *strings.Builder) {
	also := ""
	if r.Rephrased {
		also = " with rephrasings"
	}
	fmt.Fprintf(b, "%s: %d questions%s about %s\n", r.System, r.Asked, also, r.Corpus)
	if m := r.Mirror; m != nil {
		fmt.Fprintf(b, "%d pages, %d passages", m.Pages, m.Passages)
		if m.Requests > 0 {
			fmt.Fprintf(b, ", %d requests", m.Requests)
		}
		fmt.Fprintf(b, ", %.1f s\n", m.Seconds())
	}
	counts := map[Outcome]int{}
	for _, row := range r.Questions {
		counts[row.Outcome]++
	}
	if counts[Failed] > 0 {
		fmt.Fprintf(b, "%d questions FAILED; the first: %s\n", counts[Failed], r.firstError())
	}
	b.WriteByte('\n')
}

func (r *Report) firstError() string {
	for _, row := range r.Questions {
		if row.Error != "" {
			return row.ID + ": " + row.Error
		}
	}
	return ""
}

// columns are the heads of the figures in narrow tables.
func columns() (keys, heads []string) {
	return []string{PageRecall5, PageRecall10, PageMRR10, PageNDCG10, PassageHit1, PassageHit5, CitationHit1, CitationHit5, Shown, Linked, ShownAndLinked, AbstainAUROC, TokensPerQuery, LatencyP50, LatencyP95},
		[]string{"page@5", "@10", "mrr", "ndcg", "passage@1", "@5", "cited@1", "@5", "shown", "linked", "both", "abstain", "tokens", "ms p50", "p95"}
}

func (r *Report) typeTable(b *strings.Builder) {
	keys, heads := columns()
	t := newTable(b)
	fmt.Fprintf(t, "\tn\t%s\t\n", strings.Join(heads, "\t"))
	line := func(name string, n int, f Figures) {
		fmt.Fprintf(t, "%s\t%d", name, n)
		for _, key := range keys {
			fmt.Fprintf(t, "\t%s", show(key, f.Get(key)))
		}
		fmt.Fprint(t, "\t\n")
	}
	line("all", r.Asked, r.Metrics)
	for _, kind := range r.Types {
		line(kind.Name, kind.Count, r.ByType[kind.Name])
	}
	_ = t.Flush() // writes to memory
}

// intervalTable shows how sure the figures are, and how much a model reads.
func (r *Report) intervalTable(b *strings.Builder) {
	b.WriteString("\n")
	t := newTable(b)
	fmt.Fprint(t, "\tall\t95 %\t\n")
	for _, key := range QuestionKeys() {
		if between := r.Intervals.show(key); between != "" || countsTokens(key) {
			fmt.Fprintf(t, "%s\t%s\t%s\t\n", key, show(key, r.Metrics.Get(key)), between)
		}
	}
	_ = t.Flush() // writes to memory
}

func collectionTable(b *strings.Builder, r *Report) {
	t := newTable(b)
	fmt.Fprintf(t, "%s\t\n", strings.Join(CollectionKeys(), "\t"))
	for _, key := range CollectionKeys() {
		fmt.Fprintf(t, "%s\t", show(key, r.Metrics[key]))
	}
	fmt.Fprint(t, "\n")
	for _, key := range CollectionKeys() {
		fmt.Fprintf(t, "%s\t", r.Intervals.show(key))
	}
	fmt.Fprint(t, "\n")
	_ = t.Flush() // writes to memory
}

func (r *Report) sideBySide(b *strings.Builder) {
	keys, heads := columns()
	b.WriteString("\nthe same questions, side by side\n\n")
	t := newTable(b)
	fmt.Fprintf(t, "\t%s\tcalls\t\n", strings.Join(heads, "\t"))
	for _, o := range append([]Report{*r}, r.Others...) {
		fmt.Fprint(t, o.System)
		for _, key := range keys {
			fmt.Fprintf(t, "\t%s", show(key, o.Metrics.Get(key)))
		}
		fmt.Fprintf(t, "\t%.1f\t\n", o.Calls)
	}
	_ = t.Flush() // writes to memory
}

func (r *Report) answers(b *strings.Builder) {
	a := r.Answers
	fmt.Fprintf(b, "\nanswers by %s", a.Model)
	if a.Judge != "" {
		fmt.Fprintf(b, ", judged by %s", a.Judge)
	}
	fmt.Fprintf(b, ": %d calls (%d cached), %d + %d tokens, $%.4f\n", a.Cost.Calls, a.Cost.Cached, a.Cost.TokensIn, a.Cost.TokensOut, a.Cost.USD)
	if a.Stopped != "" {
		fmt.Fprintf(b, "stopped: %s\n", a.Stopped)
	}
	t := newTable(b)
	for _, key := range AnswerKeys() {
		if f, ok := a.Metrics[key]; ok {
			fmt.Fprintf(t, "%s\t%s\t\n", key, show(key, f))
		}
	}
	_ = t.Flush() // writes to memory
}

func (r *Report) compared(b *strings.Builder) {
	c := r.Compared
	fmt.Fprintf(b, "\nagainst the run of %s\n\n", c.At.Format("2006-01-02 15:04"))
	keys := QuestionKeys()
	if r.ByType == nil {
		keys = CollectionKeys()
	}
	t := newTable(b)
	fmt.Fprint(t, "\tbefore\tnow\tchange\t95 %\tbetter\tworse\tsign p\t\n")
	for _, key := range keys {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t", key, show(key, c.Before.Get(key)), show(key, r.Metrics[key]), change(key, r.Metrics[key]-c.Before.Get(key)))
		if d, ok := c.Differ[key]; ok {
			fmt.Fprintf(t, "%s\t%d\t%d\t%.3f\t", span(d), d.Better, d.Worse, d.SignP)
		}
		fmt.Fprint(t, "\n")
	}
	_ = t.Flush() // writes to memory
	if len(c.Gained) > 0 {
		fmt.Fprintf(b, "gained: %s\n", strings.Join(c.Gained, " "))
	}
	if len(c.Lost) > 0 {
		fmt.Fprintf(b, "lost: %s\n", strings.Join(c.Lost, " "))
	}
	if c.Missing > 0 {
		fmt.Fprintf(b, "%d questions are in one of the runs only\n", c.Missing)
	}
}

func change(key string, f Figure) string {
	switch s := show(key, f); {
	case !f.Known():
		return s
	case f < 0:
		return strings.Replace(s, "-0.", "-.", 1)
	default:
		return "+" + s
	}
}

func span(d metrics.Difference) string { return fmt.Sprintf("%+.3f to %+.3f", d.Low, d.High) }

func newTable(b *strings.Builder) *tabwriter.Writer {
	return tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
}
