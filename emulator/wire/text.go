package wire

import (
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Text writes rich text. No text at all is an empty array.
func (v View) Text(runs []block.Text) []any {
	out := make([]any, 0, len(runs))
	for _, r := range runs {
		out = append(out, v.run(r))
	}
	return out
}

// run writes one run. plain_text is there for every kind; a reader that looks
// for "text" alone loses mentions and equations.
func (v View) run(r block.Text) Object {
	// These four keys are the same for all kinds; the payload follows under the
	// kind.
	o := Object{"type": r.Kind, "plain_text": r.Plain, "href": nullable(r.Link), "annotations": annotations(r.Style)}
	switch r.Kind {
	case "equation":
		o["equation"] = Object{"expression": r.Plain}
	case "mention":
		v.mention(o, r)
	default:
		var link any
		if r.Link != "" {
			link = Object{"url": r.Link}
		}
		o["text"] = Object{"content": r.Plain, "link": link}
	}
	return o
}

// annotations has all six keys at all times, as Notion writes them.
func annotations(s block.Style) Object {
	color := s.Color
	if color == "" {
		color = "default"
	}
	return Object{
		"bold": s.Bold, "italic": s.Italic, "strikethrough": s.Strikethrough,
		"underline": s.Underline, "code": s.Code, "color": color,
	}
}

// mention fills in a mention. Its words are the title and name of today and not
// those of the file, so renaming a page changes what others say; and the title
// of a page that the caller may not see is Untitled.
func (v View) mention(o Object, r block.Text) {
	m := r.Mention
	var payload any
	switch m.Type {
	case "user":
		payload = PartialUser(m.ID)
		if name, _, ok := v.Person(m.ID); ok {
			o["plain_text"] = "@" + name
		}
	// The words of a date are those of the file.
	case "date":
		payload = Object{"start": m.Start, "end": nullable(m.End), "time_zone": nil}
	case "page", "database":
		payload = Object{"id": m.ID}
		// A mention of a page is also a link to it, without the title in the
		// address.
		o["href"] = "https://app.notion.com/p/" + block.Compact(m.ID)
		title, ok := v.Title(m.ID)
		if !ok || title == "" {
			title = "Untitled"
		}
		o["plain_text"] = title
	default:
		payload = m.Raw
	}
	o["mention"] = Object{"type": m.Type, m.Type: payload}
}

// ParseText reads rich text: at most 100 runs. where names the place in the
// body for errors; null is no text.
func ParseText(value any, where string) ([]block.Text, error) {
	if value == nil {
		return []block.Text{}, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, Invalid("body failed validation: %s should be an array, instead was `%v`.", where, Brief(value))
	}
	// Notion's limit for every array of blocks or runs.
	if len(list) > 100 {
		return nil, Invalid("body failed validation: %s.length should be ≤ `100`, instead was `%d`.", where, len(list))
	}
	runs := make([]block.Text, 0, len(list))
	for i, item := range list {
		r, err := parseRun(item, where+index(i))
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// parseRun reads one run. Its type may be left out, so the kind is that of the
// payload which is there.
func parseRun(item any, where string) (block.Text, error) {
	o, ok := item.(Object)
	if !ok {
		return block.Text{}, Invalid("body failed validation: %s should be an object, instead was `%v`.", where, Brief(item))
	}
	r := block.Text{Kind: "text", Style: parseStyle(o["annotations"])}
	switch {
	case o["mention"] != nil:
		return parseMention(o, r, where)
	case o["equation"] != nil:
		// Equations have a shorter limit than texts.
		r.Kind, r.Plain = "equation", String(o, "equation", "expression")
		return r, tooLong(r.Plain, 1000, where+".equation.expression")
	case o["text"] != nil:
		r.Plain, r.Link = String(o, "text", "content"), String(o, "text", "link", "url")
		if err := tooLong(r.Plain, block.MaxText, where+".text.content"); err != nil {
			return r, err
		}
		return r, tooLong(r.Link, block.MaxText, where+".text.link.url")
	}
	return r, Invalid("body failed validation: %s.text should be defined, instead was `undefined`.", where)
}

// tooLong is the error for a string beyond a limit in UTF-16 units, or nil.
func tooLong(s string, limit int, where string) error {
	if n := block.Len(s); n > limit {
		return Invalid("body failed validation: %s.length should be ≤ `%d`, instead was `%d`.", where, limit, n)
	}
	return nil
}

// parseStyle reads annotations; what is missing or odd is plain.
func parseStyle(value any) block.Style {
	o, _ := value.(Object)
	is := func(key string) bool { b, _ := o[key].(bool); return b }
	color := String(o, "color")
	// The default is kept as "", so that runs with and without it compare as
	// equal.
	if color == "default" {
		color = ""
	}
	return block.Style{
		Bold: is("bold"), Italic: is("italic"), Strikethrough: is("strikethrough"),
		Underline: is("underline"), Code: is("code"), Color: color,
	}
}

// parseMention reads a mention. The title of a page is not looked up here: it
// is told to each caller when the text is written.
func parseMention(o Object, r block.Text, where string) (block.Text, error) {
	m, _ := o["mention"].(Object)
	for _, typ := range []string{"user", "page", "database", "date"} {
		p, ok := m[typ].(Object)
		if !ok {
			continue
		}
		r.Kind = "mention"
		r.Mention = &block.Mention{Type: typ, Start: String(p, "start"), End: String(p, "end")}
		// A range reads "start → end", a single day has neither arrow nor end.
		r.Plain = strings.Trim(r.Mention.Start+" → "+r.Mention.End, " →")
		if typ == "date" {
			return r, nil
		}
		id, ok := block.ParseID(String(p, "id"))
		if !ok {
			return r, Invalid("body failed validation: %s.mention.%s.id should be a valid uuid, instead was `%q`.", where, typ, String(p, "id"))
		}
		r.Mention.ID, r.Plain = id, "Untitled"
		return r, nil
	}
	return r, Invalid("body failed validation: %s.mention should have one of user, page, database, date.", where)
}
