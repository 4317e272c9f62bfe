package console

import "slices"

// clip keeps about tall lines of a long passage: those around the words that
// were asked for, from the start of a paragraph to the end of one where that
// is near. 0 means all.
func clip(lines []line, asked words, tall int) []line {
	const slack = 3 // lines less than this are not worth a mark
	if tall <= 0 || len(lines) <= tall+slack {
		return lines
	}
	from := densest(lines, asked, tall)
	to := from + tall
	from, to = paragraphStart(lines, from, asked), paragraphEnd(lines, to)
	if from <= slack {
		from = 0
	}
	if len(lines)-to <= slack {
		to = len(lines)
	}
	out := slices.Clone(trimBlank(lines[from:to]))
	cut := line{text: "⋮"}
	if from > 0 {
		out = slices.Insert(out, 0, cut)
	}
	if to < len(lines) {
		out = append(out, cut)
	}
	return out
}

// densest is where the stretch of tall lines with the most words begins; of
// equals the one that has them nearest to its middle.
func densest(lines []line, asked words, tall int) int {
	counts := make([]int, len(lines))
	for i, l := range lines {
		counts[i] = asked.count(l.text)
	}
	best, most, off := 0, -1, 0
	for from := 0; from+tall <= len(lines); from++ {
		n, tilt := 0, 0
		for i, c := range counts[from : from+tall] {
			n += c
			tilt += c * (2*i - tall + 1)
		}
		tilt = max(tilt, -tilt)
		if n > most || n == most && tilt < off {
			best, most, off = from, n, tilt
		}
	}
	return best
}

// reach is how far clip looks for the start or the end of a paragraph.
const reach = 5

func paragraphStart(lines []line, from int, asked words) int {
	for i := from; i >= max(0, from-reach); i-- {
		if begins(lines, i) {
			return i
		}
	}
	for i := from; i < from+reach && asked.count(lines[i].text) == 0; i++ {
		if begins(lines, i+1) {
			return i + 1
		}
	}
	return from
}

// begins says whether a paragraph begins at line i that does not belong to the
// heading above it.
func begins(lines []line, i int) bool {
	return i == 0 || lines[i-1].text == "" && (i < 2 || !lines[i-2].strong)
}

func paragraphEnd(lines []line, to int) int {
	for i := to; i < min(len(lines), to+reach); i++ {
		if lines[i].text == "" && !lines[i-1].strong {
			return i
		}
	}
	return to
}
