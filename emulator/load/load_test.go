package load_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

func loaded(t *testing.T, files map[string]string) *workspace.Workspace {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	w, err := load.FS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// tree shows each page and database with what it hangs below.
func tree(w *workspace.Workspace) []string {
	above := func(p workspace.Parent) string {
		if d := w.FindDatabase(p.ID); d != nil {
			return "database " + d.Title
		}
		if q := w.FindPage(p.ID); q != nil {
			return q.Title
		}
		return p.Kind
	}
	var out []string
	for _, p := range w.Pages {
		out = append(out, fmt.Sprintf("%s (%s) below %s", p.Title, p.Path, above(p.Parent)))
	}
	for _, d := range w.Databases {
		out = append(out, fmt.Sprintf("database %s (%s) below %s", d.Title, d.Path, above(d.Parent)))
	}
	slices.Sort(out)
	return out
}

func page(t *testing.T, w *workspace.Workspace, path string) *workspace.Page {
	t.Helper()
	p := w.FindPage(path)
	if p == nil {
		t.Fatalf("no page at %q", path)
	}
	return p
}

func types(blocks []*block.Block) string {
	var out []string
	for _, b := range blocks {
		out = append(out, b.Type)
	}
	return strings.Join(out, " ")
}

func TestFolderBecomesTree(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"handbook.md":            "# The *Handbook*\n\nHello\n",
		"handbook/leave.md":      "Text without a title\n",
		"handbook/pets/dogs.md":  "# Dogs\n",
		"handbook/pets/index.md": "# Pets index\n",
		"accounts.csv":           "Name,Stage\nAcme,Won\nBeta,Lost\n",
		"accounts/Acme.md":       "# Acme\n\nStage: Won\n\nNotes: stay in the body\n",
		"accounts/Acme/call.md":  "# Call\n",
		"accounts/Gamma.md":      "# Gamma\n\nStage: New\n",
		"images/logo.png":        "x",
		".git/config.md":         "hidden",
	})
	want := []string{
		"Acme (accounts/Acme.md) below database accounts",
		"Beta (accounts/Beta.md) below database accounts",
		"Call (accounts/Acme/call.md) below Acme",
		"Dogs (handbook/pets/dogs.md) below pets",
		"Gamma (accounts/Gamma.md) below database accounts",
		"Pets index (handbook/pets/index.md) below pets",
		"The Handbook (handbook.md) below workspace",
		"database accounts (accounts.csv) below workspace",
		"leave (handbook/leave.md) below The Handbook",
		"pets (handbook/pets) below The Handbook",
	}
	if diff := cmp.Diff(want, tree(w)); diff != "" {
		t.Error(diff)
	}
	if got := types(page(t, w, "handbook.md").Body); got != "paragraph child_page child_page" {
		t.Errorf("body of the handbook: %s", got)
	}
	acme := page(t, w, "accounts/Acme")
	if len(acme.Body) != 2 || acme.Body[0].PlainText() != "Notes: stay in the body" {
		t.Errorf("body of a row: %s", types(acme.Body))
	}
	if got := page(t, w, "accounts/Gamma").Values["Stage"].Options; !slices.Equal(got, []string{"New"}) {
		t.Errorf("property of a row that the table lacks: %v", got)
	}
}

const (
	hex1 = "1a2b3c4d5e6f708190a0b0c0d0e0f001"
	hex2 = "1a2b3c4d5e6f708190a0b0c0d0e0f002"
	hex3 = "1a2b3c4d5e6f708190a0b0c0d0e0f003"
	hex4 = "1a2b3c4d5e6f708190a0b0c0d0e0f004"
)

func exportFiles() map[string]string {
	return map[string]string{
		"Home " + hex1 + ".md": "# Home\n\n[Runbook](Home/Runbook%20" + hex2 + ".md)\n\nSee [the runbook](Home/Runbook%20" + hex2 + ".md).\n\n" +
			"[Tasks](Home/Tasks%20" + hex3 + ".csv)\n",
		"Home/Runbook " + hex2 + ".md":      "# Runbook\n\nBack to [Home](../Home%20" + hex1 + ".md).\n",
		"Home/Tasks " + hex3 + ".csv":       "Name,Done\nOnly visible,No\n",
		"Home/Tasks " + hex3 + "_all.csv":   "Name,Done\nOnly visible,No\nHidden,Yes\n",
		"Home/Tasks/Hidden " + hex4 + ".md": "# Hidden\n\nDone: Yes\n\nBody\n",
	}
}

func checkExport(t *testing.T, w *workspace.Workspace) {
	t.Helper()
	home := page(t, w, block.Dash(hex1))
	if home.Title != "Home" || types(home.Body) != "child_page paragraph child_database" {
		t.Errorf("home is %q with %s", home.Title, types(home.Body))
	}
	if home.Body[0].ID != block.Dash(hex2) || home.Body[2].ID != block.Dash(hex3) {
		t.Errorf("children are %s and %s", home.Body[0].ID, home.Body[2].ID)
	}
	link := home.Body[1].Content["rich_text"].([]block.Text)[1].Link
	if want := "https://app.notion.com/p/Runbook-" + hex2; link != want {
		t.Errorf("link: got %s, want %s", link, want)
	}
	mention := page(t, w, block.Dash(hex2)).Body[0].Content["rich_text"].([]block.Text)[1].Mention
	if mention == nil || mention.ID != block.Dash(hex1) {
		t.Errorf("link to a page by its title: %+v", mention)
	}
	hidden := page(t, w, block.Dash(hex4))
	if !hidden.Values["Done"].Checked || types(hidden.Body) != "paragraph" {
		t.Errorf("row has %+v and %s", hidden.Values, types(hidden.Body))
	}
	if len(w.Pages) != 4 || len(w.Databases) != 1 {
		t.Errorf("%d pages, %d databases: %v", len(w.Pages), len(w.Databases), tree(w))
	}
}

func TestExportFolder(t *testing.T) {
	t.Parallel()
	checkExport(t, loaded(t, exportFiles()))
}

// zipOf packs files.
func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestExportZip(t *testing.T) {
	t.Parallel()
	inside := map[string]string{}
	parts := []map[string]string{{}, {}}
	i := 0
	for name, text := range exportFiles() {
		inside["Export-0e1f/"+name] = text
		parts[i%2][name] = text
		i++
	}
	for name, packed := range map[string]string{
		"one.zip":   zipOf(t, inside),
		"parts.zip": zipOf(t, map[string]string{"Export-Part-1.zip": zipOf(t, parts[0]), "Export-Part-2.zip": zipOf(t, parts[1])}),
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(packed), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := load.Dir(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkExport(t, w)
	}
}

func TestDirSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.md")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, filepath.Join(dir, "missing"), filepath.Join(dir, "missing.zip")} {
		if _, err := load.Dir(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Dir(%q) = %v, want an error that names it", name, err)
		}
	}
}

func TestFrontMatter(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"a.md": "---\nid: " + hex1 + "\nicon: 🧭\ncreated: 2026-01-02\nlast_edited: 2026-03-04T05:06:59Z\n---\n\n# Title\n\nText\n",
		"b.md": "---\nNot front matter, but a rule.\n---\n",
	})
	a := page(t, w, "a.md")
	want := time.Date(2026, 3, 4, 5, 6, 59, 0, time.UTC)
	if a.ID != block.Dash(hex1) || a.Icon != "🧭" || !a.Edited.Equal(want) || a.Created.Day() != 2 {
		t.Errorf("page is %+v", a)
	}
	if got := a.Body[0].Source; got.LineStart != 10 || got.Text != "Text" {
		t.Errorf("text stands on %+v", got)
	}
	if got := types(page(t, w, "b.md").Body); !strings.Contains(got, "heading_2") {
		t.Errorf("text between rules became %s", got)
	}
}

func TestColumnTypes(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"projects.csv": "Name\nApollo\nGemini\n",
		"accounts.csv": strings.Join([]string{
			"Company,ARR,Active,Renewal,Status,Tags,Site,Mail,Owner,Project,Notes,Empty",
			`Acme,"$1,200",Yes,"March 4, 2026",Open,"eu, big",https://acme.example,a@acme.example,Ann Lee,Apollo,"Long words, with a comma, that are all different and go on",`,
			`Beta,300,No,2026-03-05,Open,us,https://beta.example,b@beta.example,"Bob Ray, Ann Lee","Apollo, Gemini",Other words,`,
			`Cyan,-1.5,No,"March 1, 2026 → March 8, 2026",Closed,"us, big",https://c.example,c@c.example,Bob Ray,,,`,
		}, "\n"),
	})
	d := w.FindDatabase("accounts.csv")
	got := map[string]string{}
	for _, c := range d.Columns {
		got[c.Name] = c.Type
	}
	want := map[string]string{
		"Company": "title", "ARR": "number", "Active": "checkbox", "Renewal": "date", "Status": "status", "Tags": "multi_select",
		"Site": "url", "Mail": "email", "Owner": "people", "Project": "relation", "Notes": "rich_text", "Empty": "rich_text",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	v := page(t, w, "accounts/Cyan").Values
	if *v["ARR"].Number != -1.5 || v["Renewal"].Start != "2026-03-01" || v["Renewal"].End != "2026-03-08" {
		t.Errorf("values: %+v", v)
	}
	beta := page(t, w, "accounts/Beta")
	apollo := page(t, w, "projects/Apollo")
	if ids := beta.Values["Project"].IDs; len(ids) != 2 || ids[0] != apollo.ID {
		t.Errorf("relation: %v, want first %s", ids, apollo.ID)
	}
	if beta.Source.LineStart != 3 || beta.Source.Path != "accounts.csv" {
		t.Errorf("row stands on %+v", beta.Source)
	}
	if ids := beta.Values["Owner"].IDs; len(ids) != 2 || ids[0] != workspace.PersonID("bob ray") {
		t.Errorf("people: %v", ids)
	}
}

func TestSyncedCopiesPointToTheirOriginal(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{
		"a.md": "<!-- synced_copy: promise -->\n",
		"b.md": "<synced_block id=\"promise\">\nWords\n</synced_block>\n",
	})
	original := page(t, w, "b.md").Body[0]
	from := page(t, w, "a.md").Body[0].Content["synced_from"].(map[string]any)
	if from["block_id"] != original.ID || original.Content["synced_from"] != nil {
		t.Errorf("copy is of %v, want %s", from, original.ID)
	}
}

func TestIDsAreStable(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.md": "# A\n\nsame\n\nsame\n\n- item\n  - below\n"}
	first, second := loaded(t, files), loaded(t, files)
	ids := func(w *workspace.Workspace) map[string]string {
		out := map[string]string{}
		block.Walk(page(t, w, "a.md").Body, func(b *block.Block) { out[b.ID] = b.PlainText() })
		return out
	}
	if diff := cmp.Diff(ids(first), ids(second)); diff != "" {
		t.Error(diff)
	}
	if len(ids(first)) != 4 {
		t.Errorf("blocks with ids of their own: %v", ids(first))
	}
	p := page(t, second, "a.md")
	second.SetText(p, []byte("# A\n\nnew text above\n\nsame\n\nsame\n\n- item\n  - below, changed\n"))
	kept := 0
	for id := range ids(second) {
		if _, ok := ids(first)[id]; ok {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("%d ids survived an edit, want 3", kept)
	}
}

func TestCloneIsIndependent(t *testing.T) {
	t.Parallel()
	w := loaded(t, map[string]string{"a.md": "# A\n\none\n"})
	c := w.Clone()
	page(t, c, "a.md").Body[0].Content["rich_text"] = nil
	page(t, c, "a.md").Title = "changed"
	if p := page(t, w, "a.md"); p.Title != "A" || p.Body[0].PlainText() != "one" {
		t.Error("a change of the copy shows in the original")
	}
}
