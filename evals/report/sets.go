package report

import (
	"fmt"
	"io"
	"strings"
)

// SideBySide writes runs over several corpora below each other: their figures
// with 95 % intervals, how their questions went, and their figures by type.
func SideBySide(w io.Writer, all []*Report) error {
	var b strings.Builder
	keys := []string{PageRecall5, PassageHit1, PassageHit5, CitationHit1, CitationHit5, Shown, Linked, ShownAndLinked, AbstainAUROC, TokensReadMean}
	const heads = "page@5\tpassage@1\t@5\tcited@1\t@5\tshown\tlinked\tboth\tabstain\ttokens\t\n"
	t := newTable(&b)
	fmt.Fprint(t, "\tn\t"+heads)
	for _, r := range all {
		setLine(t, fmt.Sprintf("%s\t%d", r.name(), r.Asked), keys, func(key string) string { return show(key, r.Metrics.Get(key)) })
		setLine(t, "95 %\t", keys, r.Intervals.within)
	}
	_ = t.Flush() // writes to memory
	b.WriteString("\nhow the questions went\n\n")
	outcomes := []Outcome{First, Below, PassageMissed, PageMissed, Failed}
	t = newTable(&b)
	fmt.Fprint(t, "\t")
	for _, o := range outcomes {
		fmt.Fprintf(t, "%s\t", o)
	}
	fmt.Fprint(t, "\n")
	for _, r := range all {
		counts := map[Outcome]int{}
		for _, row := range r.Questions {
			counts[row.Outcome]++
		}
		fmt.Fprint(t, r.name())
		for _, o := range outcomes {
			fmt.Fprintf(t, "\t%d", counts[o])
		}
		fmt.Fprint(t, "\t\n")
	}
	_ = t.Flush() // writes to memory
	b.WriteString("\nby type\n\n")
	t = newTable(&b)
	fmt.Fprint(t, "\tn\t"+heads)
	for _, r := range all {
		for _, kind := range r.Types {
			f := r.ByType[kind.Name]
			setLine(t, fmt.Sprintf("%s, %s\t%d", r.name(), kind.Name, kind.Count), keys, func(key string) string { return show(key, f.Get(key)) })
			setLine(t, "95 %\t", keys, r.Between[kind.Name].within)
		}
	}
	_ = t.Flush() // writes to memory
	_, err := io.WriteString(w, b.String())
	return err
}

// name is the corpus, and how it was asked.
func (r *Report) name() string {
	if r.Rephrased {
		return r.Corpus + ", rephrased"
	}
	return r.Corpus + ", alone"
}

// setLine writes a line of figures behind its first two cells.
func setLine(w io.Writer, begins string, keys []string, cell func(key string) string) {
	fmt.Fprint(w, begins)
	for _, key := range keys {
		fmt.Fprintf(w, "\t%s", cell(key))
	}
	fmt.Fprint(w, "\t\n")
}
