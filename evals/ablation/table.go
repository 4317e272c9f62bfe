package ablation

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mcp-notion/mcp-notion/evals/report"
)

// Write writes the table for a terminal: figures, then gains.
func (t *Table) Write(w io.Writer) error {
	var b strings.Builder
	t.figures(&b)
	t.gains(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Table) figures(b *strings.Builder) {
	fmt.Fprintf(b, "Means over %s: of questions alone, and with rephrasings.\n\n", strings.Join(t.Corpora, ", "))
	keys := append(questionFigures(), report.NDCG10)
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	const heads = "page@5\tpassage@1\t@5\tcited@1\t@5\tndcg@10\t"
	fmt.Fprint(tw, "without\t"+heads+heads+"\n")
	for _, row := range t.Rows {
		fmt.Fprint(tw, cmp.Or(row.Without, "nothing"))
		for _, f := range []report.Figures{row.Alone, row.Rephrased} {
			for _, key := range keys {
				fmt.Fprintf(tw, "\t%s", share(f.Get(key)))
			}
		}
		fmt.Fprint(tw, "\t\n")
	}
	_ = tw.Flush() // writes to memory
}

func share(f report.Figure) string {
	if !f.Known() {
		return ""
	}
	return strings.TrimPrefix(fmt.Sprintf("%.3f", float64(f)), "0")
}

func (t *Table) gains(b *strings.Builder) {
	b.WriteString("\nWhat each part gains, in the mean of all figures: over all corpora, with a 95 % interval of a paired bootstrap; on\neach; and over the others where each is left out.\n\n")
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "part\tgain\t95 %%\t%s\tno %s\t\n", strings.Join(t.Corpora, "\t"), strings.Join(t.Corpora, "\tno "))
	for _, row := range t.Rows {
		if row.Without == "" {
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%s to %s", row.Without, signed(float64(row.Gain)), signed(row.Interval.Low), signed(row.Interval.High))
		for _, by := range []map[string]float64{row.Gains, row.LeftOut} {
			for _, c := range t.Corpora {
				fmt.Fprintf(tw, "\t%s", signed(by[c]))
			}
		}
		fmt.Fprint(tw, "\t\n")
	}
	_ = tw.Flush() // writes to memory
}

// signed writes a difference with its sign and without its leading zero.
func signed(f float64) string { return strings.Replace(fmt.Sprintf("%+.4f", f), "0.", ".", 1) }
