package quote

import (
	"slices"
	"strings"
	"testing"
)

const policy = "## Refunds\n\n> Customers may return goods within **30 days** of delivery, unless they were made to measure.\n\n" +
	"- Refunds go to the [original card](https://app.notion.com/p/0a1b0000000000000000000000000001#x).\n" +
	"- We do not refund shipping: it is about 4.50 €, i.e. 1,250 times a year.\n" +
	"| Tier | Limit |\n|---|---|\n| Gold | $500 |\n| Silver | $250 |\n\nSee “Exceptions” — they aren't many.\n"

func TestFaithful(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"Customers may return goods within 30 days of delivery",
		"customers  may\nreturn GOODS within **30 days** of delivery, unless they were made to measure",
		"Refunds go to the original card.",
		"Refunds go to the [original card](https://elsewhere.example/x).",
		"We do not refund shipping: it is about 4.50 €, i.e. 1,250 times",
		"Gold | $500", "Gold: $500",
		"See \"Exceptions\" - they aren’t many",
		"Customers may return … unless they were made to measure",
		"Customers may return goods [...] made to measure.",
		"within 30\u00a0days of deliv\u00adery",
		"__30__ days",
		"1,250",
	} {
		if m := Find(policy, q); m.Kind != Exact || m.Similarity != 1 || len(m.Differences) > 0 {
			t.Errorf("%q: %+v", q, m)
		}
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	m := Find(policy, "return goods … made to measure")
	if got := policy[m.Start:m.End]; got != "return goods within **30 days** of delivery, unless they were made to measure" {
		t.Errorf("stands at %q", got)
	}
	m = Find(policy, "customers may return goods within 60 days of delivery")
	if got := policy[m.Start:m.End]; got != "Customers may return goods within **30 days** of delivery" {
		t.Errorf("stands at %q", got)
	}
}

func TestAltered(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]struct {
		kind    Kind
		diff    string // of the first difference: quoted>stands
		serious bool
	}{
		"Customers may return goods within 60 days of delivery": {Near, "60>30", true},
		"Customers can return goods within 30 days of delivery": {Near, "can>may", true},
		"Customers may return goods within 30 working days":     {Near, "working>", false},
		"Customers may return within 30 days of delivery":       {Near, ">goods", false},
		"We do refund shipping: it is about 4.50 €":             {Near, ">not", true},
		"it is about 4.50 $": {Near, "$>€", true},
		"it is about 450 €":  {Near, "450>4.50", true},
		"goods return may Customers within delivery 30 days of":      {Near, "goods return may Customers within delivery 30 days of>Customers may return goods within 30 days of delivery", true},
		"Every customer is entitled to a full refund at any time":    {None, "", false},
		"made to measure … Customers may return goods within a year": {None, "", false},
		"Gold $250": {None, "", false},
		"":          {None, "", false},
		"...":       {None, "", false},
	} {
		m := Find(policy, q)
		diff := ""
		if len(m.Differences) > 0 {
			diff = m.Differences[0].Quoted + ">" + m.Differences[0].Stands
		}
		if m.Kind != want.kind || diff != want.diff || m.Serious() != want.serious {
			t.Errorf("%q: %s, %q, serious %t; want %+v", q, m.Kind, diff, m.Serious(), want)
		}
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, quote string
		want        Kind
	}{
		{"返金は30日以内に行います。送料は返金しません。", "送料は返金しません", Exact},
		{"返金は30日以内に行います。送料は返金しません。", "返金は60日以内に行います", Near},
		{"STRASSE und Maße", "straße und MASSE", Exact},
		{"ﬁnal résumé", "final re\u0301sume\u0301", Exact},
		{"مهلة الاسترداد 30 يوما", "الاسترداد 30 يوما", Exact},
		{"-5 degrees", "5 degrees", None},
		{"2½ days of leave", "2 days of leave", Near},
		{"½ day", "1/2 day", Exact},
		{"- [x] Book the room\n- [ ] Order the cake", "book the room order the cake", Exact},
		{"- [x] Book the room", "[ ] Book the room", Near},
		{"1. Stop the queue\n2. Drain it\n3. Start again", "Stop the queue. Drain it. Start again", Exact},
		{"1. Stop the queue\n2. Drain it\n3. Start again", "1. Stop the queue 2. Drain it", Exact},
		{"30. November is the last day", "31. November is the last day", Near},
		{"| SSO | ✅ |\n| SCIM | ❌ |", "SSO ✅ SCIM ✔", Near},
		{"the energy $E = mc^2$ is large", "the energy E = mc^2 is large", Exact},
		{"it costs $500 and $600 a day", "it costs 500 and 600 a day", Near},
		{"run it if a != b holds", "run it if a == b holds", Near},
		{"true when a < b holds", "true when a > b holds", Near},
		{"a + b is even here", "a - b is even here", Near},
		{"+ one thing\n+ another thing", "one thing another thing", Exact},
		{"use `a<b>` -> <quoted> here", "use a b quoted here", Exact},
		{"if a &gt;= 5 &amp;&amp; b &lt;= 6 then", "if a >= 5 && b <= 6 then", Exact},
		{"it takes &gt;500 of them", "it takes >500 of them", Exact},
		{"it takes &gt;500 of them", "it takes 500 of them", Near},
		{`a \< b and \$500 \[or so\]`, "a < b and $500 [or so]", Exact},
		{`a \< b and \$500 or so`, "a > b and $500 or so", Near},
		{`2 \+ 3 and \~x\_y are`, "2 + 3 and ~x_y are", Exact},
		{`it is \$5 \^ or \$6 then`, "it is $5 ^ or $6 then", Exact},
		{"see &lt;quoted&gt; &amp; go", "see <quoted> & go", Exact},
		{"```go\nfmt.Println(1)\n```\nThen stop.", "fmt.Println(1) Then stop.", Exact},
		{"We do not pay for shipping", "We do … pay for shipping", Near},
		{"It is not true at all. " + strings.Repeat("word ", 20) + "We pay.", "It is … We pay.", Exact},
		{"Ask Ada about the budget", "Ask Bo about the budget", Near},
		{"well-known pre-2020 case", "well known pre 2020 case", Exact},
	} {
		if m := Find(c.text, c.quote); m.Kind != c.want {
			t.Errorf("%q in %q: %+v, want %s", c.quote, c.text, m, c.want)
		}
	}
}

func TestNamesAreSerious(t *testing.T) {
	t.Parallel()
	m := Find("Ask Ada about the budget", "Ask Bo about the budget")
	if len(m.Differences) != 1 || m.Differences[0] != (Difference{Quoted: "Bo", Stands: "Ada", Grave: Name}) {
		t.Errorf("%+v", m)
	}
}

// Each serious difference says of what kind it is; a small word that is added or
// left out is not serious, and never a faithful quotation either.
func TestKindsOfDifferences(t *testing.T) {
	t.Parallel()
	const rule = "Staff and guests must not park here before 9 and pay Ada or Bo a deposit"
	for q, want := range map[string]Grave{
		"must not park here before 8":                          Number,
		"must not park here before 9 %":                        Number,
		"guests must park here before 9":                       Negation,
		"guests may not park here before 9":                    Rule,
		"guests must not park here after 9":                    Rule,
		"Staff or guests must not park here":                   Choice,
		"pay Kim or Bo a deposit":                              Name,
		"pay Ada and Bo a deposit":                             Choice,
		"Staff and or guests must not park here":               "",
		"Staff guests must not park here before 9":             "",
		"and pay Ada or Bo the deposit":                        "",
		"guests must not or park here before 9 and pay Ada or": "",
	} {
		m := Find(rule, q)
		var got Grave
		if len(m.Differences) > 0 {
			got = m.Differences[0].Grave
		}
		if m.Kind != Near || got != want || m.Serious() != (want != "") {
			t.Errorf("%q: %s, %+v, want %q", q, m.Kind, m.Differences, want)
		}
	}
}

// A word that is changed at the end or the beginning is held against the one in
// its place; one that is added there is not held against the next sentence.
func TestEndsOfQuotations(t *testing.T) {
	t.Parallel()
	const report = "# Results\n\nNobody expected this. Revenue in May was 298,000 kronor, and costs were 12,000.\nKim Lee signed it. The audit was approved by Ada\n\n## Outlook\n\nWe may hire two people"
	for q, want := range map[string]string{
		"Revenue in May was 299,000":                              "299,000>298,000",
		"this. Revenue in May was 299,000 dollars":                "299,000 dollars>298,000 kronor",
		"and costs were 13,000":                                   "13,000>12,000",
		"Bo Lee signed it":                                        "Bo>Kim",
		"Profit in May was 298,000 kronor":                        "Profit>Revenue",
		"Net profit in May was 298,000 kronor":                    "Net profit>Revenue",
		"The audit was approved by Bo":                            "Bo>Ada",
		"The audit was approved by Ada yesterday":                 "yesterday>",
		"Surely Kim Lee signed it":                                "Surely>",
		"We may hire three people":                                "three>two",
		"May hire two persons":                                    "persons>people",
		"Kim Lee signed it happily":                               "happily>",
		"Results: Nobody expected that":                           "that>this",
		"It was revenue in May was 298,000 kronor and costs were": "It was>",
	} {
		m := Find(report, q)
		if m.Kind != Near || len(m.Differences) != 1 || m.Differences[0].Quoted+">"+m.Differences[0].Stands != want {
			t.Errorf("%q: %+v, want %s", q, m, want)
		}
	}
}

// What is changed late in a long quotation is named as well.
func TestLongQuotations(t *testing.T) {
	t.Parallel()
	words := make([]string, 1200)
	for i := range words {
		words[i] = "word" + strings.Repeat("x", i%7) + string(rune('a'+i%26))
	}
	text := strings.Join(words, " ")
	for _, at := range []int{3, 499, 501, 800, 1199} {
		altered := slices.Clone(words)
		altered[at] = "42"
		m := Find(text, strings.Join(altered, " "))
		if m.Kind != Near || !m.Serious() || len(m.Differences) != 1 || m.Differences[0].Quoted != "42" || m.Differences[0].Stands != words[at] {
			t.Errorf("word %d: %+v", at, m)
		}
	}
}

// Of many differences the grave ones are told.
func TestGraveDifferencesFirst(t *testing.T) {
	t.Parallel()
	var stands, quoted []string
	for i := range 12 {
		stands = append(stands, "aa bb cc dd ee", string(rune('f'+i)))
		quoted = append(quoted, "aa bb cc dd ee", string(rune('f'+i))+"x")
	}
	stands, quoted = append(stands, "gg hh 10 ii"), append(quoted, "gg hh 20 ii")
	m := Find(strings.Join(stands, " "), strings.Join(quoted, " "))
	if m.Kind != Near || !m.Serious() || m.Differences[0].Quoted != "20" {
		t.Errorf("%+v", m)
	}
}

func FuzzFind(f *testing.F) {
	f.Add(policy, "within 30 days")
	f.Add("a\u200bb … c", "...a")
	f.Add("](x)](", "](")
	f.Fuzz(func(t *testing.T, text, q string) {
		if len(text) > 4000 || len(q) > 1000 {
			return
		}
		m := Find(text, q)
		if m.Start < 0 || m.End < m.Start || m.End > len(text) || m.Similarity < 0 || m.Similarity > 1 {
			t.Fatalf("%+v", m)
		}
		if m.Kind == Near && len(m.Differences) == 0 {
			t.Fatalf("near, and nothing differs: %+v", m)
		}
		if m.Kind == Exact && !strings.Contains(strings.ToValidUTF8(q, ""), "…") && Find(text[m.Start:m.End], q).Kind != Exact {
			t.Fatalf("%q stands at %q, and does not stand in it", q, text[m.Start:m.End])
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat(policy, 200)
	for b.Loop() {
		Find(text, "Customers may return all goods within 60 days after delivery, if they were made to measure")
	}
}
