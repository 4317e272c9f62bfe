package unify_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                   "",
		"plain ASCII, and é": "plain ASCII, and é",
		norm.NFD.String("출장 йогурт é"): "출장 йогурт é",
		"ｶﾞｲﾄﾞ":                        "ガイド",
		"CO₂":                          "CO2",
		"ＡＢＣ１２３":                       "ABC123",
		"ﬁnance oﬃce":                  "finance office",
		"a\u00a0b":                     "a b",
		"㎏ ㍿":                          "kg 株式会社",
		"100 m², km³, mc²":             "100 m2, km3, mc2",
		"policy¹²":                     "policy 12",
		"10³":                          "10 3",
		"2½ or ½":                      "2 1⁄2 or 1⁄2",
		"Notion™ №5 don´t 1，2":         "Notion™ №5 don´t 1，2",
		"\xff\xfeﬁ":                    "\xff\xfefi",
	} {
		if got := unify.Text(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// What is found in the one form is shown as it was written.
func TestBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, find, want string }{
		{"the oﬃce of " + norm.NFD.String("출장 규정") + " today", "출장", norm.NFD.String("출장")},
		{"the oﬃce of", "office", "oﬃce"},
		{"the oﬃce of", "of", "oﬃ"},
		{"ｶﾞｲﾄﾞ today", "today", "today"},
		{"see policy¹ there", "1 there", "¹ there"},
		{"all plain", "plain", "plain"},
	} {
		f := unify.Trace(c.text)
		at := strings.Index(f.Text, c.find)
		if at < 0 {
			t.Errorf("no %q in %q", c.find, f.Text)
			continue
		}
		from, to := f.Back(at, at+len(c.find))
		if got := c.text[from:to]; got != c.want {
			t.Errorf("%q of %q was %q, want %q", c.find, c.text, got, c.want)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add("oﬃce 2½ ㎏ \u0301\u0301 \xff", 3, 9)
	f.Fuzz(func(t *testing.T, s string, start, end int) {
		form := unify.Trace(s)
		if again := unify.Text(form.Text); again != form.Text {
			t.Errorf("%q is %q, and that %q", s, form.Text, again)
		}
		if form.Text != unify.Text(s) {
			t.Errorf("%q has two forms", s)
		}
		if start < 0 || start >= end || end > len(form.Text) {
			return
		}
		if from, to := form.Back(start, end); from < 0 || from > to || to > len(s) {
			t.Errorf("%d-%d of %q is %d-%d of %q", start, end, form.Text, from, to, s)
		}
	})
}
