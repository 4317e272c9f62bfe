package passage

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

// properties writes the properties of a row, one per line, in the order of
// their names. The title and empty values are left out.
func (w *walker) properties(page *notion.Page) {
	for _, name := range slices.Sorted(maps.Keys(page.Properties)) {
		p := page.Properties[name]
		if p.Type == "title" {
			continue
		}
		if p.Type == "rich_text" {
			w.property(page.ID, name, p.RichText)
			continue
		}
		if text := propertyText(&p); text != "" {
			w.add(unit{block: page.ID, text: indented(markdown.Start(name)+": "+text, "", "  "), tight: property})
		}
	}
}

// property writes one line, or several parts if the value is very long.
func (w *walker) property(id notion.ID, name string, value []notion.RichText) {
	if strings.TrimSpace(plain(value)) == "" {
		return
	}
	lead := markdown.Start(name) + ": "
	for _, part := range cutProse(value, w.opt.Words) {
		text := markdown.Part(part).Trim()
		if text == "" {
			continue
		}
		w.add(unit{block: id, text: indented(text, lead, "  "), tight: property})
		lead = "  "
	}
}

// propertyText is the value as a reader sees it, "" if there is none.
func propertyText(p *notion.Property) markdown.Text {
	switch p.Type {
	case "title":
		return markdown.Inner(p.Title)
	case "rich_text":
		return markdown.Inner(p.RichText)
	case "number":
		return numberText(p.Number)
	case "url":
		return markdown.Address(p.URL)
	case "select":
		return optionText(p.Select)
	case "status":
		return optionText(p.Status)
	case "multi_select":
		return listText(p.MultiSelect, func(o notion.Option) markdown.Text { return markdown.Line(o.Name) })
	case "date":
		return dateText(p.Date)
	case "email":
		return long(p.Email)
	case "phone_number":
		return long(p.PhoneNumber)
	case "checkbox":
		return yesNo(p.Checkbox)
	case "files":
		return listText(p.Files, fileText)
	case "people":
		return listText(p.People, userText)
	case "relation":
		return relationText(p)
	}
	return computedText(p)
}

// computedText is the value of the properties that nobody types in. Buttons
// have none.
func computedText(p *notion.Property) markdown.Text {
	switch p.Type {
	case "rollup":
		return rollupText(p.Rollup)
	case "formula":
		return formulaText(p.Formula)
	case "created_by":
		return userOrNone(p.CreatedBy)
	case "last_edited_by":
		return userOrNone(p.LastEditedBy)
	case "created_time":
		return timeText(p.CreatedTime)
	case "last_edited_time":
		return timeText(p.LastEditedTime)
	case "unique_id":
		return uniqueIDText(p.UniqueID)
	case "verification":
		return verificationText(p.Verification)
	case "place":
		return placeText(p.Place)
	}
	if p.Unread {
		return markdown.Sprintf("(a %s, which cannot be shown here)", cmp.Or(strings.ReplaceAll(p.Type, "_", " "), "value"))
	}
	return ""
}

func numberText(n *float64) markdown.Text {
	if n == nil {
		return ""
	}
	return markdown.Number(*n)
}

func optionText(o *notion.Option) markdown.Text {
	if o == nil {
		return ""
	}
	return markdown.Line(o.Name)
}

func listText[T any](values []T, text func(T) markdown.Text) markdown.Text {
	var all []markdown.Text
	for _, v := range values {
		if s := text(v); s != "" {
			all = append(all, s)
		}
	}
	return markdown.Join(all, ", ")
}

func yesNo(b bool) markdown.Text {
	if b {
		return "Yes"
	}
	return "No"
}

// dateText is a date or a range, in ISO 8601 but for the T.
func dateText(d *notion.Date) markdown.Text {
	if d == nil || d.Start == "" {
		return ""
	}
	s := timeText(d.Start)
	if d.End != "" {
		s += " to " + timeText(d.End)
	}
	if d.TimeZone != "" {
		s += " " + markdown.Line(d.TimeZone)
	}
	return s
}

func timeText(s string) markdown.Text {
	t, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil: // a date without time
		return markdown.Line(s)
	case t.Location() == time.UTC:
		return markdown.Line(t.Format("2006-01-02 15:04 UTC"))
	}
	return markdown.Line(t.Format("2006-01-02 15:04 -07:00"))
}

// fileText names a file, and says where it is unless Notion keeps it.
func fileText(f notion.File) markdown.Text {
	address := ""
	if f.External != nil && markdown.Address(f.External.URL) != "" {
		address = f.External.URL
	}
	switch {
	case address == "":
		return cmp.Or(markdown.Line(f.Name), inNotion)
	case f.Name == "" || f.Name == address:
		return markdown.Address(address)
	}
	return markdown.Named(f.Name, address)
}

func userText(u notion.User) markdown.Text { return markdown.Line(markdown.UserName(u)) }

// UserText is the name of a user, or what stands for one.
func UserText(u notion.User) markdown.Text { return userText(u) }

func userOrNone(u *notion.User) markdown.Text {
	if u == nil {
		return ""
	}
	return userText(*u)
}

// relationText says how many pages are related, and refers to the first.
func relationText(p *notion.Property) markdown.Text {
	const shown = 5
	n := len(p.Relation)
	if n == 0 {
		return ""
	}
	var s markdown.Text = "1 page"
	switch {
	case p.HasMore:
		s = markdown.Sprintf("more than %d pages", n)
	case n > 1:
		s = markdown.Sprintf("%d pages", n)
	}
	urls := listText(p.Relation[:min(n, shown)], func(o notion.Object) markdown.Text { return markdown.Reference("", o.ID) })
	switch {
	case p.HasMore:
		urls += ", and more: read_page"
	case n > shown:
		urls += markdown.Sprintf(", and %d more: read_page", n-shown)
	}
	return s + " (" + urls + ")"
}

func rollupText(r *notion.Rollup) markdown.Text {
	if r == nil {
		return ""
	}
	switch r.Type {
	case "number":
		return numberText(r.Number)
	case "date":
		return dateText(r.Date)
	case "array":
		return listText(r.Array, func(p notion.Property) markdown.Text { return propertyText(&p) })
	case "unsupported", "incomplete":
		return "(a rollup that Notion does not hand out)"
	}
	return ""
}

func formulaText(f *notion.Formula) markdown.Text {
	if f == nil {
		return ""
	}
	switch f.Type {
	case "string":
		return long(f.String)
	case "number":
		return numberText(f.Number)
	case "date":
		return dateText(f.Date)
	case "boolean":
		if f.Boolean != nil {
			return yesNo(*f.Boolean)
		}
	case "unsupported":
		return "(a formula that Notion does not hand out)"
	}
	return ""
}

func uniqueIDText(u *notion.UniqueID) markdown.Text {
	switch {
	case u == nil:
		return ""
	case u.Prefix == "":
		return markdown.Number(float64(u.Number))
	}
	return markdown.Line(u.Prefix + "-" + strconv.Itoa(u.Number))
}

func verificationText(v *notion.Verification) markdown.Text {
	if v == nil || v.State == "" || v.State == "unverified" {
		return ""
	}
	if v.Date != nil && v.Date.End != "" {
		return markdown.Line(v.State) + " until " + timeText(v.Date.End)
	}
	return markdown.Line(v.State)
}

// placeText is the name and the address of a place.
func placeText(raw json.RawMessage) markdown.Text {
	var place struct {
		Name    string   `json:"name"`
		Address string   `json:"address"`
		Lat     *float64 `json:"lat"`
		Lon     *float64 `json:"lon"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &place) != nil {
		return ""
	}
	parts := []markdown.Text{markdown.Line(place.Name), markdown.Line(place.Address)}
	if place.Name == "" && place.Address == "" && place.Lat != nil && place.Lon != nil {
		parts = []markdown.Text{numberText(place.Lat), numberText(place.Lon)}
	}
	return listText(parts, func(s markdown.Text) markdown.Text { return s })
}

// schema writes what a table is about: its title, its description and a line
// for each property.
func (w *walker) schema(ds *notion.DataSource) {
	w.text("", ds.ID, bold(ds.Title))
	w.prose(&notion.Block{ID: ds.ID, Content: notion.Content{RichText: ds.Description}}, "", "", "")
	for i, name := range slices.Sorted(maps.Keys(ds.Properties)) {
		if i == 0 {
			w.text("", ds.ID, "Properties:")
		}
		p := ds.Properties[name]
		w.add(unit{block: ds.ID, text: "- " + schemaLine(name, &p), tight: listItem})
	}
}

// schemaLine is "Name (type): options. Description".
func schemaLine(name string, p *notion.Schema) markdown.Text {
	s := markdown.Start(name)
	if p.Type != "" {
		s += " (" + markdown.Line(strings.ReplaceAll(p.Type, "_", " ")) + ")"
	}
	var notes []markdown.Text
	for _, o := range []*notion.Options{p.Select, p.MultiSelect, p.Status} {
		if o != nil && len(o.Options) > 0 {
			notes = append(notes, listText(o.Options, func(o notion.Option) markdown.Text { return markdown.Line(o.Name) }))
		}
	}
	if p.Relation != nil && p.Relation.DataSourceID != "" {
		database := cmp.Or(p.Relation.DatabaseID, p.Relation.DataSourceID)
		notes = append(notes, "to "+markdown.Reference("", database))
	}
	if p.Description != "" {
		notes = append(notes, long(p.Description))
	}
	if len(notes) == 0 {
		return s
	}
	return s + ": " + markdown.Join(notes, ". ")
}

// PropertyText is the value of a property as a reader sees it, on one line; ""
// if there is none. title names the pages that it refers to, as Named does.
func PropertyText(p notion.Property, title func(notion.ID) string) markdown.Text {
	return propertyText(&p).Named(title)
}

// SchemaLine describes a column of a table: "Name (type): options. Description".
func SchemaLine(name string, s notion.Schema, title func(notion.ID) string) markdown.Text {
	return schemaLine(name, &s).Named(title)
}

// long is a value of any length on one line.
func long(s string) markdown.Text { return markdown.Inner([]notion.RichText{{PlainText: s}}) }
