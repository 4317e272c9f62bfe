package markdown

import (
	"bytes"
	"regexp"
	"strings"
)

// Unlinked is the text with what its links say and without where they lead, in
// Notion or elsewhere: for answers that have a link of their own. Code stays as
// it is, and so does a host without a path, which may be the name of a file.
func (t Text) Unlinked() Text {
	if !strings.Contains(string(t), "](https://") && !strings.Contains(string(t), " (") {
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

// fenceOf is the fence that a line begins or ends a block of code with.
func fenceOf(line string) string {
	line = strings.TrimLeft(line, " >")
	fence := line[:len(line)-len(strings.TrimLeft(line, "`"))]
	if len(fence) < 3 {
		return ""
	}
	return fence
}

// prefix matches what may stand on a line before its text.
var prefix = regexp.MustCompile(`^[ >]*(?:- (?:\[[ x]\] )?|\d+\. )?$`)

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

// elsewhere matches the address of another site as it stands behind the text of
// a link.
var elsewhere = regexp.MustCompile("^ \\(`?(?:[\\pL\\d-]+\\.)+[\\pL\\d-]{2,}/[^\\s()`]*`?\\)")

// unlinkedLine takes the addresses out of a line of prose. Outside of code it
// has no other "](" than those of links that this package made, whose labels
// have no bracket that is not escaped.
func unlinkedLine(s string) Text {
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
		case s[i] == ' ' && elsewhere.MatchString(s[i:]):
			out, i = sealed(out), i+len(elsewhere.FindString(s[i:]))
			continue
		case open >= 0 && strings.HasPrefix(s[i:], "](https://"):
			if prefix.Match(out[:open]) {
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
