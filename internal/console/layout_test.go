package console

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"nothing", "", 10, []string{""}},
		{"fits", "one two", 7, []string{"one two"}},
		{"breaks", "one two three", 8, []string{"one two", "three"}},
		{"long word", "a abcdefghij k", 4, []string{"a", "abcd", "efgh", "ij k"}},
		{"wide", "顧客の更新", 4, []string{"顧客", "の更", "新"}},
		{"wider than all", "客", 1, []string{"客"}},
		{"joined emoji stays whole", "👩‍👩‍👧👩‍👩‍👧", 3, []string{"👩‍👩‍👧", "👩‍👩‍👧"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, wrap(tt.text, tt.width)); diff != "" {
				t.Errorf("wrap(%q, %d) (-want +got):\n%s", tt.text, tt.width, diff)
			}
		})
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line string
		want []string
	}{
		{"- one two three", []string{"- one two", "  three"}},
		{"  10. one two", []string{"  10. one", "      two"}},
		{"- [ ] one two", []string{"- [ ] one", "      two"}},
		{"> one two three", []string{"> one two", "> three"}},
		{"> - one twofold", []string{"> - one", ">   twofold"}},
		{"one-two three", []string{"one-two", "three"}},
		{"> > > > > deep in", []string{"> > > > >", "deep in"}}, // no room beside the marks
	} {
		if diff := cmp.Diff(tt.want, hang(tt.line, 12)); diff != "" {
			t.Errorf("hang(%q) (-want +got):\n%s", tt.line, diff)
		}
	}
}

func TestInline(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"**bold** and *italic*":              "bold and italic",
		"[a page](https://app.notion.com/p)": "a page",
		"2 * 3 * 4 ** 5":                     "2 * 3 * 4 ** 5",
		"f(x*y) and a*b*c":                   "f(x*y) and a*b*c",
		"[not a link](see below)":            "[not a link](see below)",
		"***both***":                         "both",
	} {
		if got := inline(in); got != want {
			t.Errorf("inline(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	asked := questionWords("Which renewals are failing, ODB-103?")
	for in, want := range map[string]string{
		"The renewal failed":   "The <renewal> <failed>",
		"which are the others": "which are the others",
		"code ODB-103":         "code <ODB>-<103>",
	} {
		got := Terminal{Color: true}.mark(in, asked)
		got = strings.NewReplacer("\x1b["+match+"m", "<", "\x1b[0m", ">").Replace(got)
		if got != want {
			t.Errorf("mark(%q) = %q, want %q", in, got, want)
		}
		if plain := (Terminal{}).mark(in, asked); plain != in {
			t.Errorf("without color mark(%q) = %q", in, plain)
		}
	}
}

func FuzzLay(f *testing.F) {
	for _, s := range []string{
		"", "# Title\n\ntext", "| a | b |\n| --- | --- |\n| 1 | 2 |", "```\ncode", "~~~\n\tx\n~~~", "> - [ ] x\n>   y",
		"|", "| |\n|", "|-|\n|-|", "\x1b[2J", "客客客客客客客客客客客客客客客客客客客客客客客客客客客客客客", strings.Repeat("a", 300), "[a](https://x)*b*",
	} {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = 20 + max(width, -width)%100
		all := 0
		for _, l := range lay(text, width) {
			if i := strings.IndexFunc(l.text, func(r rune) bool { return visible(r) < 0 || r == '\n' }); i >= 0 {
				t.Errorf("control character in %q", l.text)
			}
			if uniseg.StringWidth(l.text) > width {
				t.Errorf("%d columns of %d: %q", uniseg.StringWidth(l.text), width, l.text)
			}
			all += uniseg.StringWidth(l.text)
		}
		if strings.TrimSpace(text) == "" && all > 0 {
			t.Errorf("text from nothing: %q", text)
		}
	})
}
