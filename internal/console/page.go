package console

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/tools"
)

// page shows what was read of a page to a person: where it is and how old, its
// text without the marks that a model needs, and how to go on.
func (t Terminal) page(out tools.ReadOut, found string) {
	for _, l := range wrap(out.Title.Plain(), t.width()) {
		t.say("%s", t.style(bold, printable(l)))
	}
	t.note(strings.Join(unmarked(out.Path), " › "))
	t.note(age(out))
	t.say("%s\n", t.style(dim, visibleLine(out.URL)))
	for _, n := range out.Notes {
		t.note("Note: " + Spoken(tools.ReadPage, string(n)))
	}
	t.outline(out.Outline)
	for _, p := range out.Passages {
		t.laid(string(p.Text), questionWords(found))
		if found != "" {
			t.say("%s\n", t.style(dim, visibleLine(p.URL)))
		}
	}
	t.rows(out.Rows)
	t.comments(out.Comments)
	t.rest(out, found)
}

// age says how old a page is, and how old what is known of it.
func age(out tools.ReadOut) string {
	said := "from the index"
	switch {
	case out.Source == "live":
		said = "as it is in Notion now"
	case out.Stale != "":
		said += ": " + out.Stale.Plain()
	}
	if at, err := time.Parse(time.RFC3339, out.LastEdited); err == nil {
		return "edited " + at.Format("2 Jan 2006") + " · " + said
	}
	return said
}

// laid shows Markdown, with a blank line below.
func (t Terminal) laid(text string, asked words) {
	for _, l := range lay(text, t.width()) {
		t.say("%s", strings.TrimPrefix(t.paint(l, asked), " "))
	}
	t.say("")
}

func (t Terminal) rows(all []tools.RowLink) {
	for _, r := range all {
		for _, l := range hang("- "+printable(r.Title.Plain()), t.width()) {
			t.say("%s", l)
		}
		t.say("  %s", t.style(dim, visibleLine(r.URL)))
	}
	if len(all) > 0 {
		t.say("")
	}
}

func (t Terminal) outline(all []tools.Section) {
	if len(all) == 0 {
		return
	}
	t.note("Headings of the whole page; --section starts at one:")
	for _, s := range all {
		t.note("  " + strings.Repeat("  ", s.Level) + s.Heading.Plain())
	}
	t.say("")
}

func (t Terminal) comments(all []tools.ReadComment) {
	if len(all) == 0 {
		return
	}
	t.note("Open comments, oldest first; --discussion of `mcp-notion comment` replies:")
	t.say("")
	for _, c := range all {
		t.laid(fmt.Sprintf("- %s, %s: %s", c.Author, c.Created, c.Text), nil)
		t.say("  %s\n", t.style(dim, "discussion "+visibleLine(c.DiscussionID)))
	}
}

// rest says what there is of the page beside what is shown. The command to go on
// is not wrapped, so that it can be copied.
func (t Terminal) rest(out tools.ReadOut, found string) {
	kind := cmp.Or(strings.ReplaceAll(out.Kind, "_", " "), "page")
	switch {
	case found != "" && out.Places == 0: // a note has said so
	case found != "":
		t.note(fmt.Sprintf("%d of %s shown, in page order.", len(out.Passages), counted(out.Places, "place")))
	case out.Total == 0:
		t.note("The " + kind + " has no text.")
	case out.NextCursor != "":
		t.note(fmt.Sprintf("Parts %d to %d of %d. To go on:", out.First, out.Last, out.Total))
		t.say("mcp-notion read --cursor %s %s", visibleLine(out.NextCursor), visibleLine(out.PageID))
	default:
		t.note(fmt.Sprintf("End of the %s (parts %d to %d of %d).", kind, out.First, out.Last, out.Total))
	}
}

// checked shows a person which citations of an answer are proven.
func (t Terminal) checked(out tools.CheckOut) {
	t.say("%s", t.style(bold, fmt.Sprintf("%d of %s proven", out.Proven, counted(out.Total, "citation"))))
	for i, c := range out.Citations {
		t.say("")
		color := red
		if c.Proven {
			color = green
		}
		t.say("%2d  %s", i+1, t.style(color, Spoken(tools.CheckCitations, string(c.Words()))))
		t.field("quoted", c.Quote.Plain())
		t.link("link", c.URL.Plain())
		for _, d := range c.Differences {
			t.field("differs", d.Plain())
		}
		t.field("stands there", c.Stands.Plain())
		t.field("change", Spoken(tools.CheckCitations, string(c.Change())))
		t.link("use this link", string(c.Better()))
		if c.Changed {
			t.field("edited since", c.LastEdited)
		}
		t.field("", c.Why.Plain())
	}
	t.say("")
	for _, n := range out.Notes {
		t.note("Note: " + Spoken(tools.CheckCitations, string(n)))
	}
	t.note(string(out.Next()))
}

// field writes what is known of a citation, if anything.
func (t Terminal) field(label, text string) {
	const margin = "    "
	if text = printable(text); text == "" {
		return
	}
	if label != "" {
		text = label + ": " + text
	}
	for _, l := range wrap(text, t.width()-len(margin)) {
		t.say("%s%s", margin, l)
	}
}

// link is field for what has to stay whole.
func (t Terminal) link(label, url string) {
	if url != "" {
		t.say("    %s: %s", label, t.style(dim, visibleLine(url)))
	}
}
