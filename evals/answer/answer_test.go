package answer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	page  = notion.ID("0a1b0000-0000-4000-8000-00000000000a")
	other = notion.ID("0a1b0000-0000-4000-8000-00000000000c")
	block = notion.ID("0a1b0000-0000-4000-8000-0000000000b1")
	deep  = notion.ID("0a1b0000-0000-4000-8000-0000000000b2")
	base  = "https://app.notion.com/p/Leave-0a1b000000004000800000000000000a"
	link  = base + "#0a1b00000000400080000000000000b1"
)

func shown() []Evidence {
	return []Evidence{
		{Page: page, Block: block, Text: "Partners get **12 weeks** at [full pay](https://app.notion.com/x), within a year."},
		{Page: page, Block: page, Text: "**Owner**: Ines"},
		{Page: other, Text: "Read as a page. {#0a1b00000000400080000000000000b2} Deep down."},
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	text := "# Leave\n\nPartners get \"12 weeks at full pay\" [1](" + link + "). It is paid. That is, e.g. no cut at all. [2](" + base + ")\n\n" +
		"Two more things:\n- The page says “seven weeks of holiday. Paid ones” here.\n- See the deep block " + strings.Replace(base, "00a", "00c", 1) + "#" + deep.Compact() + ".\n" +
		"- Invented as well [3](https://app.notion.com/p/0a1b000000004000800000000000000d)\n"
	got := Look(text, shown())
	if got.Abstained {
		t.Error("abstained")
	}
	var resolved []int
	for _, c := range got.Citations {
		resolved = append(resolved, len(c.Evidence))
	}
	if diff := cmp.Diff([]int{1, 1, 1, 0}, resolved); diff != "" {
		t.Errorf("evidence of the citations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Quote{{"12 weeks at full pay", true}, {"seven weeks of holiday. Paid ones", false}}, got.Quotes); diff != "" {
		t.Errorf("quotes (-want +got):\n%s", diff)
	}
	want := []Sentence{
		{`Partners get "12 weeks at full pay" .`, true},
		{"It is paid.", false},
		{"That is, e.g. no cut at all.", true},
		{"The page says “seven weeks of holiday. Paid ones” here.", false},
		{"See the deep block", true},
		{"Invented as well", true},
	}
	if diff := cmp.Diff(want, got.Sentences); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
}

func TestLookAbstained(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"NOT IN THE DOCUMENTS\nI looked for insurers.":    true,
		"**Not in the documents.** I looked.":             true,
		"Twelve weeks.\nThe rest is NOT IN THE DOCUMENTS": false,
		"": false,
	} {
		if got := Look(text, nil); got.Abstained != want {
			t.Errorf("%q: abstained %t", text, got.Abstained)
		}
	}
}

func TestNothingLeadsAnywhere(t *testing.T) {
	t.Parallel()
	// The page was shown, but not this block, nor the page itself.
	shown := []Evidence{{Page: page, Block: block, Text: "text"}}
	for _, url := range []string{base, base + "#" + deep.Compact(), "https://example.com/x"} {
		if c := citations(url, shown); len(c) != 1 || len(c[0].Evidence) != 0 {
			t.Errorf("%s leads to %+v", url, c)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	v, err := ReadVerdict("Here:\n```json\n{\"claims\":[{\"claim\":\"a\",\"supported\":true}],\"correct\":\"Partly\"}\n```")
	if err != nil || v.Score() != .5 || len(v.Claims) != 1 || !v.Claims[0].Supported {
		t.Errorf("got %+v, %v", v, err)
	}
	for _, bad := range []string{"", "{", `{"claims":[]}`, `{"correct":"perhaps"}`, "}{"} {
		if _, err := ReadVerdict(bad); err == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestJudgePrompt(t *testing.T) {
	t.Parallel()
	got, err := JudgePrompt(Case{Question: "How <long>?", Answer: "12 & more", Passages: []string{"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"How <long>?", "12 & more", "<passage>\ntwo\n</passage>", "(not in the documents)\n</reference>"} {
		if !strings.Contains(got, want) {
			t.Errorf("the prompt lacks %q", want)
		}
	}
	if got, _ = JudgePrompt(Case{Reference: "r"}); !strings.Contains(got, "(the answer cites nothing)") || !strings.Contains(got, "\nr\n</reference>") {
		t.Error("a case without citations")
	}
	if !strings.Contains(Instructions(), NotFound) {
		t.Error("the instructions do not name the words that Look waits for")
	}
}

func FuzzLook(f *testing.F) {
	f.Add("Partners get \"12 weeks\" [1](" + link + "). So.")
	f.Add("[](https://) . ! > \"x y z\"")
	f.Fuzz(func(t *testing.T, text string) {
		c := Look(text, shown())
		for _, s := range c.Sentences {
			if strings.ContainsRune(s.Text, cited) {
				t.Errorf("a mark was left in %q", s.Text)
			}
		}
	})
}
