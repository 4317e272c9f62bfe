package quote

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	urlA = "https://app.notion.com/p/A-0a1b0000000000000000000000000001"
	urlB = "https://app.notion.com/p/B-0a1b0000000000000000000000000002#0a1b00000000000000000000000000b1"
)

func TestInAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want []Cited
	}{
		"quote and link":            {`It says "full refund within 30 days" [1](A).`, []Cited{{"full refund within 30 days", "A"}}},
		"curly, after a full stop":  {`It says “full refund within 30 days.” [Policy](A) And more.`, []Cited{{"full refund within 30 days.", "A"}}},
		"other typography":          {`Dort steht „volle Erstattung in 30 Tagen“ (A), puis «un avoir de 30 jours» B`, []Cited{{"volle Erstattung in 30 Tagen", "A"}, {"un avoir de 30 jours", "B"}}},
		"two in one sentence":       {`"one two three" (A) but "four five six" (B).`, []Cited{{"one two three", "A"}, {"four five six", "B"}}},
		"two quotes, one link":      {`"one two three" and "four five six" (A).`, []Cited{{"one two three", "A"}, {"four five six", "A"}}},
		"two links, one quote":      {`"one two three" [1](A), [2](B)`, []Cited{{"one two three", "A"}, {"", "B"}}},
		"link before":               {`According to [Policy](A), "one two three". According to [Plan](B), "four five six".`, []Cited{{"one two three", "A"}, {"four five six", "B"}}},
		"link after the full stop":  {`"One two three". [1](A) Next, "four five six". [2](B)`, []Cited{{"One two three", "A"}, {"four five six", "B"}}},
		"link in an early sentence": {`See [Policy](A). It goes on: "one two three".`, []Cited{{"one two three", "A"}}},
		"link alone":                {`Refunds take 30 days ([Policy](A)).`, []Cited{{"", "A"}}},
		"quote alone":               {`You asked about "one two three".`, []Cited{{"one two three", ""}}},
		"quote in the label":        {`["one two three"](A)`, []Cited{{"one two three", "A"}}},
		"link in the quote":         {`"one [two](B) three four" (A)`, []Cited{{"one [two](B) three four", "B"}, {"", "A"}}},
		"short":                     {`The "Gold" tier and the "second chance" rule (A)`, []Cited{{"Gold", "A"}, {"second chance", "A"}}},
		"short, link before":        {`According to [Plan](A) it is "Bluebird".`, []Cited{{"Bluebird", "A"}}},
		"short beside long":         {`"Gold" is "one two three" (A), "Silver" (B).`, []Cited{{"one two three", "A"}, {"Silver", "B"}, {"Gold", "A"}}},
		"short before a quotation":  {"[Policy](A), the \"Gold\" rule, says:\n\n> one two three", []Cited{{"one two three", "A"}, {"Gold", "A"}}},
		"names and doubts":          {`You asked for "Gold". It says "one two three" (A). So much for "truth".`, []Cited{{"one two three", "A"}}},
		"short, link alone":         {`Its name is "Gold". See [Plan](A) for more.`, []Cited{{"", "A"}}},
		"short block quote":         {"[Policy](A) says:\n\n> Gold\n\n> Silver\n\nBye.", []Cited{{"Gold", "A"}}},
		"short with a number":       {`It is "30 days" (A)`, []Cited{{"30 days", "A"}}},
		"code":                      {"Run `make rollback now` (A) or ``echo \"a b c\" ` x`` (B)", []Cited{{"", "A"}, {"", "B"}}},
		"code in a quotation":       {"It says \"run `make rollback` now\" (A), not `make all`.", []Cited{{"run `make rollback` now", "A"}}},
		"code beside a quotation":   {"Set `a_b_c` as \"one two three\" (A) and `d e f`.", []Cited{{"one two three", "A"}}},
		"block quote, link below":   {"> one two three\n> four\n\n— [Policy](A)\n\nBye.", []Cited{{"one two three\nfour", "A"}}},
		"block quote, link above":   {"[Policy](A) says:\n\n> one two three\n\nBye \"five six seven\" (B).", []Cited{{"one two three", "A"}, {"five six seven", "B"}}},
		"block quote, link inside":  {"> one two three — [Policy](A)\n\nSo [B](B) it is.", []Cited{{"one two three", "A"}, {"", "B"}}},
		"block quote alone":         {"> one two three\n\nThis long paragraph tells something else and cites the plan [Plan](B).", []Cited{{"one two three", ""}, {"", "B"}}},
		"fence":                     {"From A:\n\n```sh\nmake rollback now\n```\n", []Cited{{"make rollback now", "A"}}},
		"items":                     {"- \"one two three\" (A)\n- \"four five six\"\n- [Plan](B)", []Cited{{"one two three", "A"}, {"four five six", ""}, {"", "B"}}},
		"footnotes":                 {"It is \"one two three\" [1], and \"four five six\" [^2].\n\n[1]: A\n[^2] Plan, B", []Cited{{"one two three", "A"}, {"four five six", "B"}}},
		"list of sources":           {"It is \"one two three\" [1].\n\nSources:\n- [1] Policy: A", []Cited{{"one two three", "A"}}},
		"table":                     {"| \"one two three\" | [P](A) |\n| \"four five six\" | [P](B) |", []Cited{{"one two three", "A"}, {"four five six", "B"}}},
		"inches":                    {`A 5" pipe is "one two three" (A)`, []Cited{{"one two three", "A"}}},
		"address as label":          {`"one two three" [A](A)`, []Cited{{"one two three", "A"}}},
		"japanese":                  {`「送料は返金しません」 (A)`, []Cited{{"送料は返金しません", "A"}}},
		"other paragraph":           {"\"one two three\"\n\nAnd [x](A)", []Cited{{"one two three", ""}, {"", "A"}}},
		"empty":                     {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			urls := strings.NewReplacer("(A)", "("+urlA+")", "(B)", "("+urlB+")", " A\n", " "+urlA+"\n", " B\n", " "+urlB+"\n", "[A]", "["+urlA+"]", " A:", " "+urlA+" :")
			var want []Cited
			for _, w := range c.want {
				w.Quote = urls.Replace(w.Quote)
				w.URL = strings.NewReplacer("A", urlA, "B", urlB).Replace(w.URL)
				want = append(want, w)
			}
			got := InAnswer(strings.TrimSuffix(urls.Replace(c.in+"\n"), "\n"))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// An anchor stands where answers show it: at the end of a line, with the address
// of the page once, elsewhere.
func TestAnchorsInAnswer(t *testing.T) {
	t.Parallel()
	const x, y = "#0a1b00000000000000000000000000c1", "#0a1b0000-0000-0000-0000-0000000000c2"
	for in, want := range map[string][]Cited{
		`"one two three" (` + urlA + " " + x + ").":                             {{"one two three", urlA + x}},
		`"one two three" [Plan](` + urlA + `), ` + x + `.`:                      {{"one two three", urlA + x}},
		`"one two three" {` + x + `} and "four five six" (` + y + `)`:           {{"one two three", x}, {"four five six", y}},
		`"one two three ` + x + `" ([Plan](` + urlA + `))`:                      {{"one two three", x}, {"", urlA}},
		`"one two three" [1](` + x + `), of ` + urlA:                            {{"one two three", x}, {"", urlA}},
		"From " + urlA + ":\n\n> one two three " + x + "\n> four five six " + y: {{"", urlA}, {"one two three", x}, {"four five six", y}},
		"```\none two three\n```\n" + x:                                         {{"one two three", x}},
		"It is \"one two three\" [1].\n\n[1]: [Plan](" + urlA + ") " + x:        {{"one two three", urlA + x}},
		`"one two three" ` + urlB + ` and \` + x + ` or a` + x:                  {{"one two three", urlB}},
		`"one two three" (` + urlA + x + `)`:                                    {{"one two three", urlA + x}},
	} {
		if diff := cmp.Diff(want, InAnswer(in)); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", in, diff)
		}
	}
	for _, c := range []Cited{
		{"one two three " + x, urlA}, {"one two three", urlA + " " + x}, {"one two three " + x, "[Plan](" + urlA + ") " + x},
	} {
		if within := (Cited{"one {" + x + "} two three", urlA}); within.Settled() != within {
			t.Errorf("%v is not what the page says", within.Settled())
		}
		if diff := cmp.Diff(Cited{"one two three", urlA + x}, c.Settled()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c, diff)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	got := Links("[a](https://a.example/x \"t\") <https://b.example>, https://c.example/y. [https://d.example](https://d.example) ![i](https://e.example/p.png) [no](javascript:1)")
	want := []string{"https://a.example/x", "https://b.example", "https://c.example/y", "https://d.example", "https://e.example/p.png"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzInAnswer(f *testing.F) {
	f.Add("It says \"one two three\" [1](" + urlA + ") [2].\n\n> a b c\n\n[2]: " + urlB)
	f.Add("```\n> \"“„\n[](https://x)")
	f.Add("[a][1] (https://x) `\n[1] https://y")
	f.Add("\"one two three #0a1b00000000000000000000000000c1\" [x](#0a1b00000000000000000000000000c1) " + urlA + " {#0a1b00000000000000000000000000c1}")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range InAnswer(s) {
			if c == (Cited{}) {
				t.Errorf("a citation of nothing in %q", s)
			}
			if page, block, _ := strings.Cut(c.URL, "#"); !strings.Contains(s, page) || !strings.Contains(s, block) {
				t.Errorf("%q is not in %q", c.URL, s)
			}
		}
	})
}
