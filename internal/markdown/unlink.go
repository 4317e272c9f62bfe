package markdown

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unlinked is the text with what its links say and without where they lead, in
// Notion or elsewhere: for answers that have a link of their own. Code stays as
// it is, and so does a host without a path, which may be the name of a file.
func (t Text) Unlinked() Text {
	if !linking(string(t)) {
		return t
	}
	lines, fence := t.Lines(), ""
	for i, line := range lines {
		mark := fenceOf(string(line))
		switch {
		case fence == "" && mark == "":
			lines[i] = unlinkedLine(string(line))
		case fence == "":
			fence = mark
		case fence == mark:
			fence = ""
		}
	}
	return Join(lines, "\n")
}

// linking says whether there may be something to take out.
func linking(s string) bool { return strings.Contains(s, "](https://") || strings.Contains(s, " (") }

// fenceOf is the fence that a line begins or ends a block of code with.
func fenceOf(line string) string {
	line = strings.TrimLeft(line, " >")
	fence := line[:len(line)-len(strings.TrimLeft(line, "`"))]
	if len(fence) < 3 {
		return ""
	}
	return fence
}

// prefix says whether s is what may stand on a line before its text.
func prefix(s string) bool {
	s = strings.TrimLeft(s, " >")
	switch s {
	case "", "- ", "- [ ] ", "- [x] ":
		return true
	}
	digits := strings.TrimSuffix(s, ". ")
	return digits != "" && len(digits) < len(s) && strings.TrimLeft(digits, "0123456789") == ""
}

// sealed is text behind which a bracket of ours stood, as it may stand without:
// a sign that would begin HTML or an entity with what comes now, or be the middle
// of a link, is escaped.
func sealed(text []byte) []byte {
	rest := bytes.TrimRight(text[:max(len(text)-1, 0)], `\`)
	if len(text) == 0 || (len(text)-1-len(rest))%2 == 1 { // it is escaped
		return bytes.Clone(text)
	}
	switch last := len(text) - 1; text[last] {
	case '<':
		return append(bytes.Clone(text[:last]), "&lt;"...)
	case '&', ']':
		return append(bytes.Clone(text[:last]), '\\', text[last])
	}
	return bytes.Clone(text)
}

// elsewhere is how many bytes the address of another site takes that s begins
// with, as it stands behind the text of a link: (host/path), perhaps as code.
func elsewhere(s string) int {
	inner, ok := strings.CutPrefix(s, " (")
	if !ok {
		return 0
	}
	inner = strings.TrimPrefix(inner, "`")
	host := inner[:len(inner)-len(strings.TrimLeftFunc(inner, hostRune))]
	if !hosts(host) {
		return 0
	}
	path, ok := strings.CutPrefix(inner[len(host):], "/")
	if !ok {
		return 0
	}
	end := strings.IndexAny(path, "\t\n\f\r ()`")
	if end < 0 {
		return 0
	}
	end += len(path[end:]) - len(strings.TrimPrefix(path[end:], "`"))
	if !strings.HasPrefix(path[end:], ")") {
		return 0
	}
	return len(s) - len(path) + end + 1
}

// hosts says whether s is the name of a host with a dot in it.
func hosts(s string) bool {
	labels := strings.Split(s, ".")
	return len(labels) > 1 && !slices.Contains(labels, "") && utf8.RuneCountInString(labels[len(labels)-1]) > 1
}

func hostRune(r rune) bool {
	return r == '.' || r == '-' || '0' <= r && r <= '9' || unicode.IsLetter(r)
}

// unlinkedLine takes the addresses out of a line of prose. Outside of code it
// has no other "](" than those of links that this package made, whose labels
// have no bracket that is not escaped.
func unlinkedLine(s string) Text {
	if !linking(s) {
		return Text(s)
	}
	out, open, first := make([]byte, 0, len(s)), -1, -1 // first: of the label that the line begins with
	for i := 0; i < len(s); {
		n := 1
		switch {
		case s[i] == '\\' && i+1 < len(s):
			n = 2
		case s[i] == '`':
			_, n = codeSpan(s[i:])
		case s[i] == '[':
			open = len(out)
		case s[i] == ' ' && elsewhere(s[i:]) > 0:
			out, i = sealed(out), i+elsewhere(s[i:])
			continue
		case open >= 0 && strings.HasPrefix(s[i:], "](https://"):
			if prefix(string(out[:open])) {
				first = open
			}
			out = append(sealed(out[:open]), sealed(out[open+1:])...)
			open = -1
			end := strings.IndexByte(s[i:], ')')
			if end < 0 {
				end = len(s[i:]) - 1
			}
			i += end + 1
			continue
		}
		out, i = append(out, s[i:i+n]...), i+n
	}
	if first < 0 || beginning(string(out[first:])) < 0 {
		return Text(out)
	}
	at := first + beginning(string(out[first:]))
	return Text(out[:at]) + `\` + Text(out[at:])
}
