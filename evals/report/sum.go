package report

import (
	"math"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
)

// Sum fills in the figures of a run over questions from its rows.
func (r *Report) Sum() {
	s := measure(r.Questions, r.Questions)
	r.Metrics, r.Intervals = s.figures(), s.intervals()
	r.ByType, r.Between, r.Types = map[string]Figures{}, map[string]Intervals{}, nil
	byType := map[string][]Row{}
	for _, row := range r.Questions {
		if byType[row.Type] == nil {
			r.Types = append(r.Types, Type{Name: row.Type})
		}
		byType[row.Type] = append(byType[row.Type], row)
	}
	for i := range r.Types {
		rows := byType[r.Types[i].Name]
		r.Types[i].Count = len(rows)
		s := measure(rows, r.Questions)
		r.ByType[r.Types[i].Name], r.Between[r.Types[i].Name] = s.figures(), s.intervals()
	}
	slices.SortStableFunc(r.Types, func(a, b Type) int { return b.Count - a.Count })
	var calls []float64
	for _, row := range r.Questions {
		calls = append(calls, float64(row.Calls))
	}
	r.Asked = len(r.Questions)
	r.Calls = Figure(metrics.Mean(calls))
}

// measured is what figures are made of, from some rows.
type measured struct {
	means   map[string][]float64 // by key
	read    []float64            // tokens
	latency []float64
	yes, no []float64 // confidences
}

// measure holds the confidence of rows that can be answered against all rows
// that cannot. What a failed question cost says nothing of answers.
func measure(rows, all []Row) measured {
	s := measured{means: map[string][]float64{}}
	for _, row := range rows {
		s.means[TokensPerQuery] = append(s.means[TokensPerQuery], float64(row.Tokens))
		s.latency = append(s.latency, row.LatencyMS)
		if !row.Answerable {
			continue
		}
		s.yes = append(s.yes, row.Confidence)
		if row.Error == "" {
			s.read = append(s.read, float64(row.Tokens))
		}
		for _, key := range QualityKeys() {
			s.means[key] = append(s.means[key], float64(row.Metrics[key]))
		}
	}
	for _, row := range all {
		if !row.Answerable {
			s.no = append(s.no, row.Confidence)
		}
	}
	s.means[TokensReadMean] = s.read
	return s
}

func (s measured) figures() Figures {
	f := Figures{
		AbstainAUROC:  Figure(metrics.AUROC(s.yes, s.no)),
		TokensReadP50: Figure(metrics.Percentile(s.read, 50)),
		TokensReadP95: Figure(metrics.Percentile(s.read, 95)),
		LatencyP50:    Figure(metrics.Percentile(s.latency, 50)),
		LatencyP95:    Figure(metrics.Percentile(s.latency, 95)),
	}
	for _, key := range append(QualityKeys(), TokensPerQuery, TokensReadMean) {
		f[key] = Figure(metrics.Mean(s.means[key]))
	}
	return f
}

func (s measured) intervals() Intervals {
	all := Intervals{}
	for key, values := range s.means {
		all.Add(key, metrics.MeanInterval(values))
	}
	all.Add(AbstainAUROC, metrics.AUROCInterval(s.yes, s.no))
	return all
}

// Intervals are where figures lie with 95 % confidence, by their keys.
type Intervals map[string]metrics.Interval

// Add notes an interval, unless there was nothing to measure.
func (all Intervals) Add(key string, i metrics.Interval) {
	if !math.IsNaN(i.Low) {
		all[key] = metrics.Interval{Low: round(i.Low), High: round(i.High)}
	}
}

// show writes an interval, "" where there is none.
func (all Intervals) show(key string) string {
	i, ok := all[key]
	if !ok {
		return ""
	}
	return show(key, Figure(i.Low)) + " to " + show(key, Figure(i.High))
}

// within is show in fewer letters.
func (all Intervals) within(key string) string { return strings.Replace(all.show(key), " to ", "-", 1) }
