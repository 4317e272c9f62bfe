package prompts

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// point is how the corpora write characters that nobody could see: {U+202E}.
var point = regexp.MustCompile(`\{U\+([0-9A-F]{4,6})\}`)

func corpus(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	pages := map[string]string{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[strings.TrimSuffix(filepath.Base(name), ".md")] = point.ReplaceAllStringFunc(string(data), func(s string) string {
			n, err := strconv.ParseInt(s[3:len(s)-1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return string(rune(n))
		})
	}
	return pages
}

// escaped writes characters that nobody can see as the corpora do.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if invisible(r) {
			fmt.Fprintf(&b, "{U+%04X}", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// harmful is what may stand nowhere outside a fence.
var harmful = regexp.MustCompile(`(?i)<\s*[/∕]?\s*quoted|<!--|!\[[^\]]*\]\(|<img|<script|<iframe|<svg|<\s*[|｜]|<tool_|<function|<invoke|<system|\[/?INST\]|<<SYS|\]\((?:javascript|data|file|vbscript|//|https?://[^/)]*evil)|\n(?:Human|Assistant):|<https?:[^\s>]*>`)

func TestHostilePages(t *testing.T) {
	t.Parallel()
	for name, page := range corpus(t, "hostile") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Quote(page)
			golden(t, "hostile/"+name+".txt", escaped(got))
			if s := harmful.FindString(got); s != "" {
				t.Errorf("%q came out", s)
			}
			for _, r := range got {
				if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' {
					t.Errorf("%U came out", r)
				}
			}
			if again := Quote(got); again != got {
				t.Errorf("not stable:\n%s", cmp.Diff(got, again))
			}
			if l := Line(page); strings.Contains(l, "\n") || harmful.MatchString(l) {
				t.Errorf("as a title: %q", l)
			}
			if l := Label(page); strings.ContainsAny(l, "[]") {
				t.Errorf("as a label: %q", l)
			}
		})
	}
}

func TestInnocentPages(t *testing.T) {
	t.Parallel()
	for name, page := range corpus(t, "innocent") {
		if diff := cmp.Diff(escaped(page), escaped(Quote(page))); diff != "" {
			t.Errorf("%s is changed (-page +shown):\n%s", name, diff)
		}
	}
}
