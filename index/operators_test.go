package index

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOperators(t *testing.T) {
	t.Parallel()
	type ops struct{ Phrases, Without, Banned []string }
	for _, c := range []struct {
		name, text string
		want       ops
	}{
		{"phrase", `who signs "travel requests" abroad`, ops{Phrases: []string{"travel requests"}}},
		{"two phrases, curly and low", `“paid leave” and „unpaid leave“`, ops{Phrases: []string{"paid leave", "unpaid leave"}}},
		{"phrase in brackets and before a comma", `("paid leave"), or`, ops{Phrases: []string{"paid leave"}}},
		{"phrase between characters without spaces", `これは"有給休暇"の`, ops{Phrases: []string{"有給休暇"}}},
		{"inches", `a 5" pipe and a 7" one`, ops{}},
		{"inches, then a phrase", `a 5" pipe "in stock"`, ops{Phrases: []string{"in stock"}}},
		{"open quote", `he said "leave`, ops{}},
		{"quote over two lines", "screen 5 \"\nand 7\"", ops{}},
		{"exclusion", "travel -visa -São_Paulo, -wi-fi?", ops{Without: []string{"visa", "São_Paulo,", "wi-fi?"}}},
		{"exclusion first", "-visa travel", ops{Without: []string{"visa"}}},
		{"exclusion of one character", "旅行 -東", ops{Without: []string{"東"}}},
		{"excluded phrase", `travel -"visa office" now`, ops{Banned: []string{"visa office"}}},
		{"excluded phrase that is open", `travel -"visa office`, ops{}},
		{"exclusion in a phrase", `"travel -visa"`, ops{Phrases: []string{"travel -visa"}}},
		{"dash between words", "e-mail - what for", ops{}},
		{"dash inside of a word", "e-mail pre-visa", ops{}},
		{"dash at the end", "pre- and -visa- things", ops{}},
		{"dash after a bracket", "travel (-visa)", ops{}},
		{"long dashes", "travel –visa —visa", ops{}},
		{"number", "below -5 or -10.5 or -3rd", ops{}},
		{"flag", "what does --rate do", ops{}},
		{"short option", "what is -v?", ops{}},
		{"option with a value", "java -Dname=x -classpath:y", ops{}},
		{"command", "serve --rate 5 -verbose", ops{}},
		{"command with a short option", "tar -z -exclude", ops{}},
		{"list", "Which of these?\n-visa\n  -passport\n- tickets -trains", ops{}},
		{"exclusion in the second line", "travel\nabroad -visa", ops{Without: []string{"visa"}}},
		{"line break after it", "travel -visa\nabroad", ops{Without: []string{"visa"}}},
		{"code", "what does `run -visa \"x\"` do", ops{}},
		{"block of code", "why?\n```\nrun -visa \"x\"\n```\n", ops{}},
		{"lone backtick", "a ` travel -visa", ops{Without: []string{"visa"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := dissect(c.text)
			if diff := cmp.Diff(c.want, ops{got.phrases, got.without, got.banned}); diff != "" {
				t.Errorf("operators of %q (-want +got):\n%s", c.text, diff)
			}
			if len(c.want.Without)+len(c.want.Banned) == 0 && strings.Trim(got.text, `"`) != strings.Trim(strings.NewReplacer("“", `"`, "”", `"`, "„", `"`).Replace(c.text), `"`) {
				t.Errorf("%q became %q", c.text, got.text)
			}
			if len(c.want.Without)+len(c.want.Banned) > 0 && strings.Contains(got.text, "visa") {
				t.Errorf("%q still says what is to be left out: %q", c.text, got.text)
			}
		})
	}
}

func FuzzOperators(f *testing.F) {
	for _, s := range []string{`"a b" -cde`, "-\"", "`", "-`x`", "\n-a\n", `-"a"b" 5"`, "\xff-\xff", "“-abc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := dissect(s)
		if len(got.text) > len(s) {
			t.Errorf("%q grew to %q", s, got.text)
		}
		for _, found := range append(append(got.phrases, got.without...), got.banned...) {
			if !strings.Contains(strings.NewReplacer("“", `"`, "”", `"`, "„", `"`).Replace(s), found) {
				t.Errorf("%q is not in %q", found, s)
			}
		}
	})
}
