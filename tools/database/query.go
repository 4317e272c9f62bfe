package database

import (
	"context"
	"errors"
	"maps"
	"slices"
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
	Total   *int              // rows that meet the conditions; nil if it is not known
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
	q.lay()
	return &q.Answer, nil
}

// query is a question that was checked against the schema of its table, with
// the answer so far.
type query struct {
	Source
	Answer
	table Table
	where property.Where
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
	if q.where, err = property.Compile(q.table.Properties, asked.Where, cfg); err != nil {
		return err
	}
	if q.order, err = property.ParseOrder(q.table.Properties, asked.Sort); err != nil {
		return err
	}
	return q.choose(asked.Columns)
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
		return argument.Errorf("%s", m.Error())
	}
	return err
}

// mostColumns is how many columns are shown of a table, unless they are named.
const mostColumns = 12

// choose settles the columns: those named, or the first ones by name that hold
// something to read.
func (q *query) choose(named []string) error {
	schema := q.table.Properties
	title := property.Title(schema)
	q.Columns = []string{title}
	for _, name := range named {
		p, err := property.Find(schema, name)
		if err != nil {
			return err
		}
		if !slices.Contains(q.Columns, p.Name) {
			q.Columns = append(q.Columns, p.Name)
		}
	}
	if named != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(schema)) {
		if name == title || schema[name].Type == "button" {
			continue
		}
		if len(q.Columns) == mostColumns {
			q.Notes = append(q.Notes, markdown.Sprintf("The table has %d columns; name others in `columns` to see them.", len(schema)))
			break
		}
		q.Columns = append(q.Columns, name)
	}
	return nil
}
