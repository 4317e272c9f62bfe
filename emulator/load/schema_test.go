package load_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/load"
)

// tables are two that a schema can relate.
func tables(schema string) fstest.MapFS {
	return fstest.MapFS{
		"Deals.csv":         {Data: []byte("Name,Account,Stage\nOne,Acme,Won\nTwo,\"Beta, Acme\",New\nThree,,Odd\n")},
		"Accounts.csv":      {Data: []byte("Name,Size\nAcme,3\nBeta,4\n")},
		"Deals.schema.yaml": {Data: []byte(schema)},
	}
}

func TestSchemaOfATable(t *testing.T) {
	t.Parallel()
	w, err := load.FS(tables(`
title: Opportunities
database: Pipeline
columns:
  - {name: Account, type: relation, to: Accounts.csv, synced: Deals}
  - {name: Stage, type: status, groups: {To-do: [New], Complete: [Won]}}
  - {name: Size, type: rollup, relation: Account, property: Size, function: sum}
  - {name: No, type: unique_id}
`))
	if err != nil {
		t.Fatal(err)
	}
	d, accounts := w.FindDatabase("Deals"), w.FindDatabase("Accounts")
	if d.Title != "Opportunities" || d.DatabaseTitle() != "Pipeline" || accounts.DatabaseTitle() != "Accounts" {
		t.Errorf("titles %q, %q, %q", d.Title, d.DatabaseTitle(), accounts.DatabaseTitle())
	}
	var types []string
	for _, c := range d.Columns {
		types = append(types, c.Name+" "+c.Type)
	}
	if diff := cmp.Diff([]string{"Name title", "Account relation", "Stage status", "Size rollup", "No unique_id"}, types); diff != "" {
		t.Error(diff)
	}
	groups := map[string]string{}
	for _, g := range d.Column("Stage").StatusGroups() {
		groups[g.Name] = strings.Join(g.Options, " ")
	}
	if diff := cmp.Diff(map[string]string{"To-do": "New", "In progress": "Odd", "Complete": "Won"}, groups); diff != "" {
		t.Error(diff)
	}
	all := func(string) bool { return true }
	two, acme := w.FindPage("Deals/Two"), w.FindPage("Accounts/Acme")
	if n := w.Rollup(two, d, d.Column("Size"), all).Number; n == nil || *n != 7 {
		t.Errorf("sum is %v", n)
	}
	if n := w.Rollup(two, d, d.Column("Size"), func(id string) bool { return id != acme.ID }).Number; n == nil || *n != 4 {
		t.Errorf("sum without a hidden row is %v", n)
	}
	if back := acme.Values["Deals"].IDs; len(back) != 2 || back[1] != two.ID {
		t.Errorf("the other side: %v", back)
	}
	if n := two.Values["No"].Number; n == nil || *n != 2 {
		t.Errorf("number %v", n)
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		"columns: [{name: Stage, type: choice}]":                                 `column "Stage" has type "choice"; the types are title,`,
		"columns: [{type: select}]":                                              `column "" has type`,
		"colums: []":                                                             "colums",
		"columns: [{name: Account, type: relation, to: Nowhere}]":                `no table "Nowhere"`,
		"columns: [{name: Stage, type: relation, to: Accounts}]":                 `"Won" names no row`,
		"columns: [{name: R, type: rollup, relation: Stage, function: sum}]":     `"Stage" is not a relation`,
		"columns: [{name: R, type: rollup, relation: Account, property: Nope}]":  `no column "Nope"`,
		"columns: [{name: R, type: rollup, relation: Account, property: Size}]":  `no function ""`,
		"columns:\n- {name: Stage, type: select}\n- {name: Stage, type: select}": `column "Stage" is declared twice`,
	} {
		if _, err := load.FS(tables(schema)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Deals") {
			t.Errorf("%s: got %v, want an error with %q", schema, err, want)
		}
	}
}

// The names of a schema and of a table are compared in one form.
func TestSchemaNamesHaveOneForm(t *testing.T) {
	t.Parallel()
	w, err := load.FS(fstest.MapFS{
		"t.csv":          {Data: []byte("Name,Gr\u00f6\u00dfe,Zu\nA,Gro\u0308\u00df,B\n")},
		"Caf\u00e9s.csv": {Data: []byte("Name\nB\n")},
		"t.schema.yaml":  {Data: []byte("title: \"Pl\u200ba\u0308ne \"\ncolumns:\n- {name: \"Gro\u0308\u00dfe\u00a0\", type: select, options: [\"Gr\u00f6\u00df\"]}\n- {name: Zu, type: relation, to: \"Cafe\u0301s\"}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := w.FindDatabase("t")
	if d.Title != "Pl\u00e4ne" || len(d.Columns) != 3 || len(d.Columns[1].Options) != 1 {
		t.Errorf("%q with %+v", d.Title, d.Columns)
	}
}
