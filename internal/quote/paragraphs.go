package quote

import (
	"regexp"
	"strings"
)

// paragraph is a part of an answer that belongs together.
type paragraph struct {
	text   string
	quoted bool // a Markdown quotation or a fence
}

var (
	item     = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,3}[.)])\s+`)
	heading  = regexp.MustCompile(`^\s*#{1,6}\s`)
	fenced   = regexp.MustCompile("^\\s*(```+|~~~+)")
	footnote = regexp.MustCompile(`^\s*(?:[-*+]\s+)?\[\^?([\w-]{1,20})\]:?\s+(.*)$`)
)

// paragraphs cuts an answer at blank lines, list items and headings, and around
// quotations.
func paragraphs(markdown string) []paragraph {
	var all []paragraph
	var now []string
	quoted, fence := false, ""
	flush := func() {
		if text := strings.Join(now, "\n"); strings.TrimSpace(text) != "" {
			all = append(all, paragraph{text: text, quoted: quoted})
		}
		now, quoted = nil, false
	}
	for line := range strings.SplitSeq(markdown, "\n") {
		mark := fenced.FindStringSubmatch(line)
		switch {
		case fence != "" && mark != nil && strings.HasPrefix(mark[1], fence):
			flush()
			fence = ""
		case fence != "":
			now = append(now, line)
		case mark != nil:
			flush()
			quoted, fence = true, mark[1]
		case strings.TrimSpace(line) == "":
			flush()
		case strings.HasPrefix(strings.TrimLeft(line, " "), ">"):
			if !quoted {
				flush()
			}
			quoted = true
			now = append(now, strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(line, " "), ">"), " "))
		default:
			if quoted || item.MatchString(line) || heading.MatchString(line) {
				flush()
			}
			now = append(now, line)
			if heading.MatchString(line) {
				flush()
			}
		}
	}
	flush()
	return all
}

// maxNotes bounds the footnotes of an answer.
const maxNotes = 200

// footnotes are the addresses that labels stand for, and the answer without
// the lines that say so. Only labels that it uses elsewhere count.
func footnotes(markdown string) (notes map[string]string, rest string) {
	notes = map[string]string{}
	uses := map[string]int{}
	for _, m := range label.FindAllStringSubmatch(markdown, -1) {
		uses[m[1]]++
	}
	var kept []string
	for line := range strings.SplitSeq(markdown, "\n") {
		m := footnote.FindStringSubmatch(line)
		if m != nil && len(notes) < maxNotes && notes[m[1]] == "" && uses[m[1]] > 1 {
			if found := links(m[2], nil); len(found) > 0 {
				notes[m[1]] = found[0].url
				continue
			}
		}
		kept = append(kept, line)
	}
	return notes, strings.Join(kept, "\n")
}
