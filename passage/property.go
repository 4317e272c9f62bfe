package passage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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
		w.property(page.ID, name, []notion.RichText{{PlainText: propertyText(&p)}})
	}
}

// property writes one line, or several parts if the value is very long.
func (w *walker) property(id notion.ID, name string, value []notion.RichText) {
	if strings.TrimSpace(plain(value)) == "" {
		return
	}
	lead := oneLine(name) + ": "
	for _, part := range cutProse(value, w.opt.Words) {
		text := strings.TrimSpace(Inline(part))
		if text == "" {
			continue
		}
		w.add(unit{block: id, text: indented(text, lead, "  "), tight: property})
		lead = "  "
	}
}

// propertyText is the value as a reader sees it, "" if there is none.
func propertyText(p *notion.Property) string {
	switch p.Type {
	case "title":
		return oneLine(Inline(p.Title))
	case "rich_text":
		return oneLine(Inline(p.RichText))
	case "number":
		return numberText(p.Number)
	case "url":
		return p.URL
	case "select":
		return optionText(p.Select)
	case "status":
		return optionText(p.Status)
	case "multi_select":
		return listText(p.MultiSelect, func(o notion.Option) string { return o.Name })
	case "date":
		return dateText(p.Date)
	case "email":
		return p.Email
	case "phone_number":
		return p.PhoneNumber
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
func computedText(p *notion.Property) string {
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
		return fmt.Sprintf("(a %s, which cannot be shown here)", cmp.Or(strings.ReplaceAll(p.Type, "_", " "), "value"))
	}
	return ""
}

func numberText(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func optionText(o *notion.Option) string {
	if o == nil {
		return ""
	}
	return o.Name
}

func listText[T any](values []T, text func(T) string) string {
	var all []string
	for _, v := range values {
		if s := text(v); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, ", ")
}

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// dateText is a date or a range, in ISO 8601 but for the T.
func dateText(d *notion.Date) string {
	if d == nil || d.Start == "" {
		return ""
	}
	s := timeText(d.Start)
	if d.End != "" {
		s += " to " + timeText(d.End)
	}
	if d.TimeZone != "" {
		s += " " + d.TimeZone
	}
	return s
}

func timeText(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil: // a date without time
		return s
	case t.Location() == time.UTC:
		return t.Format("2006-01-02 15:04 UTC")
	}
	return t.Format("2006-01-02 15:04 -07:00")
}

// fileText names a file, and says where it is unless Notion keeps it.
func fileText(f notion.File) string {
	address := ""
	if f.External != nil {
		address = linkTarget(f.External.URL)
	}
	switch {
	case address == "":
		return cmp.Or(f.Name, inNotion)
	case f.Name == "" || f.Name == address:
		return address
	}
	return "[" + f.Name + "](" + address + ")"
}

func userText(u notion.User) string {
	switch {
	case u.Name != "":
		return u.Name
	case u.Person != nil && u.Person.Email != "":
		return u.Person.Email
	case u.Agent != "" || u.Object == "agent" || u.Type == "agent":
		return standIn("agent", cmp.Or(u.Agent, u.ID))
	}
	return standIn("somebody", u.ID) // the connection may lack the capability to read users
}

// standIn tells somebody whose name is not known from nobody.
func standIn(who string, id notion.ID) string {
	if id == "" {
		return who
	}
	return who + " (id " + string(id) + ")"
}

// UserText is the name of a user, or what stands for one.
func UserText(u notion.User) string { return userText(u) }

func userOrNone(u *notion.User) string {
	if u == nil {
		return ""
	}
	return userText(*u)
}

// relationText says how many pages are related and where the first are; their
// titles do not come with a page.
func relationText(p *notion.Property) string {
	const shown = 5
	n := len(p.Relation)
	if n == 0 {
		return ""
	}
	s := "1 page"
	switch {
	case p.HasMore:
		s = fmt.Sprintf("more than %d pages", n)
	case n > 1:
		s = fmt.Sprintf("%d pages", n)
	}
	urls := listText(p.Relation[:min(n, shown)], func(o notion.Object) string { return notion.PageURL(o.ID) })
	switch {
	case p.HasMore:
		urls += ", and more: read_page"
	case n > shown:
		urls += fmt.Sprintf(", and %d more: read_page", n-shown)
	}
	return s + " (" + urls + ")"
}

func rollupText(r *notion.Rollup) string {
	if r == nil {
		return ""
	}
	switch r.Type {
	case "number":
		return numberText(r.Number)
	case "date":
		return dateText(r.Date)
	case "array":
		return listText(r.Array, func(p notion.Property) string { return propertyText(&p) })
	case "unsupported", "incomplete":
		return "(a rollup that Notion does not hand out)"
	}
	return ""
}

func formulaText(f *notion.Formula) string {
	if f == nil {
		return ""
	}
	switch f.Type {
	case "string":
		return f.String
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

func uniqueIDText(u *notion.UniqueID) string {
	switch {
	case u == nil:
		return ""
	case u.Prefix == "":
		return strconv.Itoa(u.Number)
	}
	return u.Prefix + "-" + strconv.Itoa(u.Number)
}

func verificationText(v *notion.Verification) string {
	if v == nil || v.State == "" || v.State == "unverified" {
		return ""
	}
	if v.Date != nil && v.Date.End != "" {
		return v.State + " until " + timeText(v.Date.End)
	}
	return v.State
}

// placeText is the name and the address of a place.
func placeText(raw json.RawMessage) string {
	var place struct {
		Name    string   `json:"name"`
		Address string   `json:"address"`
		Lat     *float64 `json:"lat"`
		Lon     *float64 `json:"lon"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &place) != nil {
		return ""
	}
	parts := []string{place.Name, place.Address}
	if place.Name == "" && place.Address == "" && place.Lat != nil && place.Lon != nil {
		parts = []string{numberText(place.Lat), numberText(place.Lon)}
	}
	return listText(parts, func(s string) string { return s })
}

// schema writes what a table is about: its title, its description and a line
// for each property.
func (w *walker) schema(ds *notion.DataSource) {
	w.text("", ds.ID, bold(plain(ds.Title)))
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
func schemaLine(name string, p *notion.Schema) string {
	s := oneLine(name)
	if p.Type != "" {
		s += " (" + strings.ReplaceAll(p.Type, "_", " ") + ")"
	}
	var notes []string
	for _, o := range []*notion.Options{p.Select, p.MultiSelect, p.Status} {
		if o != nil && len(o.Options) > 0 {
			notes = append(notes, listText(o.Options, func(o notion.Option) string { return o.Name }))
		}
	}
	if p.Relation != nil && p.Relation.DataSourceID != "" {
		database := cmp.Or(p.Relation.DatabaseID, p.Relation.DataSourceID)
		notes = append(notes, "to "+notion.PageURL(database))
	}
	if p.Description != "" {
		notes = append(notes, oneLine(p.Description))
	}
	if len(notes) == 0 {
		return s
	}
	return s + ": " + strings.Join(notes, ". ")
}

// PropertyText is the value of a property as a reader sees it, on one line; ""
// if there is none. Related pages are counted and linked, because their titles
// do not come with a row.
func PropertyText(p notion.Property) string { return oneLine(propertyText(&p)) }

// SchemaLine describes a column of a table: "Name (type): options. Description".
func SchemaLine(name string, s notion.Schema) string { return oneLine(schemaLine(name, &s)) }
