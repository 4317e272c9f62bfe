package property

import (
	"cmp"

	"github.com/mcp-notion/mcp-notion/notion"
)

// empty says whether a property has no value. A checkbox always has one.
func empty(p notion.Property) bool {
	if p.Unread {
		return false
	}
	switch p.Type {
	case "checkbox", "created_time", "last_edited_time", "created_by", "last_edited_by":
		return false
	case "files":
		return len(p.Files) == 0
	}
	return textOf(p) == "" && numberOf(p) == nil && dayIn(p) == "" && len(keys(p)) == 0
}

// textOf is the text of a property that is compared as text.
func textOf(p notion.Property) string {
	switch p.Type {
	case "title":
		return notion.PlainText(p.Title)
	case "rich_text":
		return notion.PlainText(p.RichText)
	case "url":
		return p.URL
	case "email":
		return p.Email
	case "phone_number":
		return p.PhoneNumber
	case "formula":
		if p.Formula != nil {
			return p.Formula.String
		}
	}
	return ""
}

func numberOf(p notion.Property) *float64 {
	switch {
	case p.Number != nil:
		return p.Number
	case p.Formula != nil && p.Formula.Number != nil:
		return p.Formula.Number
	case p.Rollup != nil && p.Rollup.Number != nil:
		return p.Rollup.Number
	case p.UniqueID != nil:
		n := float64(p.UniqueID.Number)
		return &n
	}
	return nil
}

func boolOf(p notion.Property) bool {
	if p.Formula != nil && p.Formula.Boolean != nil {
		return *p.Formula.Boolean
	}
	return p.Checkbox
}

// dayIn is when a date begins, as the API writes it.
func dayIn(p notion.Property) string {
	switch {
	case p.Date != nil:
		return p.Date.Start
	case p.Type == "created_time":
		return p.CreatedTime
	case p.Type == "last_edited_time":
		return p.LastEditedTime
	case p.Formula != nil && p.Formula.Date != nil:
		return p.Formula.Date.Start
	case p.Rollup != nil && p.Rollup.Date != nil:
		return p.Rollup.Date.Start
	}
	return ""
}

// keys are the options, people and pages that a property holds.
func keys(p notion.Property) []string {
	var all []string
	for _, o := range []*notion.Option{p.Select, p.Status} {
		if o != nil {
			all = append(all, o.Name)
		}
	}
	for _, o := range p.MultiSelect {
		all = append(all, o.Name)
	}
	for _, u := range p.People {
		all = append(all, string(cmp.Or(u.ID, u.Agent)))
	}
	for _, r := range p.Relation {
		all = append(all, string(r.ID))
	}
	for _, u := range []*notion.User{p.CreatedBy, p.LastEditedBy} {
		if u != nil {
			all = append(all, string(cmp.Or(u.ID, u.Agent)))
		}
	}
	return all
}

// sortKey is what rows are ordered by: a number, or a text that orders as the
// value does. Missing values come last in either direction.
func sortKey(p notion.Property) (n float64, s string, ok bool) {
	if v := numberOf(p); v != nil {
		return *v, "", true
	}
	if v := dayIn(p); v != "" {
		if t, ok := moment(v); ok {
			return float64(t.Unix()), "", true
		}
	}
	if p.Type == "checkbox" {
		return map[bool]float64{false: 0, true: 1}[p.Checkbox], "", true
	}
	if v := textOf(p); v != "" {
		return 0, v, true
	}
	if len(p.People) > 0 && p.People[0].Name != "" {
		return 0, p.People[0].Name, true
	}
	if all := gathered(p); len(all) > 0 {
		return sortKey(all[0])
	}
	if k := keys(p); len(k) > 0 {
		return 0, k[0], true
	}
	return 0, "", false
}

// position is where an option stands among those of its property, which is the
// order that Notion sorts by; -1 for none.
func position(s notion.Schema, p notion.Property) int {
	k := keys(p)
	if len(k) == 0 {
		return -1
	}
	for i, o := range Options(s) {
		if o == k[0] {
			return i
		}
	}
	return len(Options(s))
}
