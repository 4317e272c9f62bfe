package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/docs"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every test that doc/security.md names as evidence is there.
func TestSecurityNamesRealTests(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(read(t, "doc/security.md"), -1)
	if len(found) < 60 {
		t.Errorf("only %d tests are named", len(found))
	}
	text := map[string]string{} // of a package's tests
	for _, m := range found {
		folder, name := m[1], m[2]
		if text[folder] == "" {
			files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				rel, err := filepath.Rel(root, f)
				if err != nil {
					t.Fatal(err)
				}
				text[folder] += read(t, rel)
			}
		}
		if !strings.Contains(text[folder], "func "+name+"(") {
			t.Errorf("there is no test %s in %s", name, folder)
		}
	}
	for n := range 19 {
		if !strings.Contains(read(t, "doc/security.md"), fmt.Sprintf("\n## %d. ", n+1)) {
			t.Errorf("threat %d is missing", n+1)
		}
	}
}

// What the Dockerfile copies and builds is there, and .dockerignore leaves it in.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	file := read(t, "Dockerfile")
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(file, -1) {
		for name := range strings.FieldsSeq(m[1]) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Error(err)
			}
		}
	}
	m := regexp.MustCompile(`go build .* (\./cmd/\S+)`).FindStringSubmatch(file)
	if m == nil {
		t.Fatal("nothing is built")
	}
	if out, err := exec.Command("go", "list", "-C", root, m[1]).CombinedOutput(); err != nil {
		t.Errorf("%s: %s", m[1], out)
	}
	// The toolchain is that of go.mod.
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))[1]
	if !strings.Contains(file, "FROM golang:"+want+" ") {
		t.Errorf("the Dockerfile builds with another Go than %s", want)
	}
	for line := range strings.Lines(read(t, ".dockerignore")) {
		if line = strings.TrimSpace(line); line == "go.mod" || strings.HasPrefix(line, "cmd") || line == ".git" {
			t.Errorf(".dockerignore leaves out %s", line)
		}
	}
}

// Links between our own documents lead somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	docs, err := filepath.Glob(filepath.Join(root, "doc", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(docs, filepath.Join(root, "README.md"), filepath.Join(root, "SECURITY.md"), filepath.Join(root, "CONTRIBUTING.md")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// The marked blocks of a route come in their order; what is open or has no
// value is a mistake.
func TestSteps(t *testing.T) {
	t.Parallel()
	text := "```sh a values\nexport X=1 Y=2\nprintf k > secrets/k\n```\nwords\n```sh b\nno\n```\n```sh\nfor reading\n```\n```yaml\n```sh all\n```\n" +
		"<!-- all by hand:\nclick\n-->\n```sh all background\nrun\nrun\n```\n"
	got, err := docs.Steps(text, "a")
	want := []docs.Step{
		{Line: 1, Text: "export X=1 Y=2\nprintf k > secrets/k", Values: true},
		{Line: 15, Text: "click"},
		{Line: 18, Text: "run\nrun", Background: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := docs.Steps("```sh a\nx", "a"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a block without an end: %v", err)
	}
	for in, missing := range map[string]string{
		"export X=1 Y=2; printf k > secrets/k": "", "export X=1\nprintf k > secrets/k": "Y", "export X=1 Y=2": "secrets/k",
	} {
		if got := docs.Missing(want[0].Text, in); got != missing {
			t.Errorf("%s: missing %q, want %q", in, got, missing)
		}
	}
}

// Both ways through doc/deploy.md have all that a way needs.
func TestDeployRoutes(t *testing.T) {
	t.Parallel()
	for _, route := range []string{"workos", "nango"} {
		steps, err := docs.Steps(read(t, "doc/deploy.md"), route)
		values, background := 0, 0
		for _, s := range steps {
			if s.Values {
				values++
			}
			if s.Background {
				background++
			}
		}
		if err != nil || len(steps) < 12 || values != 1 || background == 0 {
			t.Errorf("%s: %d steps, %d of values, %d in the background, %v", route, len(steps), values, background, err)
		}
	}
}

// The README shows the demo with as many pages as the sample workspace has.
func TestReadmeShowsTheDemoAsItIs(t *testing.T) {
	t.Parallel()
	workspace, err := emulator.Load(sample.FS())
	if err != nil {
		t.Fatal(err)
	}
	pages := len(emulator.New(workspace, emulator.Config{}).Pages())
	for _, words := range []string{"invented company: %d pages and tables", "Searched all %d pages shared"} {
		if want := fmt.Sprintf(words, pages); !strings.Contains(read(t, "README.md"), want) {
			t.Errorf("the README lacks %q", want)
		}
	}
}
