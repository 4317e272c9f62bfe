package notion

import (
	"cmp"
	"slices"
	"strings"
)

// Content is what a reader sees of a run, also of one that has just been made
// and that Notion has not shown yet.
func (r RichText) Content() string {
	switch {
	case r.PlainText != "":
		return r.PlainText
	case r.Text != nil:
		return r.Text.Content
	case r.Equation != nil:
		return r.Equation.Expression
	}
	return ""
}

// Style is what a run has beside its words: its kind, its marks, and where it
// leads. Plain text has "".
func (r RichText) Style() string {
	var all []string
	if r.Type != "" && r.Type != "text" {
		all = append(all, r.Type)
	}
	if a := r.Annotations; a != nil {
		for _, m := range []struct {
			name string
			on   bool
		}{
			{"bold", a.Bold}, {"italic", a.Italic}, {"strikethrough", a.Strikethrough},
			{"underline", a.Underline}, {"code", a.Code}, {a.Color, a.Color != "" && a.Color != "default"},
		} {
			if m.on {
				all = append(all, m.name)
			}
		}
	}
	if to := r.leads(); to != "" {
		all = append(all, to)
	}
	return strings.Join(all, " ")
}

// leads is the address of a run, in the one form of those that Notion has for
// the same place.
func (r RichText) leads() string {
	to := r.Href
	if r.Text != nil && r.Text.Link != nil {
		to = cmp.Or(to, r.Text.Link.URL)
	}
	if ref, err := ParseRef(strings.TrimPrefix(to, "/")); err == nil {
		return BlockURL(PageURL(ref.Page), ref.Block)
	}
	return strings.TrimSuffix(to, "/")
}

// SameText says whether two texts have the same words in the same style,
// however they are cut into runs and whatever space is between them.
func SameText(a, b []RichText) bool { return slices.Equal(pieces(a), pieces(b)) }

// piece is text of one style.
type piece struct{ style, text string }

func pieces(runs []RichText) []piece {
	var all []piece
	for _, r := range runs {
		if n := len(all); n > 0 && all[n-1].style == r.Style() {
			all[n-1].text += r.Content()
			continue
		}
		all = append(all, piece{r.Style(), r.Content()})
	}
	for i := range all {
		all[i].text = strings.Join(strings.Fields(all[i].text), " ")
	}
	return slices.DeleteFunc(all, func(p piece) bool { return p.text == "" })
}
