package markdown

import (
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// substitute stands before a link whose label is not known where it is made.
// What people wrote cannot have it, for Clean takes control characters away.
const substitute = "\x1a"

// referenced matches what Reference makes.
var referenced = regexp.MustCompile(substitute + `\[([^\]\n]*)\]\(([^)\s]*)\)`)

// Reference is a link to a page or table whose title Notion does not tell along
// with it. Named puts it in, so a Text that has a Reference is not yet to be
// shown. standIn is the label where nobody knows the title; without one the
// address stands alone.
func Reference(standIn string, id notion.ID) Text {
	return substitute + "[" + Line(standIn) + "](" + Page(id) + ")"
}

// Refers says whether the text has a Reference.
func (t Text) Refers() bool { return strings.Contains(string(t), substitute) }

// Named puts the titles in for which References stand; title gives "" for a page
// that is not known. It changes nothing else, and no line becomes two.
func (t Text) Named(title func(notion.ID) string) Text {
	if !t.Refers() {
		return t
	}
	named := referenced.ReplaceAllStringFunc(string(t), func(found string) string {
		parts := referenced.FindStringSubmatch(found)
		standIn, address := parts[1], parts[2]
		ref, err := notion.ParseRef(address)
		if err == nil && !unnamed(title(ref.Page)) {
			return string(Cell(Link(title(ref.Page), address))) // it may stand in a table
		}
		if standIn == "" {
			return address
		}
		return "[" + standIn + "](" + address + ")"
	})
	return Text(strings.ReplaceAll(named, substitute, ""))
}

// linkTo matches the address of a link.
var linkTo = regexp.MustCompile(`\]\((https://[^)\s]+)\)`)

// Pages are the pages that the text links to.
func (t Text) Pages() []notion.ID {
	var ids []notion.ID
	for _, found := range linkTo.FindAllStringSubmatch(string(t), -1) {
		if ref, err := notion.ParseRef(found[1]); err == nil && ref.Page != "" {
			ids = append(ids, ref.Page)
		}
	}
	return ids
}

// untitled is how Notion calls a page without a title, or one that the
// connection could not see when its title was asked for.
const untitled = "Untitled"

// unnamed says whether a title says nothing.
func unnamed(title string) bool {
	title = oneLine(Clean(title))
	return title == "" || strings.EqualFold(title, untitled)
}

// Title is a link to a page by the title that came with it, if one did.
func Title(title, standIn string, id notion.ID) Text {
	if unnamed(title) {
		return Reference(standIn, id)
	}
	return leading(title, Page(id))
}

// mentioned is the page or table that a run mentions; "" for none.
func mentioned(r notion.RichText) notion.ID {
	m := r.Mention
	if m == nil {
		return ""
	}
	for _, o := range []*notion.Object{m.Page, m.Database, m.DataSource} {
		if o != nil && o.ID != "" {
			return o.ID
		}
	}
	return ""
}
