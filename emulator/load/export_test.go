package load_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// columnsOf are the columns of a table with their types.
func columnsOf(d *workspace.Database) string {
	var out []string
	for _, c := range d.Columns {
		out = append(out, c.Name+" "+c.Type)
	}
	return strings.Join(out, ", ")
}

func TestShortTags(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"Team Handb 1a2b3.md":                            "# Team Handbook\n\n[Meetings: all](Team%20Handb%201a2b3/Meetings%20%204c5d6.csv)\n\n[Welcome](Team%20Handb%201a2b3/Welcome%207e8f9.md)\n",
		"Team Handb 1a2b3/Meetings  4c5d6.csv":           "Name\nKick-off\n",
		"Team Handb 1a2b3/Meetings  4c5d6/Kick 00001.md": "# Kick-off\n\nText\n",
		"Team Handb 1a2b3/Welcome 7e8f9.md":              "# Welcome\n",
	})
	home := page(t, w, "Team Handb 1a2b3.md")
	if got := types(home.Body); got != "child_database child_page" {
		t.Errorf("body: %s", got)
	}
	if d := w.Databases[0]; d.Title != "Meetings: all" || len(w.Pages) != 3 {
		t.Errorf("table %q, tree %v", d.Title, tree(w))
	}
	years := loaded(t, map[string]string{"Plan 2026.md": "Text\n", "Plan 2025.md": "# Plan 2025\n", "Budget 2026.csv": "Name\n"})
	if years.FindPage("Plan 2026").Title != "Plan 2026" || years.Databases[0].Title != "Budget 2026" {
		t.Errorf("years were taken for ids: %v", tree(years))
	}
}

// One name has one form, whatever invisible or composed letters it is written
// with.
func TestNamesHaveOneForm(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"Cafe\u0301s.csv":             "\ufeff\"\ufeffName\",Gro\u0308\u00dfe,\u200bStage\u00a0\nMu\u0308nchen,1,Gro\u0308\u00df\nBerlin,2,Gr\u00f6\u00df\n",
		"Cafe\u0301s/M\u00fcnchen.md": "# M\u00fcnchen\n\nGr\u00f6\u00dfe: 3\n\nText\n",
		"a.md":                        "# \ufeffU\u0308ber\u200b uns\n\n[x](Caf%C3%A9s/M%C3%BCnchen.md)\n",
	})
	d := w.Databases[0]
	if got, want := columnsOf(d), "Name title, Größe number, Stage select"; got != want || d.Title != "Cafés" {
		t.Errorf("got %s: %s, want %s", d.Title, got, want)
	}
	if diff := cmp.Diff([]string{"Größ"}, d.Columns[2].Options); diff != "" {
		t.Error(diff)
	}
	if p := page(t, w, "Cafés/München.md"); len(p.Body) != 1 || p.Title != "München" || len(w.Pages) != 3 {
		t.Errorf("row %q with %s; %v", p.Title, types(p.Body), tree(w))
	}
	if got := page(t, w, "a.md").Title; got != "Über uns" {
		t.Errorf("title %q", got)
	}
}

func TestSeparators(t *testing.T) {
	t.Parallel()
	for name, csv := range map[string]string{
		"semicolon": "Name;Size;Note\nA;1;x, y\nB;2;\"p;q\"\n",
		"tab":       "Name\tSize\tNote\nA\t1\tx, y\nB\t2\tp;q\n",
		"comma":     "Name,Size,Note\nA,1,\"x, y\"\nB,2,p;q\n",
		"named":     "sep=;\nName;Size;Note\nA;1;x, y\nB;2;\"p;q\"\n",
		"short":     "Name,Size,Note\nA,1,\"x, y\"\nB,2,p;q\nC\nD,3\n",
	} {
		w := loaded(t, map[string]string{"t.csv": csv})
		if got := columnsOf(w.Databases[0]); got != "Name title, Size number, Note rich_text" {
			t.Errorf("%s: %s", name, got)
		}
		if got := page(t, w, "t/B").Values["Note"].Text; block.Plain(got) != "p;q" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A .tsv file is set apart by tabs, and stands beside a .csv file of its name.
func TestTabs(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"t.tsv":  "Name\nA, b; c\n",
		"v.TSV":  "Name\tSize\nA\t1\n",
		"v/A.md": "Text of A\n",
		"u.tsv":  "Name\nA\n",
		"u.csv":  "Name\nB\n",
	})
	for _, name := range []string{"t/A, b; c", "v/A", "u/A", "u/B"} {
		page(t, w, name)
	}
	if len(w.Databases) != 4 || len(w.Pages) != 4 || len(page(t, w, "v/A").Body) != 1 {
		t.Errorf("%d tables, %v", len(w.Databases), tree(w))
	}
}

func TestDatesOfColumns(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{"t.csv": "Name,US,EU,Open,Odd\nA,03/25/2026,25/03/2026,03/04/2026,25/03/2026\nB,03/04/2026 5:00 PM,03/04/2026,05/06/2026,03/25/2026\n"})
	d := w.Databases[0]
	if got := columnsOf(d); got != "Name title, US date, EU date, Open date, Odd select" {
		t.Errorf("columns: %s", got)
	}
	b := page(t, w, "t/B").Values
	if b["US"].Start != "2026-03-04T17:00:00.000+00:00" || b["EU"].Start != "2026-04-03" || b["Open"].Start != "2026-05-06" {
		t.Errorf("dates: %q, %q, %q", b["US"].Start, b["EU"].Start, b["Open"].Start)
	}
	if len(w.Notes) != 1 || !strings.Contains(w.Notes[0], `"Open"`) {
		t.Errorf("notes: %q", w.Notes)
	}
}

func TestFilesColumns(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"Devices " + hex1 + ".csv": "Name,Manuals,Files,Path\n" +
			"A,\"Devices%20" + hex1 + "/A%20b.pdf, Devices%20" + hex1 + "/C,%20d.png, https://example.com/e%20f.txt?x=1\",\"g.pdf, h.pdf\",src/main.go\nB,,,lib/util.go\n",
	})
	if got := columnsOf(w.Databases[0]); got != "Name title, Manuals files, Files files, Path select" {
		t.Errorf("columns: %s", got)
	}
	a := w.FindPage("Devices " + hex1 + "/A").Values
	var names []string
	for _, f := range append(a["Manuals"].Files, a["Files"].Files...) {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"A b.pdf", "C, d.png", "e f.txt", "g.pdf", "h.pdf"}, names); diff != "" {
		t.Error(diff)
	}
}

// The likely mistakes are named, and nothing is served in their place.
func TestOtherExports(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"HTML":             {fstest.MapFS{"Home.html": {}}, "again as Markdown & CSV"},
		"HTML with tables": {fstest.MapFS{"Home.html": {}, "Home/Tasks.csv": {Data: []byte("Name\n")}}, "kind HTML"},
		"PDF":              {fstest.MapFS{"Home.pdf": {}}, "kind PDF"},
		"pictures":         {fstest.MapFS{"a.png": {}, "b.png": {}}, "a.png, b.png"},
	} {
		if w, err := load.FS(tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v", name, w, err)
		}
	}
	w, err := load.FS(fstest.MapFS{"a.md": {}, "b.html": {}})
	if err != nil || len(w.Pages) != 1 || len(w.Notes) != 1 {
		t.Errorf("a page beside HTML: %v", err)
	}
}

// Whatever a table says, it becomes a table.
func FuzzTable(f *testing.F) {
	f.Add("Name,Due\nA,25/03/2026 → 26/03/2026\n", "---\nDue: 2026-01-02\n---\n# A\n\nDue: x\n")
	f.Add("sep=;\nName;Files\nA;\"a%20b/c.pdf, d\"\n", "---\ntags: [a, b\n---\n")
	f.Fuzz(func(t *testing.T, table, text string) {
		w, err := load.FS(fstest.MapFS{"t.csv": {Data: []byte(table)}, "t/A.md": {Data: []byte(text)}})
		if err != nil {
			return
		}
		for _, d := range w.Databases {
			if d.TitleColumn() == nil {
				t.Errorf("no title in %v", d.Columns)
			}
		}
	})
}
