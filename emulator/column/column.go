// Package column holds the properties of a table: what a column is, what a row
// says in it, and how both are read from the fields of a CSV file.
package column

import (
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Column is one property of a table. The fields after Options belong to the
// types that they name.
type Column struct {
	// ID is short and stays, Name is what rows show their values under. Type is
	// one of Types.
	ID, Name, Type string
	Description    string
	// Options are the choices of select, status and multi_select, in the order
	// in which they were declared or first used.
	Options []string
	// Groups are the options of a status by the name of their group. Options
	// that are in none go by their words.
	Groups map[string][]string
	// Format is that of a number, such as euro or percent; "" is number.
	Format string
	// Relation is the id of the table that a relation points to. Synced is the
	// column over there that shows the same pairs from the other side, or "".
	Relation, Synced string
	// Rollup says what a rollup shows.
	Rollup Rollup
	// Expression is that of a formula, and Result the type of its values:
	// string, number, boolean or date. The values are those of the file;
	// nothing computes them.
	Expression, Result string
	// Order is that of month and day in the dates of the file.
	Order Order
	// Prefix stands before the number of a unique_id.
	Prefix string
}

// Rollup is what a rollup shows: a Function of the column Of, in the rows that
// the relation Via of its own table points to.
type Rollup struct{ Via, Of, Function string }

// Types are all types that a column may have.
var Types = []string{
	"title", "rich_text", "number", "url", "email", "phone_number", "checkbox", "select", "multi_select", "status", "date",
	"people", "relation", "files", "formula", "rollup", "unique_id", "verification", "button",
	"created_by", "created_time", "last_edited_by", "last_edited_time",
}

// Value is the value of one property; Column.Type says which fields count. The
// zero value is that of an empty property.
type Value struct {
	// Text is for rich_text, url, email and phone_number.
	Text []block.Text
	// Number is also that of a unique_id.
	Number *float64
	// Options are for select and status, which have one, and multi_select.
	Options []string
	// Start and End are dates or times in ISO form; End is "" where there is no
	// range. Zone is the time zone that was given with them, or "". They are
	// also until when a page is verified.
	Start, End, Zone string
	Checked          bool
	// IDs are for people and relation, and who verified a page.
	IDs   []string
	Files []File
	// State is that of a verification: verified, expired or "".
	State string
}

// File is a file in a property. One that Notion hosts has no URL of its own:
// its address is signed anew for every answer.
type File struct{ Name, URL string }

// Group is one of the groups that a status column sorts its options into.
type Group struct {
	Name, Color string
	Options     []string
}

// groupWords are the options that people name so nearly everywhere. What is
// none of them is in progress.
var groupWords = map[string]string{
	"not started": "To-do", "to do": "To-do", "todo": "To-do", "open": "To-do", "new": "To-do", "planned": "To-do",
	"backlog": "To-do", "idea": "To-do", "draft": "To-do",
	"done": "Complete", "closed": "Complete", "complete": "Complete", "completed": "Complete", "resolved": "Complete",
	"cancelled": "Complete", "archived": "Complete", "shipped": "Complete", "won": "Complete", "lost": "Complete",
}

// StatusGroups are the three groups of a status column, which Notion has in
// every one of them.
func (c *Column) StatusGroups() []Group {
	groups := []Group{{Name: "To-do", Color: "gray"}, {Name: "In progress", Color: "blue"}, {Name: "Complete", Color: "green"}}
	for _, o := range c.Options {
		name := c.groupOf(o)
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
		groups[i].Options = append(groups[i].Options, o)
	}
	return groups
}

func (c *Column) groupOf(option string) string {
	for _, name := range []string{"To-do", "In progress", "Complete"} {
		if slices.Contains(c.Groups[name], option) {
			return name
		}
	}
	if name := groupWords[strings.ToLower(option)]; name != "" {
		return name
	}
	return "In progress"
}

// Add makes choices part of the column that it does not have yet.
func (c *Column) Add(options ...string) {
	for _, o := range options {
		if !slices.Contains(c.Options, o) {
			c.Options = append(slices.Clip(c.Options), o) // never into the array of a copy of the column
		}
	}
}

// Clone copies a column so that changes to one do not show in the other.
func (c Column) Clone() Column {
	c.Options = slices.Clone(c.Options)
	return c
}
