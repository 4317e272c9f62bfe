package prompts

import (
	"regexp"
	"strings"
)

type kind int

const (
	prose kind = iota
	inlineCode
	fence // with the lines that open and close it
)

// part is a run of text of one kind.
type part struct {
	text string
	kind kind
}

// fenceMark opens a fence, or closes one where nothing follows it.
var fenceMark = regexp.MustCompile("^[ \t>]*(?:[-*+] +|\\d+[.)] +)*(```+|~~~+)([^`\n]*)\n?$")

// parts tells code from prose, as Markdown does. A fence that is not closed is
// prose, so that nobody opens one to be left alone.
func parts(text string) []part {
	lines := strings.SplitAfter(text, "\n")
	var all []part
	var open strings.Builder // prose so far
	flush := func() {
		if open.Len() > 0 {
			all = append(all, inline(open.String())...)
			open.Reset()
		}
	}
	alone := map[string]bool{} // marks that nothing closes from here on
	for len(lines) > 0 {
		n := fenced(lines, alone)
		if n == 0 {
			open.WriteString(lines[0])
			lines = lines[1:]
			continue
		}
		flush()
		all = append(all, part{strings.Join(lines[:n], ""), fence})
		lines = lines[n:]
	}
	flush()
	return all
}

// fenced is how many lines a fence takes that begins with the first; 0 if none
// does, or it has no end.
func fenced(lines []string, alone map[string]bool) int {
	m := fenceMark.FindStringSubmatch(lines[0])
	if m == nil || alone[m[1]] {
		return 0
	}
	for n := 1; n < len(lines); n++ {
		if !strings.Contains(lines[n], m[1]) {
			continue
		}
		end := fenceMark.FindStringSubmatch(lines[n])
		if end != nil && strings.HasPrefix(end[1], m[1]) && strings.TrimSpace(end[2]) == "" {
			return n + 1
		}
	}
	alone[m[1]] = true
	return 0
}

// inline tells code within a line from prose.
func inline(text string) []part {
	var all []part
	for i := strings.IndexByte(text, '`'); i >= 0; i = strings.IndexByte(text, '`') {
		ticks := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		line, _, _ := strings.Cut(text[i+ticks:], "\n")
		end := closed(line, ticks)
		if end < 0 || i > 0 && text[i-1] == '\\' {
			all, text = append(all, part{text[:i+ticks], prose}), text[i+ticks:]
			continue
		}
		stop := i + 2*ticks + end
		all = append(all, part{text[:i], prose}, part{text[i:stop], inlineCode})
		text = text[stop:]
	}
	return joined(append(all, part{text, prose}))
}

// closed finds a run of exactly so many ticks.
func closed(line string, ticks int) int {
	for at := 0; ; {
		i := strings.IndexByte(line[at:], '`')
		if i < 0 {
			return -1
		}
		at += i
		run := len(line[at:]) - len(strings.TrimLeft(line[at:], "`"))
		if run == ticks {
			return at
		}
		at += run
	}
}

// joined puts neighbours of the same kind together.
func joined(all []part) []part {
	var out []part
	for _, p := range all {
		if n := len(out); n > 0 && out[n-1].kind == p.kind {
			out[n-1].text += p.text
			continue
		}
		out = append(out, p)
	}
	return out
}
