package quote

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Cited is words that an answer quotes, and the link that they are given with.
type Cited struct {
	Quote string // "" for a link that goes with no quotation
	URL   string // "" for a quotation that goes with no link
}

// shortest is how many words make a quotation; fewer may be a name or a doubt.
const shortest = 3

var (
	quoted       = regexp.MustCompile(`"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|„([^“”\n]+)[“”]|「([^」\n]+)」`)
	blockquote   = regexp.MustCompile(`(?m)^[ \t]*>[ \t]?(.*)$`)
	markdownLink = regexp.MustCompile(`\[([^\]\n]*)\]\(\s*<?(https?://[^\s)>]+)>?[^)\n]*\)`)
	bareLink     = regexp.MustCompile(`https?://[^\s<>()\[\]"“”]+`)
	paragraphs   = regexp.MustCompile(`\n[ \t]*\n`)
)

// mark is a quotation or a link in an answer, by where it ends.
type mark struct {
	end   int
	quote string
	url   string
}

// InAnswer finds what an answer quotes and cites, in order. A quotation goes
// with the first link behind it in its paragraph, or in the next one where it
// is a paragraph of its own.
func InAnswer(answer string) []Cited {
	var all []Cited
	var pending []string
	for _, p := range paragraphs.Split(answer, -1) {
		marks := marksIn(p)
		own := len(marks) > 0 && !slices.ContainsFunc(marks, func(m mark) bool { return m.url != "" }) && blockquote.MatchString(p)
		for _, m := range marks {
			switch {
			case m.quote != "":
				pending = append(pending, m.quote)
			case len(pending) == 0:
				all = append(all, Cited{URL: m.url})
			default:
				for _, q := range pending {
					all = append(all, Cited{q, m.url})
				}
				pending = nil
			}
		}
		if !own {
			all, pending = uncited(all, pending), nil
		}
	}
	return uncited(all, pending)
}

func uncited(all []Cited, pending []string) []Cited {
	for _, q := range pending {
		all = append(all, Cited{Quote: q})
	}
	return all
}

// marksIn are the quotations and links of a paragraph, by their ends.
func marksIn(p string) []mark {
	var marks []mark
	rest := []byte(p) // what is left to look for bare links in
	for _, m := range markdownLink.FindAllStringSubmatchIndex(p, -1) {
		marks = append(marks, mark{end: m[1], url: p[m[4]:m[5]]})
		for i := m[4]; i < m[1]; i++ {
			rest[i] = ' '
		}
	}
	for _, m := range bareLink.FindAllIndex(rest, -1) {
		marks = append(marks, mark{end: m[1], url: strings.TrimRight(string(rest[m[0]:m[1]]), ".,;:!?'*_`")})
	}
	if lines := blockquote.FindAllStringSubmatchIndex(p, -1); lines != nil {
		var words []string
		for _, m := range lines {
			words = append(words, p[m[2]:m[3]])
		}
		marks = append(marks, mark{end: lines[len(lines)-1][3], quote: strings.Trim(strings.Join(words, "\n"), " \"“”")})
	} else {
		for _, m := range quoted.FindAllStringSubmatchIndex(p, -1) {
			for i := 2; i < len(m); i += 2 {
				if m[i] >= 0 {
					marks = append(marks, mark{end: m[1], quote: p[m[i]:m[i+1]]})
				}
			}
		}
	}
	marks = slices.DeleteFunc(marks, func(m mark) bool { return m.url == "" && Words(m.quote) < shortest })
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.end, b.end) })
	return marks
}
