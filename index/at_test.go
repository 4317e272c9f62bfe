package index

import (
	"fmt"
	"slices"
	"testing"
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

func TestVersionGrowsWithChangesAlone(t *testing.T) {
	t.Parallel()
	x := openIndex(t, openStore(t, t.TempDir(), Config{IdleClose: 30 * time.Millisecond}), "one")
	apply(t, x, Change{State: map[string][]byte{"mark": {1}}})
	before := x.Version()
	apply(t, x, Change{Put: []Entry{entry("0000000a-0000-4000-8000-000000000000", "Apples", "red")}})
	after := x.Version()
	if after <= before {
		t.Errorf("version %d after a change, %d before", after, before)
	}
	for deadline := time.Now().Add(5 * time.Second); x.Version() != 0; {
		if time.Now().After(deadline) {
			t.Fatal("asking for the version keeps the index open")
		}
		time.Sleep(10 * time.Millisecond)
	}
	x.Totals() // opens it again
	if got := x.Version(); got != after {
		t.Errorf("version %d after opening again, want %d", got, after)
	}
}
