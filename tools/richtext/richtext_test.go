package richtext

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion"
)

// sketch writes rich text on one line: [bis]text for bold, italic, struck,
// c for code, =x= for an equation, <url> behind a link.
func sketch(all [][]notion.RichText) string {
	var b strings.Builder
	for i, runs := range all {
		if i > 0 {
			b.WriteString(" || ")
		}
		for _, r := range runs {
			b.WriteString("(" + marksOf(r) + ")")
			if r.Equation != nil {
				b.WriteString("=" + r.Equation.Expression + "=")
				continue
			}
			b.WriteString(r.Text.Content)
			if r.Text.Link != nil {
				b.WriteString("<" + r.Text.Link.URL + ">")
			}
		}
	}
	return b.String()
}

func marksOf(r notion.RichText) string {
	if r.Annotations == nil {
		return ""
	}
	s := ""
	for _, m := range []struct {
		on   bool
		name string
	}{{r.Annotations.Bold, "b"}, {r.Annotations.Italic, "i"}, {r.Annotations.Strikethrough, "s"}, {r.Annotations.Code, "c"}} {
		if m.on {
			s += m.name
		}
	}
	return s
}

func TestInlineMarkdown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":                            "()plain",
		"**bold** and *it*":                "(b)bold() and (i)it",
		"__bold__ and _it_":                "(b)bold() and (i)it",
		"***both***":                       "(bi)both",
		"**bold *both* bold**":             "(b)bold (bi)both(b) bold",
		"*it **both** it*":                 "(i)it (bi)both(i) it",
		"~~gone~~ `a*b*c` ``x`y``":         "(s)gone() (c)a*b*c() (c)x`y",
		"[docs](https://a.example/x_(y))":  "()docs<https://a.example/x_(y)>",
		"[**b**](https://a.example) end":   "(b)b<https://a.example>() end",
		"see https://a.example/x.":         "()see ()https://a.example/x<https://a.example/x>().",
		"(https://a.example)":              "()(()https://a.example<https://a.example>())",
		"area $\\pi r^2$ here":             "()area ()=\\pi r^2=() here",
		"costs $5 and $10, or $5":          "()costs $5 and $10, or $5",
		"snake_case_name and __init__.py":  "()snake_case_name and (b)init().py",
		"2 * 3 * 4 and a ** b":             "()2 * 3 * 4 and a ** b",
		`\*not\* \_this\_ \\ \x`:           `()*not* _this_ \ \x`,
		"**open and *open":                 "()**open and *open",
		"# Head\n- item\n1. one\n> q":      "(b)Head()\n- item\n1. one\n> q",
		"* star\n  + list":                 "()- star\n  - list",
		"```go\na*b*c\n```\nend":           "(c)a*b*c()\nend",
		"so ```a``` and ```\nb":            "()so ```a``` and ```\nb",
		"x\n## A *b* `c` ##\n\ny #1 # z":   "()x\n(b)A (bi)b(b) (bc)c()\n\ny #1 # z",
		"# About C#\n## F# ##\n# a#b ":     "(b)About C#()\n(b)F#()\n(b)a#b",
		"\\# kept\n####### seven\n#tag\n#": "()# kept\n####### seven\n#tag\n#",
		"[x](javascript:alert(1))":         "()[x](javascript:alert(1))",
		"[x](/relative) [ ] todo":          "()[x](/relative) [ ] todo",
		"[x](<https://a>)":                 "()[x](<()https://a<https://a>()>)",
		"**a `** b` c**":                   "(b)a (bc)** b(b) c",
		"a**b**c":                          "()a(b)b()c",
		"`a``b``c` ```d`":                  "(c)a``b``c() ```d`",
		"\\``a` b``":                       "()`(c)a() b``",
		"**a `b** c` d":                    "()**a (c)b** c() d",
		"[[a](https://x) b](https://y)":    "()[()a<https://x>() b](()https://y<https://y>())",
		"[a](https://x(y)(z)) (b) [c](":    "()a<https://x(y)(z)>() (b) [c](",
		"[a](https://x y) $z\n$ $5 $w$":    "()[a](()https://x<https://x>() y) $z\n$ ()=5 $w=",
		"line\r\nbreak":                    "()line\nbreak",
		"  \n ":                            "",
		"🎉 *ñ* 日本":                         "()🎉 (i)ñ() 日本",
	} {
		if got := sketch(Parse(in)); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestLongTextIsSplit(t *testing.T) {
	t.Parallel()
	family := "👩\u200d👩\u200d👧\u200d👦" // 11 units, one character to a reader
	for name, in := range map[string]string{
		"letters":  strings.Repeat("a", 2001),
		"emoji":    strings.Repeat("🎉", 1500),
		"families": strings.Repeat(family, 400),
		"accents":  "x" + strings.Repeat("e\u0301", 3000),
		"zalgo":    "a" + strings.Repeat("\u0301", 5000),
		"styled":   strings.Repeat("**b** i ", 120),
		"long":     strings.Repeat("word ", 9999),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := Parse(in)
			checkLimits(t, parts)
			whole := ""
			for _, p := range parts {
				whole += Text(p)
			}
			if want := strings.TrimSpace(strings.ReplaceAll(in, "**", "")); whole != want {
				t.Errorf("the text changed: %d bytes, want %d", len(whole), len(want))
			}
			if name == "families" {
				for _, r := range parts[0] {
					if strings.HasPrefix(r.Text.Content, "\u200d") || strings.HasSuffix(r.Text.Content, "\u200d") {
						t.Error("a family was cut apart")
					}
				}
			}
			if styled := name == "styled"; styled != (len(parts) > 1) {
				t.Errorf("%d comments", len(parts))
			}
		})
	}
}

// checkLimits fails where Notion would refuse the rich text.
func checkLimits(t *testing.T, parts [][]notion.RichText) {
	t.Helper()
	for _, runs := range parts {
		if len(runs) == 0 || len(runs) > 100 {
			t.Errorf("%d runs in one comment", len(runs))
		}
		for _, r := range runs {
			switch {
			case r.Equation != nil:
				if n := units(r.Equation.Expression); n > 1000 || n == 0 {
					t.Errorf("an equation of %d units", n)
				}
			case r.Text == nil || r.Text.Content == "" || units(r.Text.Content) > 2000 || !utf8.ValidString(r.Text.Content):
				t.Errorf("a run that Notion refuses: %+v", r.Text)
			case r.Text.Link != nil && units(r.Text.Link.URL) > 2000:
				t.Error("a link that is too long")
			}
		}
	}
}

func TestLongLinksAndEquationsStayText(t *testing.T) {
	t.Parallel()
	url := "https://a.example/" + strings.Repeat("x", 2000)
	for _, in := range []string{"[docs](" + url + ")", url, "$" + strings.Repeat("x", 1001) + "$"} {
		parts := Parse(in)
		checkLimits(t, parts)
		if got := Text(parts[0]); got != in {
			t.Errorf("text of %d bytes, want the %d bytes as typed", len(got), len(in))
		}
		for _, r := range parts[0] {
			if r.Equation != nil || r.Text.Link != nil {
				t.Errorf("%+v must be plain", r)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"**b** *i*", "`c` $x$ [a](https://b)", "***x***", "a_b_ __c__", "\\*", "👩\u200d👧", "```x```", "$5 $", "https://x.y)."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		parts := Parse(s)
		checkLimits(t, parts)
		got := ""
		for _, p := range parts {
			got += Text(p)
		}
		if diff := cmp.Diff(letters(s), letters(got)); diff != "" && !strings.Contains(s, "](") {
			t.Errorf("the words of %q changed: %s", s, fmt.Sprint(diff))
		}
	})
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
