package console

import (
	"regexp"
	"strings"

	"github.com/rivo/uniseg"
)

// wrap breaks one line of text at its spaces into lines of at most width
// columns. A word that is wider is cut.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		need := uniseg.StringWidth(word)
		if line != "" && used+1+need <= width {
			line, used = line+" "+word, used+1+need
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for need > width {
			head, rest := cutWidth(word, width)
			lines = append(lines, head)
			word, need = rest, uniseg.StringWidth(rest)
		}
		line, used = word, need
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// cutWidth cuts text after as many whole characters as fit, but at least one.
func cutWidth(text string, width int) (head, rest string) {
	used, at, state := 0, 0, -1
	for left := text; left != ""; {
		var cluster string
		var w int
		cluster, left, w, state = uniseg.FirstGraphemeClusterInString(left, state)
		if at > 0 && used+w > width {
			break
		}
		used += w
		at += len(cluster)
	}
	return text[:at], text[at:]
}

// pad fills text up to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-uniseg.StringWidth(text)))
}

// lead is what may stand before the text of a Markdown line: indentation,
// quotation marks, a bullet, a number, a box to tick.
var lead = regexp.MustCompile(`^\s*(?:> ?)*\s*(?:(?:[-*+]|\d+[.)]) +(?:\[[ xX]\] +)?)?`)

// hang wraps one line of Markdown so that what follows the first line stands
// below its text and not below its bullet.
func hang(line string, width int) []string {
	marker := lead.FindString(line)
	if uniseg.StringWidth(marker) > width/2 {
		return wrap(line, width)
	}
	indent := strings.Map(func(r rune) rune {
		if r == '>' {
			return r
		}
		return ' '
	}, marker)
	lines := wrap(line[len(marker):], width-uniseg.StringWidth(marker))
	for i := range lines {
		if i == 0 {
			lines[i] = marker + lines[i]
		} else {
			lines[i] = indent + lines[i]
		}
	}
	return lines
}
