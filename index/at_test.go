package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAtReadsPassagesByPlace(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	const a, b = "0000000a-0000-4000-8000-000000000000", "0000000b-0000-4000-8000-000000000000"
	apply(t, x, Change{Put: []Entry{entry(a, "Apples", "red", "green"), entry(b, "Pears", "yellow")}})
	hits, err := x.At(t.Context(), []Place{{a, 1}, {b, 0}, {b, 1}, {a, -1}, {"unknown", 0}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range hits {
		got = append(got, fmt.Sprint(h.Page.Title, h.Passage.Ordinal, h.Passage.Text))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"Apples1green", "Pears0yellow"}, got); diff != "" {
		t.Errorf("At (-want +got):\n%s", diff)
	}
}

func TestAdmitted(t *testing.T) {
	t.Parallel()
	x := library(t)
	places := []Place{{"refunds", 0}, {"refunds", 1}, {"travel", 0}, {"band", 0}, {"gone", 0}}
	notTravel := func(p Page) bool { return p.ID != "travel" }
	for _, c := range []struct {
		name  string
		query Query
		want  string
	}{
		{"no operators", Query{Text: "zebra"}, "band/0 refunds/0 refunds/1 travel/0"},
		{"phrase", Query{Text: `zebra "customers in"`}, "refunds/0 refunds/1"},
		{"phrase in the title", Query{Text: `"who we are"`}, "band/0"},
		{"phrase that never occurs", Query{Text: `"in customers"`}, "band/0 refunds/0 refunds/1 travel/0"},
		{"phrase that never occurs within", Query{Text: `"cheapest flight"`, Within: notTravel}, "band/0 refunds/0 refunds/1 travel/0"},
		{"exclusion", Query{Text: "zebra -customer"}, "band/0 travel/0"},
		{"exclusion in the title", Query{Text: "zebra -policies"}, "band/0"},
		{"excluded phrase", Query{Text: `zebra -"thirty days"`}, "band/0 refunds/0 travel/0"},
		{"phrase and exclusion", Query{Text: `"customers in" -thirty`, Also: []string{"flight"}}, "refunds/0"},
		{"inches", Query{Text: `a 5" pipe, 7" long`}, "band/0 refunds/0 refunds/1 travel/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hits, err := x.Admitted(t.Context(), c.query, places)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Fields(ids(hits))
			slices.Sort(got)
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("admitted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionGrowsWithChangesAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := openIndex(t, openStore(t, t.TempDir(), Config{IdleClose: time.Minute}), "one")
		apply(t, x, Change{State: map[string][]byte{"mark": {1}}})
		before := x.Version()
		apply(t, x, Change{Put: []Entry{entry("0000000a-0000-4000-8000-000000000000", "Apples", "red")}})
		after := x.Version()
		if after <= before {
			t.Errorf("version %d after a change, %d before", after, before)
		}
		for range 60 {
			time.Sleep(2 * time.Second)
			x.Version() // keeps nothing open
		}
		if got := x.Version(); got != 0 {
			t.Errorf("version %d of an index that is closed", got)
		}
		x.Totals() // opens it again
		if got := x.Version(); got != after {
			t.Errorf("version %d after opening again, want %d", got, after)
		}
	})
}
