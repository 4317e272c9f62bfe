package database

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// Question is what is asked of a table. The zero value asks for all rows.
type Question struct {
	Where   []property.Condition
	Any     bool     // one condition is enough
	Sort    []string // such as "Amount desc"
	Columns []string // nil for the first ones
	Limit   int
	Cursor  string // Answer.Next of the part before
}

// Answer is a part of the rows.
type Answer struct {
	Columns []string // the title first
	Rows    []notion.Page
	Values  [][]markdown.Text // of Rows, by Columns, as they may be shown: quoted, and cut where they are long
	Before  int               // rows in the parts before
	Total   *int              // rows that meet the conditions; nil if it is not known
	Known   *int              // without Total: rows of the index that meet them
	KnownAt string            // when the index last agreed with Notion
	Next    string            // cursor; "" after the last rows
	CutOff  bool              // there are rows that cannot be had
	AsOf    string            // when the index last agreed with Notion; "" for rows as they are in Notion now
	Notes   []markdown.Text
}

// Describe says when the schema is of and why, if Notion could not be asked.
func (s Source) Describe(t Table) Answer {
	if t.Stale == nil {
		return Answer{}
	}
	return Answer{AsOf: s.lastAgreed(), Notes: []markdown.Text{unasked(t.Stale)}}
}

// Query asks for rows. What does not fit the schema is an argument.Error.
func (s Source) Query(ctx context.Context, t Table, asked Question) (*Answer, error) {
	q, err := s.prepare(ctx, t, asked)
	if err != nil {
		return nil, err
	}
	if err := q.run(ctx); err != nil {
		return nil, err
	}
	if err := q.sight(ctx); err != nil {
		return nil, err
	}
	if err := q.sayNone(ctx); err != nil {
		return nil, err
	}
	q.lay()
	return &q.Answer, nil
}

// query is a question that was checked against the schema of its table, with
// the answer so far.
type query struct {
	Source
	Answer
	table Table
	named bool // the columns were
	asked []property.Condition
	where property.Where // of asked
	order property.Order
	limit int
	at    position
	start position // where the query begins
}

// prepare holds a question against the schema.
func (s Source) prepare(ctx context.Context, t Table, asked Question) (*query, error) {
	q := &query{Source: s, table: t, limit: asked.Limit}
	same, err := hash(t.ID, asked.Where, asked.Any, asked.Sort)
	if err != nil {
		return nil, err
	}
	q.start = position{Same: same, Now: s.Now().Unix()}
	if q.at, err = readPosition(asked.Cursor, q.start); err != nil {
		return nil, err
	}
	if err := q.compile(ctx, asked); err != nil {
		return nil, fitted(err)
	}
	q.fit()
	return q, nil
}

func (q *query) compile(ctx context.Context, asked Question) error {
	examples, err := q.examples(ctx, asked.Where)
	if err != nil {
		return err
	}
	cfg := property.Config{Any: asked.Any, Now: time.Unix(q.at.Now, 0).UTC(), Find: q.find(ctx), Me: func() (notion.ID, error) { return q.me(ctx) }, Read: q.read, Rows: examples}
	var wrong [3]error // all at once
	q.where, wrong[0] = property.Compile(q.table.Properties, asked.Where, cfg)
	q.order, wrong[1] = property.ParseOrder(q.table.Properties, asked.Sort)
	wrong[2] = q.choose(asked.Columns)
	q.sayTitle(asked)
	q.asked = asked.Where
	return property.Misfits(wrong[:]...)
}

// sayTitle notes which names were taken for the column of titles.
func (q *query) sayTitle(asked Question) {
	title := property.Title(q.table.Properties)
	names := slices.Clone(asked.Columns)
	for _, c := range asked.Where {
		names = append(names, c.Property)
	}
	if slices.ContainsFunc(q.order.Sorts, func(s notion.Sort) bool { return s.Property == title }) {
		for _, s := range asked.Sort {
			names = append(names, strings.FieldsFunc(s+" -", func(r rune) bool { return strings.ContainsRune(" :,-", r) })...)
		}
	}
	for _, name := range names {
		if property.StandsForTitle(q.table.Properties, name) {
			q.note(markdown.Sprintf("No column is called %q: it was taken for %q, which has the rows' titles.", markdown.Short(name), markdown.Line(title)))
		}
	}
}

// read notes what words for a time were taken as.
func (q *query) read(words string, p property.Period) {
	q.note(markdown.Sprintf("%q is %s, counted in UTC.", markdown.Short(words), markdown.Line(p.String())))
}

// note adds a note once.
func (q *query) note(note markdown.Text) {
	if !slices.Contains(q.Notes, note) {
		q.Notes = append(q.Notes, note)
	}
}

// fitted passes on what does not fit the schema in the words of that.
func fitted(err error) error {
	var m property.Misfit
	if errors.As(err, &m) {
		var faults []markdown.Text
		for _, f := range m.Faults() {
			faults = append(faults, markdown.Sprintf("%s", f))
		}
		return argument.Errorf("%s", markdown.Join(faults, "\n"))
	}
	return err
}

// mostColumns is how many columns are shown of a table, unless they are named.
const mostColumns = 12

// choose settles the columns: those named, or all that hold something to read.
func (q *query) choose(named []string) error {
	schema := q.table.Properties
	q.Columns, q.named = []string{property.Title(schema)}, named != nil
	var wrong []error
	for _, name := range named {
		p, err := property.Find(schema, name)
		wrong = append(wrong, err)
		if err == nil && !slices.Contains(q.Columns, p.Name) {
			q.Columns = append(q.Columns, p.Name)
		}
	}
	if q.named {
		return property.Misfits(wrong...)
	}
	for _, name := range q.table.Columns() {
		if name != q.Columns[0] && schema[name].Type != "button" {
			q.Columns = append(q.Columns, name)
		}
	}
	return nil
}

// narrow leaves columns out of a wide table and names them: those that are
// empty in these rows, and the last ones.
func (q *query) narrow() {
	if q.named || len(q.Columns) <= mostColumns {
		return
	}
	var shown, empty, more []string
	for _, name := range q.Columns {
		switch {
		case len(shown) > 0 && len(q.Rows) > 0 && !slices.ContainsFunc(q.Rows, func(r notion.Page) bool { return q.cell(r.Properties[name]) != "" }):
			empty = append(empty, name)
		case len(shown) == mostColumns:
			more = append(more, name)
		default:
			shown = append(shown, name)
		}
	}
	q.Columns = shown
	q.hide("Columns that are empty in these rows, not shown", empty)
	q.hide("Columns not shown, for want of room; name those you need in `columns`", more)
}

func (q *query) hide(why markdown.Text, names []string) {
	if len(names) > 0 {
		q.Notes = append(q.Notes, why+": "+markdown.Join(markdown.Lines(names), ", ")+".")
	}
}
