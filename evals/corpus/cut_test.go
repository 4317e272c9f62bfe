package corpus

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/evals/questions"
)

func TestCut(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"a/rates.md": {Data: []byte("# Rates\n\n## Berlin\n190 a night.\n\nPaid monthly.\n"), Mode: 0o444},
		"other.md":   {Data: []byte("# Other\n\nUntouched.\n")},
		"rows.csv":   {Data: []byte("City,Cap\nBerlin,190\nParis,220\n\"Kyiv,\nOdesa\",\"1\n2\"\n")},
	}
	all := []questions.Question{
		{ID: "1", Gold: []questions.Gold{{Path: "a/rates.md", LineStart: 3, LineEnd: 4}}},
		{ID: "2", Gold: []questions.Gold{{Path: "rows.csv", LineStart: 1, LineEnd: 2}, {Path: "rows.csv", LineStart: 6, LineEnd: 6}, {Path: "a/rates.md", LineStart: 6, LineEnd: 99}}},
		{ID: "3"},
	}
	dir := t.TempDir()
	if err := Cut(fsys, all, dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a/rates.md": "# Rates\n\n## Berlin\n",
		"other.md":   "# Other\n\nUntouched.\n",
		"rows.csv":   "City,Cap\nBerlin,\nParis,220\n\"Kyiv,\nOdesa\",\n",
	} {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || string(got) != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	if err := Cut(fsys, []questions.Question{{Gold: []questions.Gold{{Path: "none.md", LineStart: 1, LineEnd: 1}}}}, t.TempDir()); err == nil {
		t.Error("an answer on a page that is not there was cut without an error")
	}
}
