package terms

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// show writes each word as exact=stem|stem, and a stop word as exact.
func show(text string) string {
	var out []string
	New().Words(text, func(w *Word) {
		s := w.Exact
		if !w.Stop() {
			s += "=" + strings.Join(w.Stems, "|")
		}
		out = append(out, s)
	})
	return strings.Join(out, " ")
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"only marks", " -- *** ..., ' _ ", ""},
		{"stems and stop words", "The refunds are processed", "the refunds=refund are processed=process"},
		{"possessive", "Anna's and Anna’s plan", "anna=anna and anna=anna plan=plan"},
		{"hyphens split", "PAY-1042 re-index", "pay=pay 1042=1042 re=re index=index"},
		{"dots join", "see example.com, v1.2 and 1,000.", "see=see example.com=example.com v1.2=v1.2 and 1,000=1,000"},
		{"camel", "parseHTTPRequest", "parsehttprequest=parsehttprequest|pars|http|request"},
		{"pascal", "PageMarkdown Notion NOTION", "pagemarkdown=pagemarkdown|page|markdown notion=notion notion=notion"},
		{"snake", "max_retry_count _private", "max_retry_count=max_retry_count|max|retri|count private=privat"},
		{"dotted identifier", "tokens.DefaultHandle", "tokens.defaulthandle=tokens.defaulthandl|token|default|handl"},
		{"stop words in identifiers", "isOpen", "isopen=isopen|open"},
		{"digits stay", "sha256sums", "sha256sums=sha256sums"},
		{"folding", "Café ﬁnance Ｎｏｔｉｏｎ cafe\u0301s", "cafe=cafe finance=financ notion=notion cafes=cafe"},
		{"letters in parts", "\u1112\u1161\u11ab\u1100\u1173\u11af и\u0306од", "한글=한글|한|글 йод=йод"},
		{"half width", "ｶﾞｲﾄﾞ", "ガイ=ガイ イド=イド"},
		{"lowered figures", "CO₂ and m²", "co2=co2 and m2=m2"},
		{"soft hyphen", "in\u00advoice", "invoice=invoic"},
		{"markdown", "**bold** [link](https://notion.so/x_y)", "bold=bold link=link https=https notion.so=notion.so x_y=x_y|x|y"},
		{"ideographs", "東京 tower", "東京=東京|東|京 tower=tower"},
		{"invalid", "a\xffbad \xf0\x28", "a bad=bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, show(c.text)); diff != "" {
				t.Errorf("words of %q (-want +got):\n%s", c.text, diff)
			}
		})
	}
}

func TestLongWordsAreLeftOut(t *testing.T) {
	t.Parallel()
	if got := show(strings.Repeat("x", maxWord+1) + " kept"); got != "kept=kept" {
		t.Errorf("got %q", got)
	}
}

func TestCacheChangesNothing(t *testing.T) {
	t.Parallel()
	a := New()
	var first, second []string
	for _, out := range []*[]string{&first, &second} {
		a.Words("Refunds parseHTTPRequest the Café", func(w *Word) {
			*out = append(*out, w.Exact+"="+strings.Join(w.Stems, "|"))
		})
	}
	if diff := cmp.Diff(first, second); diff != "" || len(first) != 4 {
		t.Errorf("second pass differs (-first +second):\n%s", diff)
	}
}

func TestFilterLetsFormsThrough(t *testing.T) {
	t.Parallel()
	text := "Refunds dying lies a I x9 parseRequest Café's the skies Zebra __b éa"
	New().Words(text, func(w *Word) {
		for _, form := range append(w.Stems[:len(w.Stems):len(w.Stems)], w.Exact) {
			var f Filter
			f.Add(form)
			found := false
			New().Some(text, &f, func(other *Word) { found = found || other.Start == w.Start && other.Position == w.Position })
			if !found {
				t.Errorf("a filter for %q stops %q", form, text[w.Start:w.End])
			}
		}
	})
	var f Filter
	f.Add("zebra")
	for _, word := range []string{"lion", "zero", "ze"} {
		if f.may(word) {
			t.Errorf("a filter for zebra lets %s through", word)
		}
	}
}

// However few words a filter lets through, they stand where they do without it,
// and all are counted.
func TestFilterCountsAllWords(t *testing.T) {
	t.Parallel()
	a := New()
	for _, text := range []string{
		"Plain words, e.g. the U.S. don't end here. do.it it's. x_y snake\\_case &lt;b> a&b R&D",
		"The GSA's HR, IDs of B2B and A2s: 12 of 2,023 on 2023-04-05 at 9 or 09:30, x9 9x parseHTTPRequest ABc I a",
		"naïve Zoë's 1st of v2.3 camelCase " + strings.Repeat("long", 40) + " end" + strings.Repeat("o", maxWord-3) + " 東京 tower’s a\u00adb ½ mid.",
		"a. b' c\\ d.é e'1 f\\_ g.\u0301 h", "", "'", "last.", "last'", "last\\",
	} {
		all := map[int]Word{}
		n := a.Words(text, func(w *Word) { all[w.Position] = *w })
		for _, w := range all {
			var f Filter
			f.Add(w.Exact)
			found := false
			got := a.Some(text, &f, func(other *Word) {
				if known := all[other.Position]; known.Start != other.Start || known.End != other.End {
					t.Errorf("%q: word %d is %d:%d, and %d:%d without the filter", text, other.Position, other.Start, other.End, known.Start, known.End)
				}
				found = found || other.Position == w.Position
			})
			if got != n || !found {
				t.Errorf("%q: with a filter for %q there are %d words, found %t, and %d without", text, w.Exact, got, found, n)
			}
		}
	}
}

// TestFilterKnowsHowStemsBegin stems each start of three letters with many
// endings.
func TestFilterKnowsHowStemsBegin(t *testing.T) {
	t.Parallel()
	endings := strings.Fields("s 's ional encies ances izer alli enci lessli edly ingly ement ments ivity abilities ogies ically s es ed er ing ings y ly ies ied ying e eed ational ization fulness ousli iviti logi sses ative ness")
	word := []byte("...")
	a := New()
	stem := func(word string) string { return a.stem(a.lexicon(English), word, word) }
	for n := range 26 * 26 * 26 {
		word[0], word[1], word[2] = 'a'+byte(n/676), 'a'+byte(n/26%26), 'a'+byte(n%26)
		for _, ending := range []string{"", endings[n%len(endings)], endings[n/7%len(endings)]} {
			for _, short := range []string{string(word) + ending, string(word[:2]) + ending} {
				var f Filter
				if f.Add(stem(short)); !f.may(short) {
					t.Fatalf("a filter for %q stops %q", stem(short), short)
				}
			}
		}
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"The refunds", "parseHTTPRequest a_b.c", "1,2.3", "東京Tower’s", "返金はいつですか犬", "l'eau d'été", "한국어를", "ภาษาไทย", "\xff\xfe", "İstanbul ﬃ"} {
		f.Add(s)
	}
	a := New()
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		a.Asked(text, 1<<detectable-2, func(w *Word, others []string) {
			if w.Stop() && len(others) > 0 || slices.Contains(others, "") {
				t.Fatalf("other stems %q of %q in %q", others, text[w.Start:w.End], text)
			}
		})
		a.Words(text, func(w *Word) {
			if w.Start < last && !w.bigram || w.End <= w.Start || w.End > len(text) {
				t.Fatalf("word %d:%d after %d in %q", w.Start, w.End, last, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[w.Start:w.End]) {
				t.Fatalf("word %q cuts a rune of %q", text[w.Start:w.End], text)
			}
			if w.Exact == "" || strings.TrimSpace(w.Exact) != w.Exact {
				t.Fatalf("exact form %q of %q", w.Exact, text)
			}
			last = w.End
			for _, form := range append(w.Stems[:len(w.Stems):len(w.Stems)], w.Exact) {
				var f Filter
				if f.Add(form); !f.may(text[w.Start:w.End]) {
					t.Fatalf("a filter for %q stops %q", form, text[w.Start:w.End])
				}
			}
		})
	})
}
