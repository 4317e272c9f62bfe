package quote

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInAnswer(t *testing.T) {
	t.Parallel()
	const a, b = "https://app.notion.com/p/A-0a1b0000000000000000000000000001#0a1b00000000000000000000000000b1", "https://www.notion.so/B-0a1b0000000000000000000000000002"
	for _, c := range []struct {
		name, answer string
		want         []Cited
	}{
		{"quote then link", `It is "within 30 days of delivery" ([Refunds](` + a + `)).`, []Cited{{"within 30 days of delivery", a}}},
		{"bare link", "They say “never paid out in cash” (" + b + ").", []Cited{{"never paid out in cash", b}}},
		{"two and two", `"one two three" [x](` + a + `) and "four five six" [y](` + b + `)`, []Cited{{"one two three", a}, {"four five six", b}}},
		{"two quotes, one link", `"one two three" and "four five six" [x](` + a + `)`, []Cited{{"one two three", a}, {"four five six", a}}},
		{"label", `["one two three"](` + a + `)`, []Cited{{"one two three", a}}},
		{"no quote", "See [x](" + a + ").", []Cited{{"", a}}},
		{"no link", `He said "one two three".`, []Cited{{"one two three", ""}}},
		{"a name", `The "Gold" tier [x](` + a + `)`, []Cited{{"", a}}},
		{"blockquote", "They say:\n\n> Customers may return\n> goods within 30 days\n\n[Refunds](" + a + ")", []Cited{{"Customers may return\ngoods within 30 days", a}}},
		{"other paragraph", `"one two three"` + "\n\nAnd [x](" + a + ")", []Cited{{"one two three", ""}, {"", a}}},
		{"japanese", "「送料は返金しません」 [x](" + a + ")", []Cited{{"送料は返金しません", a}}},
		{"nothing", "Nothing here.", nil},
	} {
		if diff := cmp.Diff(c.want, InAnswer(c.answer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func FuzzInAnswer(f *testing.F) {
	f.Add("> a b c\n\n[x](https://a.b/c)")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range InAnswer(s) {
			if c.Quote == "" && c.URL == "" {
				t.Errorf("%q: an empty citation", s)
			}
		}
	})
}
