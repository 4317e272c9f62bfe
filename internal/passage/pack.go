package passage

import (
	"slices"
	"strings"
)

// pack groups the units of a page into passages.
func (w *walker) pack() [][]unit {
	var passages [][]unit
	for _, group := range w.groups() {
		passages = append(passages, w.chunk(group)...)
	}
	return passages
}

// groups are the sections in order, small ones joined to what follows.
func (w *walker) groups() [][]unit {
	sections := w.bySection()
	var groups [][]unit
	for len(sections) > 0 {
		n := w.groupLen(sections)
		groups = append(groups, slices.Concat(sections[:n]...))
		sections = sections[n:]
	}
	return groups
}

// bySection cuts the units at the beginnings of sections.
func (w *walker) bySection() [][]unit {
	var sections [][]unit
	start := 0
	for i := range w.units {
		if i+1 == len(w.units) || w.units[i+1].section != w.units[i].section {
			sections = append(sections, w.units[start:i+1])
			start = i + 1
		}
	}
	return sections
}

// groupLen is how many of the sections go together with the first. Two go
// together if one of them is small and there is room, because a passage of a
// dozen words is found for the wrong reasons and says little. A heading without
// text stays with the next one, whatever that one's size.
func (w *walker) groupLen(sections [][]unit) int {
	n, sum, empty := 1, total(sections[0]), headingsOnly(sections[0])
	headed := w.sections[sections[0][0].section].headed // text above all headings must not get those of a scrap below it
	for ; n < len(sections); n++ {
		next := total(sections[n])
		small := sum < w.opt.MinWords || next < w.opt.MinWords && headed
		fits := small && sum+next <= w.opt.Words
		if !fits && !empty || !w.belongs(sections[0], sections[n]) || !w.follows(sections[n-1], sections[n]) {
			break
		}
		sum += next
		empty = empty && headingsOnly(sections[n])
	}
	return n
}

// belongs says whether section b has a heading that is a sibling of that of
// section a, or below it.
func (w *walker) belongs(a, b []unit) bool {
	above, next := w.sections[a[0].section], w.sections[b[0].section]
	parent := above.path
	if above.headed {
		parent = parent[:len(parent)-1]
	}
	return next.headed && len(next.path) > len(parent) && slices.Equal(next.path[:len(parent)], parent)
}

// follows says whether the headings of section b are those that its level gives
// it after section a, and not those of a place further out.
func (w *walker) follows(a, b []unit) bool {
	next := w.sections[b[0].section].path
	return slices.Equal(next, under(w.sections[a[0].section].path, next[len(next)-1]))
}

func headingsOnly(units []unit) bool {
	return !slices.ContainsFunc(units, func(u unit) bool { return u.level == 0 })
}

func total(units []unit) int {
	n := 0
	for _, u := range units {
		n += u.size
	}
	return n
}

// chunk cuts the units of one group into passages of about the same size.
func (w *walker) chunk(units []unit) [][]unit {
	var starts, sizes []int // of atoms
	for at := 0; at < len(units); {
		n := w.atom(units[at:])
		starts = append(starts, at)
		sizes = append(sizes, total(units[at:at+n]))
		at += n
	}
	opening := func(i int) int { // words of the table header that is repeated
		if u := units[starts[i]]; u.table != nil && !u.header {
			return u.table.size
		}
		return 0
	}
	var chunks [][]unit
	from := 0
	for _, i := range cuts(sizes, w.opt.Words, opening) {
		chunks = append(chunks, units[from:starts[i]])
		from = starts[i]
	}
	return append(chunks, units[from:])
}

// cuts says before which items to cut, so that no group is larger than limit,
// unless it has one item only, and the groups are of about the same size.
// opening is what a group costs if it begins with item i; nil means nothing.
func cuts(sizes []int, limit int, opening func(i int) int) []int {
	rest := 0
	for _, n := range sizes {
		rest += n
	}
	var at []int
	target, have := evenly(rest, limit), 0
	for i, n := range sizes {
		full := have+n > limit
		enough := have+n/2 > target && have+rest > limit
		if have > 0 && (full || enough) {
			at = append(at, i)
			target, have = evenly(rest, limit), 0
			if opening != nil {
				have = opening(i)
			}
		}
		have += n
		rest -= n
	}
	return at
}

// evenly is the size of each group if total is cut into as few groups of at
// most limit as possible.
func evenly(total, limit int) int {
	groups := max(1, (total+limit-1)/limit)
	return (total + groups - 1) / groups
}

// atom is how many units at the beginning must not be parted: headings from
// what follows them, and a line that announces something, like "You need:" or
// the header of a table, from the first line of that, if there is room.
func (w *walker) atom(units []unit) int {
	n, sum := 1, units[0].size
	for n < len(units) {
		last, next := units[n-1], units[n]
		fits := sum+next.size <= w.opt.Words
		if last.level == 0 && !(fits && announces(last)) {
			break
		}
		sum += next.size
		n++
	}
	return n
}

func announces(u unit) bool {
	text := strings.TrimRight(string(u.text), " *~")
	return u.header || strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")
}
