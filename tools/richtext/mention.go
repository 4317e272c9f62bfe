package richtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Named is a person whom a text names behind an @.
type Named struct {
	Said string    `json:"said"` // behind the @
	Name string    `json:"name"`
	ID   notion.ID `json:"id"`
}

// mostSaid is how much behind an @ may be a name, in bytes.
const mostSaid = 100

// Behind is what follows each @ that a name may follow, up to the end of the
// line.
func Behind(markdown string) []string {
	var all []string
	for _, s := range parseInline(strings.TrimSpace(markdown)) {
		for i := s.at(0); i >= 0; i = s.at(i + 1) {
			line, _, _ := strings.Cut(s.text[i+1:], "\n")
			all = append(all, strings.ToValidUTF8(line[:min(len(line), mostSaid)], ""))
		}
	}
	return all
}

// at is where, from i on, an @ stands that a name may follow; -1 for nowhere.
func (s span) at(i int) int {
	if s.link != "" || s.math || s.marks.Code {
		return -1
	}
	for ; i < len(s.text); i++ {
		if s.text[i] != '@' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s.text[:i])
		after, _ := utf8.DecodeRuneInString(s.text[i+1:])
		if (i == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{\"'“‘«„", before)) && unicode.IsLetter(after) {
			return i
		}
	}
	return -1
}

// apart cuts a span where it names people.
func (s span) apart(people []Named) []span {
	var all []span
	start := 0
	add := func(end int, who notion.ID, text string) {
		piece := s
		if piece.text, piece.who = s.text[start:end], who; who != "" {
			piece.text = text
		}
		if piece.text != "" {
			all = append(all, piece)
		}
		start = end
	}
	for i := s.at(0); i >= 0; i = s.at(i + 1) {
		if p := named(people, s.text[i+1:]); p != nil {
			add(i, "", "")
			add(i+1+len(p.Said), p.ID, "@"+p.Name)
		}
	}
	add(len(s.text), "", "")
	return all
}

// named is who is named at the beginning of a text, by the most words.
func named(people []Named, text string) *Named {
	var best *Named
	for i, p := range people {
		if strings.HasPrefix(text, p.Said) && !wordAfter(text, len(p.Said)) && (best == nil || len(p.Said) > len(best.Said)) {
			best = &people[i]
		}
	}
	return best
}
