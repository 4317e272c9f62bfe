package tools

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/citation"
)

func TestCheckCitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	damaged := notion.BlockURL(page.URL, w.block(page.ID, "A customer who"))
	vouchers := notion.BlockURL(page.URL, w.block(page.ID, "Vouchers are never"))
	gone := page.URL + "#0a1b0000000080008000000000000009"
	for _, c := range []struct {
		name, url, quote string
		want             citation.Verdict
		text             string // in the answer
	}{
		{"true", damaged, "gets a full refund within 30 days", citation.Exact, "proven"},
		{"case and marks", damaged, "A customer who receives **damaged goods** gets a Full refund", citation.Exact, ""},
		{"a number", damaged, "gets a full refund within 60 days", citation.Near, `says "60" where the page says "30"`},
		{"the last word", damaged, "gets a full refund within 30 weeks", citation.Near, `says "weeks" where the page says "days"`},
		{"grave", damaged, "gets a full refund within 60 days", citation.Near, "SERIOUS, what differs: a number or sign\n"},
		{"a small word", damaged, "gets a full or refund within 30 days", citation.Near, "nearly: some words differ from what stands there\n"},
		{"another block", vouchers, "gets a full refund within 30 days", citation.Elsewhere, damaged},
		{"two words", damaged, "damaged goods", citation.Exact, "proven"},
		{"two words, another block", vouchers, "A photo", citation.Elsewhere, damaged},
		{"the page", page.URL, "never paid out in cash", citation.Exact, ""},
		{"invented", vouchers, "every customer may ask for a gift", citation.None, "Vouchers are never"},
		{"no quote", vouchers, "", citation.NoQuote, "Vouchers are never"},
		{"block gone, words there", gone, "never paid out in cash", citation.Elsewhere, vouchers},
		{"block gone", gone, "these words are not there either", citation.BlockGone, ""},
		{"foreign", "https://example.com/x", "one two three", citation.Foreign, ""},
		{"not shared", "https://app.notion.com/p/0a1b0000000080008000000000000008", "one two three", citation.Unreadable, ""},
		{"goes on", damaged, "A photo is needed. ### Vouchers Vouchers are never", citation.Exact, ""},
	} {
		a := w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": c.url, "quote": c.quote}}})
		out := got[CheckOut](t, a)
		proof := c.want == citation.Exact || c.want == citation.Elsewhere && len(strings.Fields(c.quote)) > 2
		if len(out.Citations) != 1 || out.Citations[0].Verdict != c.want || out.OK != proof || !strings.Contains(a.Text, c.text) {
			t.Errorf("%s: want %s\n%s", c.name, c.want, a.Text)
		}
	}
}

func TestCheckAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	link := notion.BlockURL(page.URL, w.block(page.ID, "Vouchers are never"))
	good := fmt.Sprintf("Vouchers are \"never paid out in cash\" ([Refund policy](%s)).", link)
	a := w.call(CheckCitations, map[string]any{"answer": good})
	if out := got[CheckOut](t, a); !out.OK || out.Proven != 1 || out.Total != 1 {
		t.Errorf("%s", a.Text)
	}
	a = w.call(CheckCitations, map[string]any{"answer": good + " And \"a photo is needed\" too."})
	if out := got[CheckOut](t, a); out.OK || out.Proven != 1 || out.Citations[1].Verdict != citation.Uncited || !strings.HasPrefix(out.Citations[1].FoundURL, page.URL) {
		t.Errorf("%s", a.Text)
	}
	a = w.call(CheckCitations, map[string]any{"answer": "Trust me."})
	if out := got[CheckOut](t, a); out.OK || out.Total != 0 || !strings.Contains(a.Text, "quotes and cites nothing") || strings.Contains(a.Text, "Mend or drop") {
		t.Errorf("%s", a.Text)
	}
	if a := w.call(CheckCitations, nil); !a.IsError {
		t.Errorf("%s", a.Text)
	}
	var many []any
	for range maxCitations {
		many = append(many, map[string]any{"url": link, "quote": "never paid out in cash"})
	}
	before := w.notion.Requests()
	if out := got[CheckOut](t, w.call(CheckCitations, map[string]any{"citations": many})); !out.OK || out.Proven != maxCitations {
		t.Errorf("%d proven", out.Proven)
	}
	if n := w.notion.Requests() - before; n > 3 {
		t.Errorf("%d requests for one page", n)
	}
}

// A quotation is named by the words that a reader sees, up to a whole word.
func TestCheckNamesVisibleWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	for quoted, want := range map[string]string{
		"a **civilian**, not **contractor**":                                                      "a civilian, not contractor\n",
		"write to `the_office` at \\*once\\*":                                                     "write to the_office at ",
		"one two three four five six seven eight nine ten eleven twelve thirteen **fourteens** x": "eleven twelve thirteen...\n",
	} {
		a := w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": page.URL, "quote": quoted}}})
		_, named, _ := strings.Cut(a.Text, "quoted: ")
		if line, _, _ := strings.Cut(named, "\n"); !strings.Contains(line+"\n", want) {
			t.Errorf("%q: %q, want %q", quoted, line, want)
		}
	}
}

// A column says nothing without its row, which is named; and a proof is one of
// words alone.
func TestCheckNamesTheRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	row, page := w.page("Globex"), w.page("Refund policy")
	for _, c := range []struct{ url, quote, row string }{
		{row.URL, "Owner: Bo", "[1] proven: \"Owner: Bo\", of the row Globex\n"},
		{row.URL, "Owner: Kim Bo", ""},
		{page.URL, "never paid out in cash", ""},
	} {
		a := w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": c.url, "quote": c.quote}}})
		proven := got[CheckOut](t, a).OK
		if !strings.Contains(a.Text, c.row) || c.row == "" && strings.Contains(a.Text, "of the row") || proven != strings.Contains(a.Text, "not what you conclude") {
			t.Errorf("%q: %s", c.quote, a.Text)
		}
	}
}

// A link may be cited as answers show it: the anchor apart from the address, at
// the end of the words, or alone. What is not right is said with the link that is.
func TestCheckAnchors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page, other := w.page("Refund policy"), w.page("Travel")
	block := w.block(page.ID, "Vouchers are never")
	link, anchor := notion.BlockURL(page.URL, block), "#"+block.Compact()
	const words = "never paid out in cash"
	for _, c := range []struct {
		name, answer string
		total        int
		verdict      citation.Verdict
		proven       bool
		text         string
	}{
		{"apart", `"` + words + `" (` + page.URL + " " + anchor + ")", 1, citation.Exact, true, "\n[1] proven: \"" + words + "\"\n"},
		{"line as copied", `"Vouchers are never paid out in cash. ` + anchor + `" ([Refunds](` + page.URL + `))`, 1, citation.Exact, true, "use this link: " + link},
		{"alone", `"` + words + `" ` + anchor, 1, citation.Exact, true, "use this link: " + link},
		{"alone, page before", "From [Refunds](" + page.URL + "):\n\n- Vouchers: \"" + words + "\" " + anchor, 1, citation.Exact, true, "an anchor alone opens nothing; use this link: " + link},
		{"alone, other page", `"` + words + `" ` + anchor + " and \"economy class for flights\" (" + other.URL + ")", 2, citation.Exact, true, "use this link: " + link},
		{"alone, gone", `"` + words + `" #0a1b0000000080008000000000000009`, 1, citation.Unreadable, false, "change: cite what"},
		{"id of a block", `"` + words + `" (` + notion.PageURL(block) + `)`, 1, citation.Exact, true, "proven"},
		{"wrong page", `"` + words + `" (` + other.URL + `) and "charged" (` + page.URL + `)`, 2, citation.None, false, "another page that is cited; use this link: " + link},
		{"link alone", "Vouchers are not paid out ([Refunds](" + link + ")).", 1, citation.NoQuote, false, "opens: Refund policy"},
		{"link alone, what to do", "Vouchers are not paid out ([Refunds](" + page.URL + ")).", 1, citation.NoQuote, false, "change: put the words"},
		{"link is right", `"never paid out in gold" (` + link + ")", 1, citation.Near, false, "change: quote it as it stands there\n"},
		{"marks", "> - never paid out in gold\n\n" + link, 1, citation.Near, false, "stands there: <quoted>never paid out"},
		{"code", "Set `max_tokens_of_all` as \"" + words + "\" says (" + link + "), then `run it all`.", 1, citation.Exact, true, "1 of 1 citation is proven"},
	} {
		a := w.call(CheckCitations, map[string]any{"answer": c.answer})
		out := got[CheckOut](t, a)
		if len(out.Citations) != c.total || out.Citations[0].Verdict != c.verdict || out.Citations[0].Proven != c.proven || !strings.Contains(a.Text, c.text) {
			t.Errorf("%s: %s\n%s", c.name, c.answer, a.Text)
		}
	}
}

// What is checked is Notion as it is now, with the caller's own token.
func TestCheckIsLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	args := map[string]any{"citations": []any{map[string]any{"url": page.URL, "quote": "never paid out in cash"}}, "as_of": w.now().Format(time.RFC3339)}
	if out := got[CheckOut](t, w.call(CheckCitations, args)); !out.OK || out.Citations[0].Changed {
		t.Fatalf("%+v", out)
	}
	w.pass(time.Hour)
	if err := w.notion.Edit("Finance/Refund policy.md", "Vouchers are always paid out in cash.\n"); err != nil {
		t.Fatal(err)
	}
	if out := got[CheckOut](t, w.call(CheckCitations, args)); out.OK || out.Citations[0].Verdict != citation.Near || !out.Citations[0].Serious || !out.Citations[0].Changed {
		t.Errorf("after an edit: %+v", out.Citations)
	}
	w.notion.Inject(emulator.Fault{Status: http.StatusBadGateway})
	if out := got[CheckOut](t, w.call(CheckCitations, args)); out.OK || out.Citations[0].Verdict != citation.Unchecked || out.Citations[0].Why == "" {
		t.Errorf("without Notion: %+v", out.Citations)
	}
	w.notion.ClearFaults()
	if err := w.notion.Unshare(tested, "Finance"); err == nil {
		if out := got[CheckOut](t, w.call(CheckCitations, args)); out.OK || out.Citations[0].Verdict != citation.Unreadable {
			t.Errorf("unshared: %+v", out.Citations)
		}
	}
	w.notion.Inject(emulator.Fault{Status: http.StatusUnauthorized})
	if a := w.call(CheckCitations, args); !a.IsError || strings.Contains(a.Text, "Vouchers") {
		t.Errorf("without a grant: %s", a.Text)
	}
}

// TestAlteredQuotes quotes every sentence of the sample pages faithfully and in
// five altered ways, and keeps the table of what was caught.
func TestAlteredQuotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, chapters(), nil).sync()
	r := rand.New(rand.NewPCG(1, 2))
	type tally struct{ tried, exact, near, other int }
	table := map[string]*tally{}
	var sentences []struct{ url, text string }
	for _, title := range []string{"Travel", "Security", "Leave"} {
		page := w.page(title)
		for _, b := range w.notion.Blocks(string(page.ID)) {
			if len(strings.Fields(b.Text)) >= 8 {
				sentences = append(sentences, struct{ url, text string }{notion.BlockURL(page.URL, notion.ID(b.ID)), b.Text})
			}
		}
	}
	if len(sentences) < 20 {
		t.Fatalf("%d sentences", len(sentences))
	}
	for i, s := range sentences {
		words := strings.Fields(s.text)
		other := strings.Fields(sentences[(i+7)%len(sentences)].text)
		for name, altered := range map[string]string{
			"faithful":         s.text,
			"white space":      strings.Join(words, "\n  "),
			"case":             strings.ToUpper(s.text),
			"typography":       strings.NewReplacer("'", "’", "-", "‑", ", ", " , ").Replace(s.text),
			"Markdown":         "**" + strings.Join(words[:2], " ") + "** _" + strings.Join(words[2:], " ") + "_",
			"shortened":        strings.Join(words[:3], " ") + " … " + strings.Join(words[len(words)-3:], " "),
			"word changed":     replaced(words, r.IntN(len(words)), "elephant"),
			"word dropped":     replaced(words, 1+r.IntN(len(words)-2), ""),
			"word added":       replaced(words, 1+r.IntN(len(words)-2), "surely "+words[1]),
			"words moved":      strings.Join(append(append([]string{}, words[len(words)/2:]...), words[:len(words)/2]...), " "),
			"of another block": strings.Join(other, " "),
			"invented":         "the quick brown fox jumps over the lazy dog at night",
		} {
			out := got[CheckOut](t, w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": s.url, "quote": altered}}}))
			if table[name] == nil {
				table[name] = &tally{}
			}
			n := table[name]
			n.tried++
			switch out.Citations[0].Verdict {
			case citation.Exact:
				n.exact++
			case citation.Near:
				n.near++
			default:
				n.other++
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s %6s %7s %6s %10s\n", "quotation", "tried", "proven", "near", "not there")
	for _, name := range []string{"faithful", "white space", "case", "typography", "Markdown", "shortened", "word changed", "word dropped", "word added", "words moved", "of another block", "invented"} {
		n := table[name]
		fmt.Fprintf(&b, "%-18s %6d %7d %6d %10d\n", name, n.tried, n.exact, n.near, n.other)
	}
	golden.File(t, "testdata/altered.txt", b.String())
	for _, name := range []string{"faithful", "white space", "case", "typography", "Markdown", "shortened"} {
		if n := table[name]; n.exact != n.tried {
			t.Errorf("%s: %d false alarms", name, n.tried-n.exact)
		}
	}
	for _, name := range []string{"word changed", "words moved", "word added", "word dropped", "of another block", "invented"} {
		if n := table[name]; n.exact > 0 {
			t.Errorf("%s: %d passed as proven", name, n.exact)
		}
	}
}

func replaced(words []string, at int, by string) string {
	out := append([]string{}, words...)
	out[at] = by
	return strings.Join(strings.Fields(strings.Join(out, " ")), " ")
}

// chapters are pages of plain sentences, each a block of its own.
func chapters() map[string]string {
	return map[string]string{
		"Travel.md": "Book economy class for all flights that take less than six hours.\n\nHotels in Stockholm may cost up to 2,400 kronor a night, breakfast included.\n\n" +
			"Trains are preferred over planes when the journey takes under five hours.\n\nReceipts have to be handed in within 30 days after the journey has ended.\n\n" +
			"- Nobody needs an approval for day trips inside the country they work in.\n- A manager approves every journey that costs more than 15,000 kronor in all.\n- Rental cars aren't paid for unless public transport takes twice as long.\n",
		"Security.md": "Every laptop is encrypted and locks itself after five minutes without use.\n\nPasswords are kept in the company's password manager and nowhere else at all.\n\n" +
			"Report a lost device to the security desk within one hour of noticing.\n\nVisitors must be accompanied by an employee in all rooms behind the reception.\n\n" +
			"Access to production needs a hardware key and expires after twelve hours.\n\n> Nobody will ever ask you for your password, not even the security desk.\n\nBackups are restored on trial once per quarter by the platform team.\n",
		"Leave.md": "Employees get 30 days of paid leave in each calendar year they work.\n\nUp to five days that were not taken move on into the next year.\n\n" +
			"Parental leave is paid in full for the first sixteen weeks after birth.\n\nTell your manager about planned leave at least four weeks before it begins.\n\n" +
			"1. Sick leave of more than three days needs a note from a doctor.\n2. A sick child may be cared for at home for ten days.\n\nUnpaid leave of up to six months can be agreed with the head of department.\n",
	}
}

// What a model copies is what it was shown, with the escapes of Markdown, or
// what it makes of them: both stand on the page.
func TestCheckAsShown(t *testing.T) {
	t.Parallel()
	texts := []string{
		`Use \*args and \*\*kwargs in 2 \* 3 of a\_b calls`,
		`See \[draft\] and \[link\](https://example.com/a_b?c=1\*2) now`,
		`Write &lt;div class="x"&gt; and a &lt; b &amp;&amp; c &gt; d here`,
		`The entity \&lt;b\&gt; stays as it is written`,
		`\# not a heading but words`,
		`1\. not an item but words`,
		`\- neither is this one`,
		`\> nor is this quoted`,
		`\[x\] is a mark in words`,
		`It costs \$500 or \~450 and 5 \< 6 holds`,
		"Run `make -j4 *.go` and `a|b` or write \\`this\\` instead",
		`Mail kim_lee@example.com or see www.example.com/\_x\_ today`,
		`**Bold**\*\*not bold\*\* and *it*\_al\_ic`,
		`C:\\Users\\kim\\\_tmp and \\\\server\\share`,
		`A &lt;/quoted&gt; tag and {#0a1b0000000080008000000000000009} here`,
		`The formula $x_1 < y^2 * 3$ is in the text`,
	}
	w := newWorld(t, map[string]string{"Odd.md": "# Odd\n\n" + strings.Join(texts, "\n\n") + "\n\n| a \\| b | c\\*d |\n| --- | --- |\n| one \\| two three | 4 \\* 5 and \\[6\\] |\n"}, nil).sync()
	page := w.page("Odd")
	check := func(how, url, words string) {
		t.Helper()
		out := got[CheckOut](t, w.call(CheckCitations, map[string]any{"citations": []any{map[string]any{"url": url, "quote": words}}}))
		if out.Citations[0].Verdict != citation.Exact {
			t.Errorf("%s: %q: %+v", how, words, out.Citations[0])
		}
	}
	shown := w.call(ReadPage, map[string]any{"page": page.URL}).Text
	lines := 0
	for line := range strings.SplitSeq(shown, "\n") {
		line, _, _ = strings.Cut(line, " #") // its anchor
		if inside := strings.Contains(shown[:strings.Index(shown, line)], "<quoted>"); inside && len(strings.Fields(line)) > 2 && !strings.Contains(line, "---") && !strings.Contains(line, "quoted>") && !strings.HasPrefix(line, "End of the page") {
			check("as shown", page.URL, line)
			lines++
		}
	}
	if lines < len(texts) {
		t.Errorf("%d lines are shown: %s", lines, shown)
	}
	blocks, err := w.owner.Children(t.Context(), page.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks.Blocks[:len(texts)] {
		if text := notion.PlainText(b.Content.RichText); !strings.HasPrefix(text, "[x]") { // which is a task, where it is not escaped
			check("as it reads", notion.BlockURL(page.URL, b.ID), text)
		}
	}
	for _, text := range texts {
		check("as it was typed", page.URL, text)
	}
}
