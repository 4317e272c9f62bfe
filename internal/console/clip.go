package console

import (
	"cmp"
	"slices"
	"strings"
)

// hit is what makes one part of a passage worth showing.
type hit struct {
	asked words  // of the question
	cited extent // the lines of the block that is cited
}

// extent is lines of a text, counted from 1. The zero value is none.
type extent struct{ first, last int }

func (e extent) has(l line) bool { return e.first <= l.at && l.at <= e.last }

// weigh makes a measure of how much a part is worth. That of the cited block is
// above all others; else the words count.
func (h hit) weigh(parts []part) func(part) float64 {
	const above = 1e6
	rarity := h.asked.rarity(parts)
	return func(p part) float64 {
		if slices.ContainsFunc(p.lines, h.cited.has) {
			return above + rarity(p)
		}
		return rarity(p)
	}
}

// slack is how many lines are not worth a mark in their place.
const slack = 3

// clip keeps about tall lines of a long passage: those around the block that
// was cited or, where none is, around the words that were asked for. A table is kept whole, or as its header and the rows that have those words;
// what stands below one is not shown without it. 0 means all.
func clip(lines []line, h hit, tall int) []line {
	if tall <= 0 || len(lines) <= tall+slack {
		return lines
	}
	parts := split(lines)
	weigh := h.weigh(parts)
	for i, p := range parts {
		if p.table() && p.height() > tall {
			parts[i].lines = shortened(p, weigh, tall)
		}
	}
	from, to := around(parts, weigh, tall)
	return marked(parts, from, to)
}

// part is what is shown or left out as a whole: a paragraph, a list item, a
// table, a line of code, a heading, a blank line.
type part struct{ lines []line }

func (p part) height() int   { return len(p.lines) }
func (p part) table() bool   { return p.lines[0].row > 0 }
func (p part) heading() bool { return p.lines[0].strong && !p.table() }
func (p part) blank() bool   { return p.lines[0].text == "" }

// rows are the rows of a table without its header, or the part itself where
// there are none.
func (p part) rows() []part {
	if !p.table() {
		return []part{p}
	}
	_, body := p.header()
	if len(body) == 0 {
		return []part{p}
	}
	return chunks(body, func(a, b line) bool { return a.row == b.row })
}

// header divides a table into its header and the rest.
func (p part) header() (header, body []line) {
	n := 0
	for n < len(p.lines) && p.lines[n].row == headerRow {
		n++
	}
	return p.lines[:n], p.lines[n:]
}

func split(lines []line) []part {
	return chunks(lines, func(a, b line) bool { return a.block == b.block })
}

// chunks puts neighbours that belong together into parts.
func chunks(lines []line, together func(a, b line) bool) []part {
	var parts []part
	for i, l := range lines {
		if i > 0 && together(lines[i-1], l) {
			last := &parts[len(parts)-1]
			last.lines = append(last.lines, l)
			continue
		}
		parts = append(parts, part{lines: []line{l}})
	}
	return parts
}

// shortened leaves of a table its header and the rows that weigh most, in
// their order; the first ones where none weighs anything.
func shortened(p part, weigh func(part) float64, tall int) []line {
	header, body := p.header()
	if len(body) == 0 {
		return header
	}
	rows := p.rows()
	best := make([]int, len(rows))
	for i := range best {
		best[i] = i
	}
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(weigh(rows[b]), weigh(rows[a])) })
	matching := weigh(rows[best[0]]) > 0
	kept := map[int]bool{}
	for left := tall - len(header); len(best) > 0; best = best[1:] {
		row := rows[best[0]]
		left -= row.height()
		if len(kept) > 0 && (left < 0 || matching && weigh(row) == 0) {
			break
		}
		kept[best[0]] = true
	}
	out := slices.Clone(header)
	for i, row := range rows {
		switch {
		case kept[i]:
			out = append(out, row.lines...)
		case i == 0 || kept[i-1]:
			out = append(out, line{text: ellipsis, block: row.lines[0].block, row: row.lines[0].row})
		}
	}
	return out
}

// around chooses the parts to show: from the beginning of the section if the
// cited block is near it, else some lines above that block, and on from there.
func around(parts []part, weigh func(part) float64, tall int) (from, to int) {
	cited := heaviestPart(parts, weigh)
	low, high := section(parts, cited)
	from, to = cited, cited+1
	if heightOf(parts[low:to]) <= tall {
		from = low
	}
	for from > low && heightOf(parts[from-1:to]) <= tall/2 {
		from--
	}
	for to < len(parts) && heightOf(parts[from:to+1]) <= tall {
		to++
	}
	if to < high && heightOf(parts[to:high]) <= slack {
		to = high
	}
	if above := lastText(parts, from); above >= low && parts[above].table() {
		from = above
	}
	if heightOf(parts[:from]) <= slack {
		from = 0
	}
	if heightOf(parts[to:]) <= slack {
		to = len(parts)
	}
	return from, to
}

// section finds the parts under the same heading as one of them, with it.
func section(parts []part, i int) (low, high int) {
	for low = i; low > 0 && !parts[low].heading(); {
		low--
	}
	for high = i + 1; high < len(parts) && !parts[high].heading(); {
		high++
	}
	return low, high
}

// heaviestPart is the part to show in any case. Headings and the headers of
// tables are never cited, since they announce what another block says.
func heaviestPart(parts []part, weigh func(part) float64) int {
	best, most := 0, 0.0
	for i, p := range parts {
		if n := heaviest(p, weigh); n > most && !p.heading() {
			best, most = i, n
		}
	}
	return best
}

// heaviest is the weight of the best row of a table, or of the part itself.
func heaviest(p part, weigh func(part) float64) float64 {
	most := 0.0
	for _, row := range p.rows() {
		most = max(most, weigh(row))
	}
	return most
}

// rarity makes a measure of how much of the question a part has, where a word
// counts the less the more parts have it.
func (w words) rarity(parts []part) func(part) float64 {
	in := map[string]int{}
	for _, p := range parts {
		for _, row := range p.rows() {
			for word := range w.found(row) {
				in[word]++
			}
		}
	}
	return func(p part) float64 {
		weight := 0.0
		for word := range w.found(p) {
			weight += 1 / float64(max(1, in[word]))
		}
		return weight
	}
}

// found are the words of w that stand in a part.
func (w words) found(p part) words {
	found := words{}
	for _, l := range p.lines {
		for _, word := range wordPattern.FindAllString(l.text, -1) {
			if s := stem(word); w[s] {
				found[s] = true
			}
		}
	}
	return found
}

func heightOf(parts []part) int {
	n := 0
	for _, p := range parts {
		n += p.height()
	}
	return n
}

// lastText is the last part before i that is not blank, or -1.
func lastText(parts []part, i int) int {
	for i--; i >= 0 && parts[i].blank(); i-- {
	}
	return i
}

const ellipsis = "⋮"

// marked writes parts from..to, without a heading whose text is left out, and a
// mark for what stands before and after them.
func marked(parts []part, from, to int) []line {
	if to < len(parts) {
		for i := lastText(parts, to); lastText(parts, i) >= from && parts[i].heading(); i = lastText(parts, to) {
			to = i
		}
	}
	var out []line
	if from > 0 {
		out = append(out, line{text: ellipsis})
	}
	out = append(out, trimBlank(joined(parts[from:to]))...)
	if to < len(parts) && out[len(out)-1].text != ellipsis {
		out = append(out, line{text: ellipsis})
	}
	return out
}

func joined(parts []part) []line {
	var out []line
	for _, p := range parts {
		out = append(out, p.lines...)
	}
	return out
}

// clipped says whether something was left out of lines.
func clipped(lines []line) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return strings.TrimSpace(l.text) == ellipsis })
}
