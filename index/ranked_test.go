package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// zoo is an index of some pages, with passages of the same few words.
func zoo(t *testing.T) *Index {
	t.Helper()
	x := newIndex(t)
	r := rand.New(rand.NewPCG(1, 2))
	var c Change
	for n := range 50 {
		var words []string
		for range 5 + r.IntN(60) {
			words = append(words, []string{"zebra", "zebras", "lion", "lions", "bear", "and", "hare", "feed", "feeding"}[min(r.IntN(9), r.IntN(9))])
		}
		c.Put = append(c.Put, entry(fmt.Sprintf("page%02d", n), []string{"Zebra", "Hares", "Animals"}[n%3], strings.Join(words, " ")))
	}
	apply(t, x, c)
	return x
}

// What is taken by and by is what a list of all would have given, whatever is
// wanted meanwhile.
func TestTakenByAndBy(t *testing.T) {
	t.Parallel()
	x := zoo(t)
	for n := range uint64(200) {
		r := rand.New(rand.NewPCG(3, n))
		q := Query{Text: []string{"feeding zebras", "lions and bears", "hare"}[n%3], Also: []string{"zebra lion", "feed the hares"}[:n%2], Limit: 1 + r.IntN(40)}
		want, err := x.Search(t.Context(), q)
		if err != nil || len(want) == 0 {
			t.Fatal(want, err)
		}
		// The first few are all wanted, then some pages, if they are not much worse.
		few, some, least, taken := r.IntN(6), 1+r.IntN(7), r.Float64()*want[0].Score, 0
		wanted := func(at Place, score float64) bool {
			return taken < few || (int(at.Page[5])+taken)%some == 0 && score >= least
		}
		var list, got []notion.ID
		for _, h := range want {
			if wanted(Place{Page: h.Page.ID}, h.Score) {
				list, taken = append(list, h.Page.ID), taken+1
			}
		}
		taken = 0
		err = x.Rank(t.Context(), q, func(ranked *Ranked) error {
			for c, err := ranked.Next(t.Context(), wanted); c != nil || err != nil; c, err = ranked.Next(t.Context(), wanted) {
				if err != nil {
					return err
				}
				got, taken = append(got, c.Page), taken+1
			}
			return nil
		})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(list) {
			t.Fatalf("%d: %+v takes %v, %v; want %v", n, q, got, err, list)
		}
	}
}

// Only the texts are read that tell which passage is next.
func TestFewTextsAreRead(t *testing.T) {
	t.Parallel()
	x := zoo(t)
	err := x.Rank(t.Context(), Query{Text: "feeding zebras and lions", Limit: 40}, func(r *Ranked) error {
		if c, err := r.Next(t.Context(), Any); c == nil || err != nil {
			t.Fatal(c, err)
		}
		read := 0
		for i := range r.pool {
			if r.pool[i].read {
				read++
			}
		}
		if read > len(r.pool)/2 {
			t.Errorf("read %d of %d texts for one passage", read, len(r.pool))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
