package bundle

import (
	"fmt"
	"slices"
	"strings"
)

// shown is how many files a note names.
const shown = 5

// Notes are what somebody should know about files: those that were left out,
// and those that had to be guessed at.
type Notes struct{ all []note }

type note struct {
	reason string
	count  int
	files  []string
}

// Add notes a reason for a file. The files of one reason are counted, and the
// first few are named.
func (n *Notes) Add(reason, file string) {
	i := slices.IndexFunc(n.all, func(o note) bool { return o.reason == reason })
	if i < 0 {
		n.all = append(n.all, note{reason: reason})
		i = len(n.all) - 1
	}
	n.all[i].count++
	if len(n.all[i].files) < shown {
		n.all[i].files = append(n.all[i].files, file)
	}
}

// Lines are the notes in the order in which they came up, a line each.
func (n *Notes) Lines() []string {
	var out []string
	for _, o := range n.all {
		line := fmt.Sprintf("%s: %s", o.reason, strings.Join(o.files, ", "))
		if more := o.count - len(o.files); more > 0 {
			line += fmt.Sprintf(" and %d more", more)
		}
		out = append(out, line)
	}
	return out
}
