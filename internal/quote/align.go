package quote

import (
	"slices"
	"strings"
)

// align finds the place in a text that differs least from a quotation: the
// fewest words to change, drop or add, with the ends of the text free (Sellers,
// The theory and computation of evolutionary distances, 1980).
func align(text, wanted []word) Match {
	end, cost := sellers(text, wanted)
	start := end - backward(text[:end], wanted)
	m := Match{Kind: None, Similarity: 1 - float64(cost)/float64(len(wanted))}
	if m.Similarity < 0 {
		m.Similarity = 0
	}
	if start < end {
		m.Start, m.End = text[start].start, text[end-1].end
	}
	if m.Similarity >= nearest && len(wanted) >= 3 {
		m.Kind = Near
		m.Differences = differences(text[start:end], wanted)
		return m
	}
	return moved(text, wanted, m)
}

// sellers returns where the best match ends, and what it costs. Of ends side by
// side that cost the same it takes the last, so that a changed last word is
// held against the word in its place and is not one that was added.
func sellers(text, wanted []word) (end, cost int) {
	col := make([]int, len(wanted)+1)
	for i := range col {
		col[i] = i
	}
	end, cost = 0, col[len(wanted)]
	for j, t := range text {
		diagonal := col[0]
		for i, w := range wanted {
			change := diagonal
			if t.key != w.key {
				change++
			}
			diagonal = col[i+1]
			col[i+1] = min(change, col[i]+1, col[i+1]+1)
		}
		if last := col[len(wanted)]; last < cost || last == cost && end == j && j > 0 && !t.apart {
			end, cost = j+1, last
		}
	}
	return end, cost
}

// backward is how many words the match takes that ends with the text: the
// length at which the reversed quotation costs least, and the longest of those
// side by side.
func backward(text, wanted []word) int {
	tail := text[max(0, len(text)-2*len(wanted)):]
	back, want := slices.Clone(tail), slices.Clone(wanted)
	slices.Reverse(back)
	slices.Reverse(want)
	row := make([]int, len(want)+1)
	for i := range row {
		row[i] = i
	}
	length, cost := 0, row[len(want)]
	for j, t := range back {
		diagonal := row[0]
		row[0] = j + 1
		for i, w := range want {
			change := diagonal
			if t.key != w.key {
				change++
			}
			diagonal = row[i+1]
			row[i+1] = min(change, row[i]+1, row[i+1]+1)
		}
		if last := row[len(want)]; last < cost || last == cost && length == j && j > 0 && !back[j-1].apart {
			length, cost = j+1, last
		}
	}
	return length
}

// moved looks for the words of a quotation in another order: a window of the
// text as long as the quotation that has nearly all of them.
func moved(text, wanted []word, m Match) Match {
	if len(wanted) < 4 || len(text) < len(wanted) {
		return m
	}
	need := map[string]int{}
	for _, w := range wanted {
		need[w.key]++
	}
	have, best, at := 0, 0, 0
	for i, t := range text {
		if need[t.key]--; need[t.key] >= 0 {
			have++
		}
		if out := i - len(wanted); out >= 0 {
			if need[text[out].key]++; need[text[out].key] > 0 {
				have--
			}
		}
		if have > best {
			best, at = have, i+1
		}
	}
	share := float64(best) / float64(len(wanted))
	if share < 0.9 {
		return m
	}
	start := max(0, at-len(wanted))
	return Match{
		Kind: Near, Start: text[start].start, End: text[at-1].end, Similarity: m.Similarity,
		Differences: []Difference{{Quoted: join(wanted), Stands: join(text[start:at]), Grave: Order}},
	}
}

// differences walks the cheapest way from what stands there to the quotation.
func differences(stands, wanted []word) []Difference {
	cost := table(stands, wanted)
	var (
		all             []Difference
		quoted, written []word // of the difference that is being read, last word first
	)
	flush := func() {
		if len(quoted)+len(written) > 0 {
			slices.Reverse(quoted)
			slices.Reverse(written)
			all = append(all, difference(quoted, written))
			quoted, written = nil, nil
		}
	}
	i, j := len(wanted), len(stands)
	for i > 0 || j > 0 {
		switch {
		case i > 0 && j > 0 && wanted[i-1].key == stands[j-1].key && cost[i][j] == cost[i-1][j-1]:
			flush()
			i, j = i-1, j-1
		case i > 0 && j > 0 && cost[i][j] == cost[i-1][j-1]+1:
			quoted, written = append(quoted, wanted[i-1]), append(written, stands[j-1])
			i, j = i-1, j-1
		case i > 0 && cost[i][j] == cost[i-1][j]+1:
			quoted, i = append(quoted, wanted[i-1]), i-1
		default:
			written, j = append(written, stands[j-1]), j-1
		}
	}
	flush()
	slices.Reverse(all)
	return gravest(all)
}

// gravest are the first of many differences, and those before all others that
// turn the statement around.
func gravest(all []Difference) []Difference {
	slices.SortStableFunc(all, func(a, b Difference) int {
		return map[bool]int{true: 1}[a.Grave == ""] - map[bool]int{true: 1}[b.Grave == ""]
	})
	return all[:min(len(all), maxDifferences)]
}

// table has the cost of every beginning of the one against every beginning of
// the other.
func table(stands, wanted []word) [][]int {
	cost := make([][]int, len(wanted)+1)
	for i := range cost {
		cost[i] = make([]int, len(stands)+1)
		cost[i][0] = i
	}
	for j := range stands {
		cost[0][j+1] = j + 1
	}
	for i, w := range wanted {
		for j, t := range stands {
			change := cost[i][j]
			if w.key != t.key {
				change++
			}
			cost[i+1][j+1] = min(change, cost[i][j+1]+1, cost[i+1][j]+1)
		}
	}
	return cost
}

func difference(quoted, stands []word) Difference {
	return Difference{Quoted: join(quoted), Stands: join(stands), Grave: grave(quoted, stands)}
}

func join(words []word) string {
	var all []string
	for _, w := range words {
		all = append(all, w.raw)
	}
	return strings.Join(all, " ")
}
