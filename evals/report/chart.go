package report

import (
	"fmt"
	"math"
	"strconv"
)

// chart is a picture made of bars, lines and words, in SVG units.
type chart struct {
	Title, About  string
	Width, Height int
	Bars          []bar
	Lines         []line
	Words         []label
	Legend        []legend
}

type bar struct {
	X, Y, W, H float64
	Class, Tip string
}

type line struct{ X1, Y1, X2, Y2 float64 }

type label struct {
	X, Y   float64
	Text   string
	Anchor string // start, middle or end
}

type legend struct{ Class, Text string }

func charts(r *Report) []chart {
	var all []chart
	if len(r.Types) > 0 {
		all = append(all, typeChart(r))
	}
	all = append(all, rankChart(r))
	if hasBoth(r.Questions) {
		all = append(all, confidenceChart(r))
	}
	if r.Compared != nil && len(r.Compared.Differ) > 0 {
		all = append(all, compareChart(r))
	}
	return all
}

const (
	left   = 130 // of the axis
	right  = 640
	barH   = 11
	rowGap = 14
)

// typeChart has three bars for each type of question that can be answered.
func typeChart(r *Report) chart {
	series := []struct{ key, class, name string }{
		{PageRecall5, "a", "right page in the first 5"},
		{PassageHit5, "b", "right passage in the first 5"},
		{CitationHit1, "c", "first citation opens the answer"},
	}
	c := chart{Title: "By type of question", Width: right + 60}
	for _, s := range series {
		c.Legend = append(c.Legend, legend{s.class, s.name})
	}
	y := 8.0
	for _, t := range r.Types {
		f := r.ByType[t.Name]
		if !f[PageRecall5].Known() {
			continue
		}
		c.Words = append(c.Words, label{left - 10, y + 22, fmt.Sprintf("%s (%d)", t.Name, t.Count), "end"})
		for _, s := range series {
			w := float64(f[s.key]) * (right - left)
			c.Bars = append(c.Bars, bar{left, y, max(w, 1), barH, s.class, t.Name + ": " + s.name + " " + show(s.key, f[s.key])})
			c.Words = append(c.Words, label{left + w + 6, y + 9, show(s.key, f[s.key]), "start"})
			y += barH + 2
		}
		y += rowGap
	}
	c.Lines = append(c.Lines, line{left, 4, left, y - rowGap + 4})
	c.Height = int(y)
	return c
}

// rankChart counts where the first right passage stands; in a judged
// collection, the first right document.
func rankChart(r *Report) chart {
	const last = 10
	counts := make([]int, last+2) // 0 is nowhere, last+1 is further down
	for _, row := range r.Questions {
		if row.Answerable {
			counts[min(firstRank(row), last+1)]++
		}
	}
	c := chart{Title: "Where the answer stands", About: "rank of the first right passage, by number of questions", Width: right + 60, Height: 190}
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	step := float64(right-left) / float64(len(counts))
	for i := range counts {
		rank := (i + 1) % len(counts) // nowhere comes last
		n, name, class := counts[rank], strconv.Itoa(rank), "b"
		switch rank {
		case 0:
			name, class = "none", "d"
		case last + 1:
			name = "lower"
		}
		x, h := left+step*float64(i), 130*float64(n)/float64(most)
		c.Bars = append(c.Bars, bar{x + 4, 150 - h, step - 8, max(h, 1), class, fmt.Sprintf("rank %s: %d questions", name, n)})
		c.Words = append(c.Words, label{x + step/2, 168, name, "middle"}, label{x + step/2, 144 - h, strconv.Itoa(n), "middle"})
	}
	c.Lines = append(c.Lines, line{left, 150, right, 150})
	return c
}

func firstRank(row Row) int {
	if f, ok := row.Metrics[MRR10]; ok { // of a judged collection
		if f <= 0 {
			return 0
		}
		return int(math.Round(1 / float64(f)))
	}
	return row.PassageRank
}

func hasBoth(rows []Row) bool {
	yes, no := 0, 0
	for _, row := range rows {
		if row.Answerable {
			yes++
		} else {
			no++
		}
	}
	return yes > 0 && no > 0
}

// confidenceChart shows how far the confidence of questions with and without
// an answer lies apart: shares of each group, one above the axis, one below.
func confidenceChart(r *Report) chart {
	const bins = 20
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range r.Questions {
		low, high = min(low, row.Confidence), max(high, row.Confidence)
	}
	width := max(high-low, 1e-9)
	var counts [2][bins]float64
	var totals [2]float64
	for _, row := range r.Questions {
		group := 0
		if !row.Answerable {
			group = 1
		}
		counts[group][min(bins-1, int(bins*(row.Confidence-low)/width))]++
		totals[group]++
	}
	most := 0.0
	for g := range counts {
		for _, n := range counts[g] {
			most = max(most, n/totals[g])
		}
	}
	c := chart{
		Title: "Does it know what it does not know?", About: "confidence, as shares of each group; the further apart, the better",
		Width: right + 60, Height: 230,
		Legend: []legend{{"b", "answerable"}, {"d", "unanswerable"}},
		Lines:  []line{{left, 100, right, 100}},
		Words:  []label{{left, 222, fmt.Sprintf("%.3g", low), "start"}, {right, 222, fmt.Sprintf("%.3g", high), "end"}},
	}
	step := float64(right-left) / bins
	for i := range bins {
		x := left + step*float64(i) + 1
		up, down := 90*counts[0][i]/totals[0]/most, 90*counts[1][i]/totals[1]/most
		c.Bars = append(c.Bars,
			bar{x, 100 - up, step - 2, up, "b", fmt.Sprintf("%.0f answerable", counts[0][i])},
			bar{x, 101, step - 2, down, "d", fmt.Sprintf("%.0f unanswerable", counts[1][i])})
	}
	return c
}

// compareChart shows the change of each figure with its interval.
func compareChart(r *Report) chart {
	c := chart{Title: "Change since the earlier run", About: "with the 95 % interval of a paired bootstrap; what crosses the middle may be chance", Width: right + 60}
	keys := QualityKeys()
	if r.ByType == nil {
		keys = CollectionKeys()
	}
	reach := 0.02
	for _, key := range keys {
		d := r.Compared.Differ[key]
		reach = max(reach, math.Abs(d.Low), math.Abs(d.High))
	}
	middle, scale := (left+right)/2.0, (right-left)/2.0/reach
	y := 14.0
	for _, key := range keys {
		d, ok := r.Compared.Differ[key]
		if !ok {
			continue
		}
		at := middle + d.Mean*scale
		class := "e"
		switch {
		case d.Low > 0:
			class = "b"
		case d.High < 0:
			class = "d"
		}
		c.Words = append(c.Words, label{left - 10, y + 4, key, "end"}, label{right + 8, y + 4, fmt.Sprintf("%+.3f", d.Mean), "start"})
		c.Lines = append(c.Lines, line{middle + d.Low*scale, y, middle + d.High*scale, y})
		c.Bars = append(c.Bars, bar{at - 4, y - 4, 8, 8, class, fmt.Sprintf("%s %+.3f (%s)", key, d.Mean, span(d))})
		y += 22
	}
	c.Lines = append(c.Lines, line{middle, 2, middle, y})
	c.Height = int(y) + 4
	return c
}
