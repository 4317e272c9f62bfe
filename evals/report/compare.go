package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/metrics"
)

// Comparison holds a run against an earlier one.
type Comparison struct {
	System  string                        `json:"system"`
	At      time.Time                     `json:"at"`
	Before  Figures                       `json:"before"`
	Differ  map[string]metrics.Difference `json:"differ"`           // over the questions that both runs have
	Gained  []string                      `json:"gained,omitempty"` // questions that are answered now
	Lost    []string                      `json:"lost,omitempty"`
	Missing int                           `json:"missing,omitempty"` // questions that only one of the runs has
}

// Compare adds a comparison with an earlier run.
func (r *Report) Compare(old *Report) {
	c := &Comparison{System: old.System, At: old.At, Before: old.Metrics, Differ: map[string]metrics.Difference{}}
	earlier := map[string]Row{}
	for _, row := range old.Questions {
		earlier[row.ID] = row
	}
	before, after := map[string][]float64{}, map[string][]float64{}
	common := 0
	for _, row := range r.Questions {
		was, ok := earlier[row.ID]
		if !ok {
			continue
		}
		common++
		for key, f := range row.Metrics {
			if w, ok := was.Metrics[key]; ok && f.Known() && w.Known() {
				before[key] = append(before[key], float64(w))
				after[key] = append(after[key], float64(f))
			}
		}
		switch {
		case was.Outcome.Missed() && !row.Outcome.Missed():
			c.Gained = append(c.Gained, row.ID)
		case !was.Outcome.Missed() && row.Outcome.Missed():
			c.Lost = append(c.Lost, row.ID)
		}
	}
	for key := range after {
		c.Differ[key] = metrics.Compare(before[key], after[key])
	}
	c.Missing = len(r.Questions) + len(old.Questions) - 2*common
	r.Compared = c
}

// Thresholds are the least that figures may be; for tokens and latencies, the
// most.
type Thresholds struct {
	Metrics Figures            `json:"metrics"`
	ByType  map[string]Figures `json:"by_type"`
	Answers Figures            `json:"answers"`
}

// ReadThresholds reads a JSON file shaped like a report, with the figures that
// shall be held. A key that no report has is an error, so that a slip of the
// pen does not open the gate.
func ReadThresholds(name string) (*Thresholds, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read thresholds: %w", err)
	}
	defer f.Close()
	var t Thresholds
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return nil, fmt.Errorf("read thresholds: %s: %w", name, err)
	}
	if len(t.Metrics)+len(t.ByType)+len(t.Answers) == 0 {
		return nil, fmt.Errorf("read thresholds: %s holds none", name)
	}
	return &t, nil
}

// Breaches are the figures that a report misses, in words. A figure that was
// not measured is missed.
func (t *Thresholds) Breaches(r *Report) []string {
	found := breaches("", t.Metrics, r.Metrics)
	for _, name := range slices.Sorted(maps.Keys(t.ByType)) {
		found = append(found, breaches(name+": ", t.ByType[name], r.ByType[name])...)
	}
	if len(t.Answers) > 0 {
		var got Figures
		if r.Answers != nil {
			got = r.Answers.Metrics
		}
		found = append(found, breaches("answers: ", t.Answers, got)...)
	}
	return found
}

func breaches(of string, want, got Figures) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		f, ok := got[key]
		switch {
		case !ok || !f.Known():
			found = append(found, fmt.Sprintf("%s%s was not measured", of, key))
		case lowerIsBetter(key) && f > want[key]:
			found = append(found, fmt.Sprintf("%s%s is %s, above %s", of, key, show(key, f), show(key, want[key])))
		case !lowerIsBetter(key) && f < want[key]:
			found = append(found, fmt.Sprintf("%s%s is %s, under %s", of, key, show(key, f), show(key, want[key])))
		}
	}
	return found
}

// show writes a figure as precisely as it deserves.
func show(key string, f Figure) string {
	switch {
	case !f.Known():
		return "–"
	case countsTokens(key):
		return fmt.Sprintf("%.0f", f)
	case lowerIsBetter(key):
		return fmt.Sprintf("%.1f", f)
	}
	return strings.TrimPrefix(fmt.Sprintf("%.3f", f), "0")
}
