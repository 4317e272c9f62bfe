package sample

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
)

const maxFileBytes = 20_000

var (
	heading  = regexp.MustCompile(`^#{1,6} +(.+)$`)
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pageName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.md$`)
	oldest   = time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)
	newest   = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
)

// workspace reads every file of the workspace, keyed by path.
func workspace(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(FS(), name)
		texts[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatalf("read workspace: %v", err)
	}
	return texts
}

// splitFrontMatter returns the keys between the first two --- lines and the
// lines that follow them.
func splitFrontMatter(text string) (map[string]string, []string, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != "---" {
		return nil, nil, fmt.Errorf("first line is %q, want ---", lines[0])
	}
	keys := map[string]string{}
	for i, line := range lines[1:] {
		if line == "---" {
			return keys, lines[i+2:], nil
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok || value == "" || keys[key] != "" {
			return nil, nil, fmt.Errorf("bad or repeated line %q", line)
		}
		keys[key] = value
	}
	return nil, nil, fmt.Errorf("front matter has no end")
}

// headingAt returns the nearest heading at or above the 1-based line, without
// mistaking comments in fenced code for headings.
func headingAt(lines []string, line int) string {
	last, fenced := "", false
	for _, l := range lines[:line] {
		if strings.HasPrefix(l, "```") {
			fenced = !fenced
		} else if m := heading.FindStringSubmatch(l); m != nil && !fenced {
			last = m[1]
		}
	}
	return last
}

// brokenLinks returns the relative links of the page at name that lead to no
// page of the workspace.
func brokenLinks(name, text string, texts map[string]string) []string {
	var broken []string
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		target, err := url.PathUnescape(m[1])
		if err == nil && strings.Contains(target, "://") {
			continue
		}
		_, found := texts[path.Join(path.Dir(name), target)]
		if err != nil || !found || !strings.HasSuffix(target, ".md") {
			broken = append(broken, m[1])
		}
	}
	return broken
}

func TestWorkspaceIsRich(t *testing.T) {
	t.Parallel()
	pages, databases, long := 0, 0, 0
	for name, text := range workspace(t) {
		switch path.Ext(name) {
		case ".md":
			pages++
			if n := len(strings.Fields(text)); n >= 600 && n <= 1200 {
				long++
			}
		case ".csv":
			databases++
		case ".yaml":
			if _, err := fs.Stat(FS(), strings.TrimSuffix(name, ".schema.yaml")+".csv"); err != nil {
				t.Errorf("%s: there is no table beside it", name)
			}
		default:
			t.Errorf("%s: neither Markdown nor CSV nor the schema of one", name)
		}
		if len(text) > maxFileBytes {
			t.Errorf("%s: %d bytes, want at most %d", name, len(text), maxFileBytes)
		}
	}
	if pages < 40 || databases < 3 || long < 5 {
		t.Errorf("got %d pages, %d databases, %d long pages; want at least 40, 3, 5", pages, databases, long)
	}
}

func TestPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	texts := workspace(t)
	for name, text := range texts {
		if path.Ext(name) != ".md" {
			continue
		}
		keys, body, err := splitFrontMatter(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkKeys(t, name, keys)
		if len(body) < 3 || !strings.HasPrefix(body[0], "# ") {
			t.Errorf("%s: does not begin with a title", name)
		}
		checkBody(t, name, body)
		checkPlace(t, name, body[0], texts)
		for _, l := range brokenLinks(name, text, texts) {
			t.Errorf("%s: link %q leads nowhere", name, l)
		}
	}
}

func checkKeys(t *testing.T, name string, keys map[string]string) {
	t.Helper()
	for key := range keys {
		if key != "created" && key != "last_edited" && key != "icon" {
			t.Errorf("%s: unknown key %q", name, key)
		}
	}
	created, err1 := time.Parse(time.RFC3339, keys["created"])
	edited, err2 := time.Parse(time.RFC3339, keys["last_edited"])
	if err1 != nil || err2 != nil {
		t.Errorf("%s: created %v, last_edited %v", name, err1, err2)
		return
	}
	if created.Before(oldest) || edited.Before(created) || !edited.Before(newest) {
		t.Errorf("%s: created %s, last edited %s: out of order or range", name, created, edited)
	}
	if created.Second() != 0 || edited.Second() != 0 {
		t.Errorf("%s: times are not whole minutes", name)
	}
}

// checkBody looks for what a loader would swallow silently: a second title,
// a fence or toggle without an end, a table row with too few or many cells.
func checkBody(t *testing.T, name string, body []string) {
	t.Helper()
	fences, open, columns := 0, 0, 0
	for i, line := range body {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fences++
			continue
		}
		if fences%2 == 1 {
			continue
		}
		if i > 0 && strings.HasPrefix(line, "# ") {
			t.Errorf("%s: second title %q", name, line)
		}
		open += strings.Count(line, "<details>") - strings.Count(line, "</details>")
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if !strings.HasPrefix(line, "|") {
			columns = 0
		} else if columns == 0 {
			columns = n
		} else if n != columns {
			t.Errorf("%s: table row %q has %d bars, want %d", name, line, n, columns)
		}
	}
	if fences%2 != 0 || open != 0 {
		t.Errorf("%s: %d fences and %d open toggles", name, fences, open)
	}
}

// checkPlace holds a page to the conventions of the tree: kebab-case names, a
// parent for every folder, and row bodies that are named as their row.
func checkPlace(t *testing.T, name, title string, texts map[string]string) {
	t.Helper()
	dir := path.Dir(name)
	if table, ok := texts[dir+".csv"]; ok {
		row := strings.TrimSuffix(path.Base(name), ".md")
		if title != "# "+row || !strings.Contains(table, "\n"+row+",") {
			t.Errorf("%s: title %q and file name do not name one row of %s.csv", name, title, dir)
		}
		return
	}
	if !pageName.MatchString(path.Base(name)) {
		t.Errorf("%s: name is not kebab-case ASCII", name)
	}
	if _, ok := texts[dir+".md"]; dir != "." && !ok {
		t.Errorf("%s: folder has no page %s.md", name, dir)
	}
}

func TestDatabasesAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, text := range workspace(t) {
		if path.Ext(name) != ".csv" {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll() // checks the column count
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rows[0][0] != "Name" || len(rows) < 9 {
			t.Errorf("%s: first column %q, %d rows", name, rows[0][0], len(rows)-1)
		}
		seen := map[string]bool{}
		for _, r := range rows[1:] {
			if r[0] == "" || seen[r[0]] {
				t.Errorf("%s: empty or repeated name %q", name, r[0])
			}
			seen[r[0]] = true
		}
	}
}

func TestHeadingAt(t *testing.T) {
	t.Parallel()
	lines := strings.Split("---\n# Title\ntext\n```bash\n# comment\n```\nmore\n## Next\nend", "\n")
	for line, want := range map[int]string{1: "", 3: "Title", 5: "Title", 7: "Title", 8: "Next", 9: "Next"} {
		if got := headingAt(lines, line); got != want {
			t.Errorf("headingAt(line %d) = %q, want %q", line, got, want)
		}
	}
}

func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"a/b c.md": "", "d.md": "", "e.csv": ""}
	text := "[1](../d.md) [2](b%20c.md) [3](https://x.example/) [4](d.md) [5](../e.csv)"
	if got := strings.Join(brokenLinks("a/p.md", text, texts), " "); got != "d.md ../e.csv" {
		t.Errorf("broken links %q, want d.md and ../e.csv", got)
	}
}
