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
		if c := find(t, x, Query{Text: text, Limit: 1})[0].Coverage; math.Abs(c-want) > 1e-9 {
			t.Errorf("%q: evidence %v, want %v", text, c, want)
		}
	}
}
