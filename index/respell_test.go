package index

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// office is what the misspelt words of the tests are about.
func office(t testing.TB) *Index {
	t.Helper()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{
		entry("expenses", "Expense policy", "Approvals: A purchase over 500 euros needs the approval of the department. Purchases are receipted.", "Reimbursement: Money comes back within ten days."),
		entry("start", "Onboarding", "A newcomer gets a laptop, and a customer visit, in the first week.", "Deployment: Deployments happen on Tuesday; nobody deploys on Friday."),
		entry("sites", "Offices", "The office in Utrecht has a location plan. Contracts are kept in the archive of version v2beta1."),
		entry("deutsch", "Urlaubsregelung", "Der Urlaub wird von der Abteilungsleitung genehmigt, und die Genehmigung kommt nach drei Tagen."),
	}})
	return x
}

func respelt(hits []Hit) string {
	var all []string
	for _, r := range hits[:min(1, len(hits))] {
		for _, r := range r.Respelled {
			all = append(all, r.Said+"="+r.Meant)
		}
	}
	return strings.Join(all, " ")
}

func TestRespell(t *testing.T) {
	t.Parallel()
	x := office(t)
	for _, c := range []struct{ name, text, first, want string }{
		{"a letter missing", "purchse approval", "expenses/0", "purchse=purchase"},
		{"a letter too many", "approvall of a purchase", "expenses/0", "approvall=approval"},
		{"another letter", "expanse policy", "expenses/1", "expanse=expense"},
		{"letters in the wrong order", "purhcase", "expenses/0", "purhcase=purchase"},
		{"in the ending", "custmer visit", "start/0", "custmer=customer"},
		{"two slips in a long word", "deploymntt", "start/1", "deploymntt=deployment"},
		{"in the title alone", "onbording", "start/1", "onbording=onboarding"},
		{"two words", "reimbursmnt purchsae", "expenses/0", "purchsae=purchase"},
		{"capitals", "PURCHSE", "expenses/0", "purchse=purchase"},
		{"another language", "urlaubsregelnug genehmigung", "deutsch/0", "urlaubsregelnug=urlaubsregelung"},
		{"accents", "dépratment", "expenses/0", "depratment=department"},
		{"in quotes", `"purchse over"`, "expenses/0", "purchse=purchase"},

		{"a word that is there", "purchases", "expenses/0", ""},
		{"a form of a word that is there", "purchasing", "expenses/0", ""},
		{"a short word", "tne laptop", "start/0", ""},
		{"two slips in a short word", "purhse laptop", "start/0", ""},
		{"a number", "5000 euros", "expenses/0", ""},
		{"an identifier", "v2beta2 archive", "sites/0", ""},
		{"another first letter", "vacation plan", "sites/0", ""},
		{"a near stem whose words are far", "oficiation week", "start/0", ""},
		{"a near stem and another ending", "the deploiment", "start/1", "deploiment=deployment"},
		{"far from everything", "zanzibar plan", "sites/0", ""},
		{"the word beside it", "purchase purchse", "expenses/0", ""},
		{"left out", "approval -purchse", "expenses/0", ""},
		{"nothing", "zanzibar", "", ""},
	} {
		hits := find(t, x, Query{Text: c.text, Respell: true})
		if got, _, _ := strings.Cut(ids(hits), " "); got != c.first || respelt(hits) != c.want {
			t.Errorf("%s: %s: %q with %q, want %q with %q", c.name, c.text, got, respelt(hits), c.first, c.want)
		}
	}
	if hits := find(t, x, Query{Text: "laptop", Also: []string{"purchse"}, Respell: true}); respelt(hits) != "" || len(hits) != 1 {
		t.Errorf("a guess is respelt: %s, %q", ids(hits), respelt(hits))
	}
	if hits := find(t, x, Query{Text: "purchse"}); len(hits) != 0 {
		t.Errorf("unasked: %s", ids(hits))
	}
}

// A query whose words all stand somewhere is answered the same with Respell as
// without.
func TestRespellLeavesKnownWordsAlone(t *testing.T) {
	t.Parallel()
	x := office(t)
	for _, text := range []string{"purchase approval", "deploy Friday", "first week", "Urlaub Genehmigung", "contracts location"} {
		plain, asked := find(t, x, Query{Text: text}), find(t, x, Query{Text: text, Respell: true})
		if fmt.Sprintf("%+v", plain) != fmt.Sprintf("%+v", asked) {
			t.Errorf("%s:\n%+v\n%+v", text, plain, asked)
		}
	}
}

// The words come from the pages of this index as they are now: not from those
// that went, and from nobody else's.
func TestRespellKnowsOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{})
	mine, other := openIndex(t, s, "me"), openIndex(t, s, "other")
	apply(t, other, Change{Put: []Entry{entry("secret", "Acquisition", "The acquisition of Corvane is secret.")}})
	apply(t, mine, Change{Put: []Entry{entry("gone", "Dismissals", "The dismissal of a manager."), entry("here", "Plans", "The plan of a team.")}})
	if hits := find(t, mine, Query{Text: "aquisition plan", Respell: true}); ids(hits) != "here/0" || respelt(hits) != "" {
		t.Errorf("of another connection: %s, %q", ids(hits), respelt(hits))
	}
	if hits := find(t, mine, Query{Text: "dismisal", Respell: true}); respelt(hits) != "dismisal=dismissal" {
		t.Errorf("before it went: %q", respelt(hits))
	}
	apply(t, mine, Change{Remove: []notion.ID{"gone"}})
	if hits := find(t, mine, Query{Text: "dismisal plan", Respell: true}); ids(hits) != "here/0" || respelt(hits) != "" {
		t.Errorf("of a page that went: %s, %q", ids(hits), respelt(hits))
	}
}

// BenchmarkRespell asks with a word that nothing has, of a large vocabulary.
func BenchmarkRespell(b *testing.B) {
	l := newLanguage(1, 50_000)
	x := newIndex(b)
	fill(b, x, l, 10_000)
	for name, word := range map[string]string{"known": "", "short": "qarken", "long": "qarkenlyqarken"} {
		for _, respell := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/%v", name, respell), func(b *testing.B) {
				for range b.N {
					if _, err := x.Search(b.Context(), Query{Text: l.content(3) + " " + word, Respell: respell}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
