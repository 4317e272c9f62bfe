package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/questions"
)

//go:embed report.html
var page string

// EncodeHTML writes the report as one page that needs nothing else: no script,
// no style sheet, no font, no picture from elsewhere.
func (r *Report) EncodeHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"show": show, "lines": showLines, "join": strings.Join, "span": span,
		"between": func(key string) string { return r.Intervals.show(key) },
		"add":     func(a, b int) int { return a + b },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	if err := t.Execute(w, viewOf(r)); err != nil {
		return fmt.Errorf("write the HTML report: %w", err)
	}
	return nil
}

// view is a report as the page shows it.
type view struct {
	*Report
	Tiles      []string // figures of the run
	Keys       []string // those of its tables
	Heads      []string // their short names
	Systems    []Report // side by side
	Charts     []chart
	Missed     []Row
	BelowFirst []Row
	Outcomes   []count
	AnswerKeys []string
	AnswersBad []AnswerRow
}

type count struct {
	Name string
	N    int
}

func viewOf(r *Report) view {
	v := view{Report: r, AnswerKeys: AnswerKeys()}
	v.Tiles = QuestionKeys()
	v.Keys, v.Heads = columns()
	if r.ByType == nil {
		v.Tiles, v.Keys, v.Heads = CollectionKeys(), CollectionKeys(), CollectionKeys()
	}
	if len(r.Others) > 0 {
		v.Systems = append([]Report{*r}, r.Others...)
	}
	for _, row := range r.Questions {
		switch {
		case row.Outcome.Missed():
			v.Missed = append(v.Missed, row)
		case row.Outcome == Below:
			v.BelowFirst = append(v.BelowFirst, row)
		}
	}
	for _, o := range []Outcome{First, Below, PassageMissed, PageMissed, Failed, NoAnswer} {
		n := 0
		for _, row := range r.Questions {
			if row.Outcome == o {
				n++
			}
		}
		if n > 0 {
			v.Outcomes = append(v.Outcomes, count{string(o), n})
		}
	}
	if r.Answers != nil {
		v.AnswersBad = slices.DeleteFunc(slices.Clone(r.Answers.Rows), func(a AnswerRow) bool {
			return len(a.Problems) == 0 && a.Error == ""
		})
	}
	v.Charts = charts(r)
	return v
}

// showLines writes places in the way of editors.
func showLines(all []questions.Lines) string {
	var parts []string
	for _, l := range all {
		if l.Start == l.End {
			parts = append(parts, fmt.Sprintf("%s:%d", l.Path, l.Start))
		} else {
			parts = append(parts, fmt.Sprintf("%s:%d–%d", l.Path, l.Start, l.End))
		}
	}
	return strings.Join(parts, ", ")
}
