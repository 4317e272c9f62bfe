package markdown

import (
	"regexp"
	"strings"
)

var (
	behindBlock = regexp.MustCompile(` \{(?:(?:toggle|color)="[^"]*" ?)+\}$`)
	listLine    = regexp.MustCompile(`^\t*(?:- |\d+\. )`)
	opening     = regexp.MustCompile("^\t*(?:(```+)|(<table\\b)|(\\$\\$)$)")
	openHeading = regexp.MustCompile(`^(\t*)(#{1,4} .*) \{[^{}]*toggle="true"[^{}]*\}$`)
)

// Readable puts what Render wrote into the form that Parse reads: an empty line
// between two blocks, and tags around what is below a heading. Colors are lost.
func Readable(src string) string {
	var w readable
	for line := range strings.SplitSeq(src, "\n") {
		w.line(line)
	}
	w.close(0)
	return strings.Join(w.out, "\n") + "\n"
}

type readable struct {
	out   []string
	until string // ends what is taken as it is
	open  []int  // the depths of the headings that hold what follows
}

func (w *readable) line(line string) {
	text := strings.TrimLeft(line, "\t")
	if w.until != "" {
		w.out = append(w.out, line)
		if strings.HasPrefix(text, w.until) {
			w.until = ""
		}
		return
	}
	w.close(len(line) - len(text))
	if n := len(w.out); n > 0 && !(listLine.MatchString(line) && listLine.MatchString(w.out[n-1])) {
		w.out = append(w.out, "")
	}
	if m := openHeading.FindStringSubmatch(line); m != nil {
		w.open = append(w.open, len(m[1]))
		w.out = append(w.out, m[1]+"<details><summary>"+m[2]+"</summary>")
		return
	}
	if m := opening.FindStringSubmatch(line); m != nil {
		w.until = m[1] + strings.Replace(m[2], "<", "</", 1) + m[3]
	}
	w.out = append(w.out, behindBlock.ReplaceAllString(line, ""))
}

// close ends the headings at a depth and below it.
func (w *readable) close(depth int) {
	for n := len(w.open); n > 0 && w.open[n-1] >= depth; n = len(w.open) {
		w.out = append(w.out, "", strings.Repeat("\t", w.open[n-1])+"</details>")
		w.open = w.open[:n-1]
	}
}
