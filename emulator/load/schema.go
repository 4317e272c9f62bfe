package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// schema is what Deals.schema.yaml says about the table Deals.csv beside it,
// where the fields alone cannot tell: types, and columns that have no field at
// all. All of it may be left out. Columns that are not mentioned are inferred.
//
//	title: Deals                 # of the data source, else the name of the file
//	database: Pipeline           # tables of one folder that name the same database are its data sources
//	description: What we sell
//	columns:
//	  - {name: Value, type: number, format: euro}
//	  - {name: Stage, type: status, options: [New, Won], groups: {To-do: [New], Complete: [Won]}}
//	  - {name: Owner, type: people}
//	  - {name: Account, type: relation, to: Accounts, synced: Deals}   # Accounts gets a column Deals
//	  - {name: ARR, type: rollup, relation: Account, property: ARR, function: sum}
//	  - {name: Weighted, type: formula, expression: "prop(\"Value\") / 2", result: number}   # values: the fields
//	  - {name: Number, type: unique_id, prefix: DEAL}
//	  - {name: Contract, type: files}                                  # addresses, or names of files
//	  - {name: Checked, type: verification}                            # verified 2026-01-05 → 2026-07-05
//	  - {name: Made by, type: created_by}
type schema struct {
	Title       string     `yaml:"title"`
	Database    string     `yaml:"database"`
	Description string     `yaml:"description"`
	Columns     []declared `yaml:"columns"`
}

// declared is one column of a schema.
type declared struct {
	Name        string              `yaml:"name"`
	Type        string              `yaml:"type"`
	Description string              `yaml:"description"`
	Options     []string            `yaml:"options"`
	Groups      map[string][]string `yaml:"groups"`
	Format      string              `yaml:"format"`
	To          string              `yaml:"to"`
	Synced      string              `yaml:"synced"`
	Relation    string              `yaml:"relation"`
	Property    string              `yaml:"property"`
	Function    string              `yaml:"function"`
	Expression  string              `yaml:"expression"`
	Result      string              `yaml:"result"`
	Prefix      string              `yaml:"prefix"`
}

// readSchema reads the schema beside a table; one that is not there is empty.
// Words that it does not know are errors, since they are misspelt ones.
func (l *loader) readSchema(table string) (s schema, err error) {
	name := strings.TrimSuffix(table, path.Ext(table)) + ".schema.yaml"
	raw, ok := l.files.Text(name)
	if !ok {
		return s, nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, fmt.Errorf("schema %s: %w", name, err)
	}
	s.clean()
	for i, c := range s.Columns {
		if slices.ContainsFunc(s.Columns[:i], func(d declared) bool { return d.Name == c.Name }) {
			return s, fmt.Errorf("schema %s: column %q is declared twice", name, c.Name)
		}
		if c.Name == "" || !slices.Contains(column.Types, c.Type) {
			return s, fmt.Errorf("schema %s: column %q has type %q; the types are %s", name, c.Name, c.Type, strings.Join(column.Types, ", "))
		}
	}
	return s, nil
}

// clean gives the names of a schema the form that those of tables have.
func (s *schema) clean() {
	s.Title, s.Database = block.Name(s.Title), block.Name(s.Database)
	for i := range s.Columns {
		c := &s.Columns[i]
		for _, name := range []*string{&c.Name, &c.Synced, &c.Relation, &c.Property, &c.Prefix} {
			*name = block.Name(*name)
		}
		c.To = block.PathName(c.To)
		cleanFields(c.Options)
		for _, options := range c.Groups {
			cleanFields(options)
		}
	}
}

func cleanFields(all []string) {
	for i, s := range all {
		all[i] = cleanField(s)
	}
}

// declare puts a schema on the columns of a table. Columns without a field come
// behind the others, in the order of the schema.
func (s schema) declare(d *workspace.Database) {
	d.Description = s.Description
	if s.Title != "" {
		d.Title = s.Title
	}
	for _, c := range s.Columns {
		have := d.Column(c.Name)
		if have == nil {
			d.Columns = append(d.Columns, column.Column{Name: c.Name, ID: propertyID(c.Name)})
			have = d.Column(c.Name)
		}
		// Which column is the title is told by the table.
		if have.Type == "title" {
			have.Description = c.Description
			continue
		}
		*have = column.Column{
			ID: have.ID, Name: c.Name, Type: c.Type, Description: c.Description, Options: c.Options, Groups: c.Groups,
			Format: c.Format, Relation: c.To, Synced: c.Synced, Expression: c.Expression, Result: c.Result, Prefix: c.Prefix,
			Rollup: column.Rollup{Via: c.Relation, Of: c.Property, Function: c.Function},
		}
		for _, g := range have.StatusGroups() {
			have.Add(c.Groups[g.Name]...)
		}
	}
}

// join makes a table a further data source of a database that another table of
// the same folder began.
func (l *loader) join(d *workspace.Database, name string) {
	if name == "" {
		return
	}
	d.Name = name
	for _, other := range l.w.Databases {
		if other != d && other.Of == "" && other.Name == name && other.Parent == d.Parent {
			d.Of = other.ID
			return
		}
	}
}

// tableAt is the table that a relation of d names: by a path from its own
// folder or from the top, or by title; nil if there is none.
func (l *loader) tableAt(d *workspace.Database, name string) *workspace.Database {
	for _, at := range []string{path.Join(path.Dir(d.Path), name), strings.TrimPrefix(name, "/")} {
		if found := l.w.FindDatabase(at); found != nil {
			return found
		}
	}
	for _, other := range l.w.Databases {
		if other.Title == name {
			return other
		}
	}
	return nil
}
