package index

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

func library(t testing.TB) *Index {
	t.Helper()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{
		entry("refunds", "Refund policy", "Europe: Customers in Europe get refunds within ten days.", "America: Customers in America wait for thirty days."),
		entry("travel", "Travel policy", "Book the cheapest flight.", "Hotels: Book a hotel in Europe near the customer."),
		entry("api", "Client API", "Call parseHTTPRequest before max_retry_count is read.", "A request may fail to parse."),
		entry("band", "Who we are", "Musicians."),
	}})
	return x
}

// A page whose title is what was asked for comes before a list that names it
// again and again.
func TestNamedPageFirst(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	row := "| Account plan: Corvane Electrical | Account plan: Alder Freight |\n"
	apply(t, x, Change{Put: []Entry{
		entry("list", "Account plans", "Account plan Corvane Electrical: account plan, Corvane Electrical.\n"+row+row+row),
		entry("plan", "Account plan: Corvane Electrical", "Owners are Oliver and Laila.", "Offer: A price for two years."),
		entry("other", "Account plan: Alder Freight", "Unlike Corvane Electrical they grow."),
	}})
	for text, want := range map[string]string{
		"Corvane Electrical account plan": "plan/0",
		"account plans":                   "list/0",
		"the plan of Corvane":             "plan/0",
		"Corvane account plan: price":     "plan/1",
	} {
		if got := strings.Fields(ids(find(t, x, Query{Text: text}))); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, want %s first", text, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	x := library(t)
	for _, c := range []struct{ name, text, want string }{
		{"stems", "refunding customer europe", "refunds/0 refunds/1 travel/1"},
		{"nothing", "zebra", ""},
		{"no words", " -- ?! \"\" ", ""},
		{"empty", "", ""},
		{"parts of identifiers", "retry", "api/0"},
		{"whole identifier", "parsehttprequest", "api/0"},
		{"only stop words", "who are the", "band/0"},
		{"phrase", `"cheapest flight"`, "travel/0"},
		{"phrase in the headings and title", `"refund policy europe" days`, "refunds/0"},
		{"phrase that never occurs", `"flight cheapest"`, "travel/0"},
		{"phrases that occur apart", `"cheapest flight" "in europe" days`, "travel/0 refunds/0 travel/1 refunds/1"},
		{"phrase of stop words", `"who we are"`, "band/0"},
		{"stop words do not count next to others", "who is the musician", "band/0"},
		{"curly phrase", `“cheapest flight” book`, "travel/0"},
		{"open quote", `cheapest "flight`, "travel/0"},
		{"exclusion", "europe -customer", ""},
		{"exclusion by stem", "days -refunds", ""},
		{"exclusion in the title", "customers -travelling", "refunds/1 refunds/0"},
		{"nothing but an exclusion is a word", "-customers", "refunds/1 refunds/0 travel/1"},
		{"excluded phrase", `europe -"near the customer"`, "refunds/0"},
		{"excluded phrase that never occurs", `europe -"customer near"`, "refunds/0 travel/1"},
		{"phrase and excluded phrase", `"in europe" -"near the customer"`, "refunds/0"},
		{"phrase that never occurs, and excluded phrase", `"europe in" -"near the customer"`, "refunds/0"},
		{"excluded twice", "europe -customer -customers", ""},
		{"inches are no phrase", `a 5" flight or 7" hotel`, "travel/1 travel/0"},
		{"a command excludes nothing", "hotel --book europe -customer", "travel/1 refunds/0 travel/0 refunds/1"},
		{"a dash is no exclusion", "hotel - europe", "travel/1 refunds/0"},
		{"an option is no exclusion", "hotel -e europe -10", "travel/1 refunds/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ids(find(t, x, Query{Text: c.text}))); diff != "" {
				t.Errorf("hits for %q (-want +got):\n%s", c.text, diff)
			}
		})
	}
}

func TestAlsoIsOneBagWithText(t *testing.T) {
	t.Parallel()
	x := library(t)
	if got := ids(find(t, x, Query{Text: "money back", Also: []string{"refund", "ten days"}, Limit: 1})); got != "refunds/0" {
		t.Errorf("found %q", got)
	}
	if got := ids(find(t, x, Query{Also: []string{"flight"}})); got != "travel/0" {
		t.Errorf("found %q without text", got)
	}
	once := find(t, x, Query{Text: "hotel flight"})
	twice := find(t, x, Query{Text: "hotel flight", Also: []string{"flight"}})
	if ids(once) != "travel/1 travel/0" || ids(twice) != "travel/0 travel/1" {
		t.Errorf("a word in two phrasings does not count more: %s, then %s", ids(once), ids(twice))
	}
}

// Operators stand in the text of a query alone, and hold for its rephrasings.
func TestOperatorsAndRephrasings(t *testing.T) {
	t.Parallel()
	x := library(t)
	for _, c := range []struct{ name, text, also, want string }{
		{"a phrase holds", `"cheapest flight"`, "customers in europe", "travel/0"},
		{"a phrase that never occurs does not", `"flight cheapest"`, "thirty days", "travel/0 refunds/1 refunds/0"},
		{"an exclusion holds", "flight -customers", "customers in europe", "travel/0"},
		{"phrases of a rephrasing are words", "flight", `"thirty days"`, "refunds/1 travel/0 refunds/0"},
		{"exclusions of a rephrasing are words", "flight", "hotel -customers", "travel/1 travel/0 refunds/1 refunds/0"},
		{"an exclusion alone beside a rephrasing", "-customers", "europe flight", "travel/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ids(find(t, x, Query{Text: c.text, Also: []string{c.also}}))); diff != "" {
				t.Errorf("hits for %q and %q (-want +got):\n%s", c.text, c.also, diff)
			}
		})
	}
}

func TestWhatIsSaidTwiceCountsMore(t *testing.T) {
	t.Parallel()
	x := library(t)
	if got := ids(find(t, x, Query{Text: "hotel flight"})); got != "travel/1 travel/0" {
		t.Fatalf("said once: %s", got)
	}
	for _, text := range []string{"a flight, or a hotel? flights", "Flight hotel flight"} {
		if got := ids(find(t, x, Query{Text: text})); got != "travel/0 travel/1" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestWithinAndLimit(t *testing.T) {
	t.Parallel()
	x := library(t)
	asked := map[notion.ID]int{}
	within := func(p Page) bool {
		asked[p.ID]++
		_, _ = x.Page(p.Parent.PageID) // the filter may use the index
		return p.ID == "travel"
	}
	if got := ids(find(t, x, Query{Text: "customers in europe book", Within: within})); got != "travel/1 travel/0" {
		t.Errorf("found %q", got)
	}
	for id, n := range asked {
		if n > 1 {
			t.Errorf("asked %d times about %s", n, id)
		}
	}
	if got := ids(find(t, x, Query{Text: "customers in europe book", Limit: 1})); strings.Count(got, "/") != 1 {
		t.Errorf("found %q with limit 1", got)
	}
	if got := ids(find(t, x, Query{Text: `"in europe"`, Within: within})); got != "travel/1" {
		t.Errorf("found %q with a phrase", got)
	}
}

func TestHitSaysWhatMatched(t *testing.T) {
	t.Parallel()
	x := library(t)
	hits := find(t, x, Query{Text: "refund for a customer in Europe", Limit: 1})
	if diff := cmp.Diff([]string{"customers", "europe", "refunds"}, hits[0].Terms); diff != "" {
		t.Errorf("terms (-want +got):\n%s", diff)
	}
	if hits[0].Coverage != 1 {
		t.Errorf("coverage %v of a passage with all words", hits[0].Coverage)
	}
	parts := hits[0].Parts
	if sum := parts.Words + parts.Page + parts.Cover + parts.Exact + parts.Near; sum != hits[0].Score || parts.Cover <= 0 || parts.Near <= 0 || parts.Exact <= 0 || parts.Page <= 0 {
		t.Errorf("parts %+v of score %v", parts, hits[0].Score)
	}
	half := find(t, x, Query{Text: "hotel zeppelin", Limit: 1})
	if c := half[0].Coverage; c <= 0.2 || c >= 0.8 {
		t.Errorf("coverage %v of a passage with one of two words", c)
	}
	half = find(t, x, Query{Text: "zeppelin", Also: []string{"hotel", "airship"}, Limit: 1})
	if c := half[0].Coverage; math.Abs(c-0.625) > 1e-9 { // half of the mean, a quarter of it again, and a quarter of the best
		t.Errorf("coverage %v where one rephrasing of two is covered, and they agree on nothing", c)
	}
	agreed := find(t, x, Query{Text: "zeppelin hotel", Also: []string{"hotel airship", "hotel dirigible"}, Limit: 1})
	astray := find(t, x, Query{Text: "zeppelin hotel", Also: []string{"zeppelin airship", "zeppelin dirigible"}, Limit: 1})
	if agreed[0].Coverage <= astray[0].Coverage {
		t.Errorf("coverage %v with the word that all phrasings have, %v without it", agreed[0].Coverage, astray[0].Coverage)
	}
}

func TestNearWordsCount(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	filler := strings.Repeat("filler ", 12)
	apply(t, x, Change{Put: []Entry{entry("aaa", "T",
		"release "+filler+"notes "+filler, "release of notes "+filler+filler, "release notes "+filler+filler)}})
	far := "aaa/0"
	hits := find(t, x, Query{Text: "release notes"})
	if len(hits) != 3 || fmt.Sprintf("%s/%d", hits[2].Page.ID, hits[2].Passage.Ordinal) != far || hits[2].Parts.Near != 0 {
		t.Errorf("%s is not last: %s", far, ids(hits))
	}
}

// TestManyEqualScores has more passages of one score than are looked at
// closely; which of them are shown must not depend on how they are stored.
func TestManyEqualScores(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	for i := range 2 * rankPool {
		apply(t, x, Change{Put: []Entry{entry(fmt.Sprintf("page%03d", i*7%(2*rankPool)), "T", "zebra")}})
		if i%50 == 49 {
			apply(t, x, Change{Put: []Entry{entry("page000", "T", "zebra")}})
		}
	}
	if got := ids(find(t, x, Query{Text: "zebra", Limit: 3})); got != "page000/0 page001/0 page002/0" {
		t.Errorf("found %s", got)
	}
}

func TestLongQuery(t *testing.T) {
	t.Parallel()
	x := library(t)
	var words []string
	for i := range 500 {
		words = append(words, fmt.Sprintf("word%d", i), "customers")
	}
	if got := find(t, x, Query{Text: strings.Join(words, " ")}); len(got) != 3 {
		t.Errorf("found %s", ids(got))
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"refund policy", `"in europe" -customer`, `"`, `""`, "- -- -x -\"a\"", "“ the ”", "parseHTTPRequest x_y", "\xff", "東京", "-the the"} {
		f.Add(s, "days")
	}
	x := library(f)
	f.Fuzz(func(t *testing.T, text, also string) {
		hits, err := x.Search(t.Context(), Query{Text: text, Also: []string{also}})
		if err != nil {
			t.Fatalf("search for %q and %q: %v", text, also, err)
		}
		for _, h := range hits {
			if !(h.Score > 0) || h.Coverage < 0 || h.Coverage > 1 {
				t.Errorf("%q and %q: score %v, coverage %v", text, also, h.Score, h.Coverage)
			}
		}
	})
}

// cited is the block of the best hit that should be cited.
func cited(t *testing.T, x *Index, q Query) string {
	t.Helper()
	hits := find(t, x, q)
	if len(hits) == 0 {
		t.Fatalf("nothing found for %+v", q)
	}
	if n := len(hits[0].Passage.Spans); len(hits[0].Blocks) != n || len(hits[0].Tells) != n {
		t.Fatalf("%d and %d scores for %d spans", len(hits[0].Blocks), len(hits[0].Tells), n)
	}
	best, _ := passage.BestSpan(hits[0].Passage, hits[0].Tells)
	return string(hits[0].Passage.Spans[best].Block)
}

type blockText struct{ id, text string }

// passageOf is the passage of a page with some blocks.
func passageOf(page notion.ID, blocks []blockText) passage.Passage {
	p := passage.Passage{Page: page}
	for _, b := range blocks {
		if p.Text != "" {
			p.Text += "\n\n"
		}
		start := len(p.Text)
		p.Text += markdown.Text(b.text)
		p.Spans = append(p.Spans, passage.Span{Start: start, End: len(p.Text), Block: notion.ID(b.id)})
	}
	return p
}

// What all blocks are about tells none from the others, however often the
// phrasings say it.
func TestTheBlockThatDiffersIsCited(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	e := entry("refunds", "Money back", "")
	e.Passages = []passage.Passage{passageOf("refunds", []blockText{
		{"intro", "Refunds to a customer are refunds that a customer asked for; a refund goes to the card of the customer."},
		{"where", "The desk for refunds sees each customer."},
		{"who", "Above 500 euros the head of finance signs the refund."},
		{"more", "Customer refunds are also told of elsewhere."},
	})}
	apply(t, x, Change{Put: []Entry{e, entry("other", "Other", "Nothing of the kind.")}})
	q := Query{Text: "Who signs a large refund to a customer?", Also: []string{"customer refunds approval", "refund to customer signature limit", "customer refund above limit"}}
	if got := cited(t, x, q); got != "who" {
		t.Errorf("cited %s", got)
	}
}

func TestBlocksAreScored(t *testing.T) {
	t.Parallel()
	p := passageOf("stay", []blockText{
		{"head", "## Hotels"},
		{"long", "A hotel is booked by the office, which also looks after trains, flights, visas, insurance, and whatever else a journey may need before anybody can leave."},
		{"short", "Book the hotel by Friday."},
		{"nights", "A night in a hotel costs at most 120 EUR."},
		{"table", "## Trains"},
		{"columns", "| City | Booking office |\n| --- | --- |"},
		{"oslo", "| Oslo | at the station |"},
		{"heading", "## Borders"},
		{"more", "| City | Visa |\n| --- | --- |"},
		{"visa", "| Oslo | at the border |"},
	})
	p.Headings = []string{"Stay"}
	x := newIndex(t)
	e := entry("stay", "Journeys", "")
	e.Passages = []passage.Passage{p}
	apply(t, x, Change{Put: []Entry{e, entry("other", "Other", "Nothing of the kind.")}})
	for _, c := range []struct{ text, want string }{
		{"book a hotel", "short"},
		{"hotel booked by office", "long"},
		{"hotels", "short"},
		{"how much is a hotel", "nights"},
		{"trains oslo", "oslo"},
		{"booking oslo", "oslo"},
		{"visa oslo", "visa"},
		{"borders oslo", "visa"},
		{"zeppelin journeys", "long"},
	} {
		if got := cited(t, x, Query{Text: c.text}); got != c.want {
			t.Errorf("%q cites %s, want %s", c.text, got, c.want)
		}
	}
}

// Whoever chooses among candidates may read them in another order than found,
// and look into the index meanwhile.
func TestCandidatesInAnotherOrder(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{entry("a", "A", "zebra zebra lion"), entry("b", "B", "zebra"), entry("c", "C", "a zebra and another animal")}})
	want, err := x.Search(t.Context(), Query{Text: "zebra"})
	if err != nil || len(want) != 3 {
		t.Fatal(want, err)
	}
	err = x.Rank(t.Context(), Query{Text: "zebra"}, func(r *Ranked) error {
		var all []*Candidate
		for range want {
			c, err := r.Next(t.Context(), Any)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		for i, c := range slices.Backward(all) {
			page, _ := x.Page(c.Page)
			h, err := c.Read()
			if err != nil || h.Passage.Text != want[i].Passage.Text || page.Title != want[i].Page.Title || c.Score != want[i].Score {
				t.Errorf("candidate %d: %+v of %q, %v; want %+v", i, h, page.Title, err, want[i])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
