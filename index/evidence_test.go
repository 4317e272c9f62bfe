package index

import (
	"math"
	"testing"
)

func TestHasNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"At most 120 days.":                             true,
		"Two weeks are usual.":                          true,
		"For one year.":                                 true,
		"½ of the price":                                true,
		"1. Choose a hotel":                             false,
		"> 12) Choose a hotel":                          false,
		"1. Wait 3 days":                                true,
		"Two-factor one":                                true,
		"One of the weeks":                              false,
		"See `https://x.example/24`":                    false,
		"More here. (docs.example.com/d/1JtzgWp4/edit)": false,
		"On 24/7, v1.27 of 2024/07/19":                  true,
		"A few days.":                                   false,
	} {
		if hasNumber(text) != want {
			t.Errorf("%q: number %v", text, !want)
		}
	}
}

func TestEvidenceMissesTheNumberAskedFor(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{
		entry("1", "Hotels", "1. The maximum rate of a hotel is listed at https://rates.example/2026"),
		entry("2", "Trains", "The maximum price of a train is 40 euros"),
	}})
	for text, want := range map[string]float64{
		"maximum rate of a hotel":  leftWithoutNumber,
		"rate of a hotel":          1,
		"maximum price of a train": 1,
	} {
		if c := find(t, x, Query{Text: text, Limit: 1})[0].Confidence; math.Abs(c-want) > 1e-9 {
			t.Errorf("%q: evidence %v, want %v", text, c, want)
		}
	}
}

// What is sure of a query does not hang on how many words it has: less is known
// of a few words than of as large a part of many.
func TestConfidenceOfShortAndLongQueries(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{entry("1", "Hotels", "The maximum rate of a hotel abroad is what the embassy lists")}})
	of := func(q Query) Hit { return find(t, x, q)[0] }
	const missing = " zeppelin regatta xylophone mooring helium yacht"
	short, long := of(Query{Text: "hotel zeppelin"}), of(Query{Text: "maximum rate hotel abroad embassy lists" + missing})
	if short.Confidence >= short.Coverage || long.Confidence <= long.Coverage {
		t.Errorf("confidence %.2f of %.2f of two words, %.2f of %.2f of twelve", short.Confidence, short.Coverage, long.Confidence, long.Coverage)
	}
	if one, all := of(Query{Text: "hotel"}), of(Query{Text: "rate hotel abroad embassy lists"}); one.Confidence != 1 || all.Confidence != 1 {
		t.Errorf("confidence %v and %v of one word and of five, all of which are there", one.Confidence, all.Confidence)
	}
}

// A word that the question has, and a rephrasing keeps, is what it is about.
func TestConfidenceMissesWhatRephrasingsKeep(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	apply(t, x, Change{Put: []Entry{
		entry("1", "Hotels", "The maximum rate of a hotel abroad is what the embassy lists"),
		entry("2", "Boats", "A zeppelin is no boat"),
	}})
	left := func(q Query) float64 {
		h := find(t, x, q)[0]
		return h.Confidence / math.Pow(h.Coverage, math.Sqrt(usualWords*2./5))
	}
	for _, c := range []struct {
		text, also string
		want       float64
	}{
		{"hotel regatta rate", "hotel regatta embassy maximum", 1 - weightLacking}, // on no page
		{"hotel rate abroad", "hotel regatta embassy", 1},                          // a guess
		{"hotel zeppelin rate", "hotel zeppelin embassy maximum", 1},               // on another page that was found
	} {
		if got := left(Query{Text: c.text, Also: []string{c.also}}); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q and %q: %.3f is left of it, want %.3f", c.text, c.also, got, c.want)
		}
	}
}
