package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var samePostings = cmp.Options{cmp.AllowUnexported(posting{}), cmpopts.EquateEmpty()}

func TestPackedPostings(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]posting{
		"none":           nil,
		"first document": {{0, 1}},
		"neighbours":     {{0, 15}, {1, 1}, {2, 3}},
		"gaps":           {{4095, 1}, {8191, 2}, {8191 + 4096, 3}, {8191 + 3*4096 + 7, 4}},
		"wide gaps":      {{1 << 24, 1}, {1<<24 + 1<<25 + 5, 2}, {1<<32 - 1, 3}},
		"many":           {{0, 16}, {5, 15}, {9000, 1 << 16}, {9001, 1<<32 - 1}, {1 << 30, 70_000}},
		"no occurrence":  {{0, 0}, {3, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(list, pack(list).unpack(nil, nil), samePostings); diff != "" {
				t.Errorf("postings (-packed +unpacked):\n%s", diff)
			}
		})
	}
}

func TestPackedPostingsAreSmall(t *testing.T) {
	t.Parallel()
	var list []posting
	for doc := uint32(0); doc < 100_000; doc += 25 {
		list = append(list, posting{doc, 1 + doc%15})
	}
	if got := len(pack(list)); got != len(list) {
		t.Errorf("%d postings take %d words", len(list), got)
	}
}

func TestUnpackLeavesOutDeleted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	var all, want []posting
	gone := roaring.New()
	for doc := uint32(0); doc < 50_000; doc += 1 + r.Uint32N(40) {
		p := posting{doc, 1 + r.Uint32N(20)}
		all = append(all, p)
		if r.IntN(3) == 0 {
			gone.Add(doc)
		} else {
			want = append(want, p)
		}
	}
	got := pack(all).unpack(nil, newBitset(gone, 50_040))
	if diff := cmp.Diff(want, got, samePostings); diff != "" {
		t.Errorf("live postings (-want +got):\n%s", diff)
	}
}

func sizedWord(postings int) *word {
	w := &word{}
	w.parts[inText] = []part{{entries: &entries{packed: make([]uint16, postings)}}}
	return w
}

func TestCacheKeepsWhatWasUsedLast(t *testing.T) {
	t.Parallel()
	one := sizedWord(1000).bytes()
	c := newCache(3 * one).newWords()
	for n := range 3 {
		c.put(fmt.Sprint(n), sizedWord(1000))
	}
	c.get("0")
	c.put("3", sizedWord(1000))
	c.put("3", sizedWord(1000)) // once more, as after a change
	var kept []string
	for n := range 4 {
		if form := fmt.Sprint(n); c.get(form) != nil {
			kept = append(kept, form)
		}
	}
	if got := strings.Join(kept, " "); got != "0 2 3" {
		t.Errorf("kept %s", got)
	}
	c.put("huge", sizedWord(100_000))
	if c.get("huge") != nil || c.cache.size != 0 || len(c.of) != 0 {
		t.Errorf("a word beyond the capacity left %d bytes in %d words", c.cache.size, len(c.of))
	}
}

// All open indexes share the room, none sees the words of another, and closing
// one gives its room back.
func TestCacheIsShared(t *testing.T) {
	t.Parallel()
	one := sizedWord(1000).bytes()
	all := newCache(3 * one)
	a, b := all.newWords(), all.newWords()
	for _, form := range []string{"0", "1", "2"} {
		a.put(form, sizedWord(1000))
	}
	if b.get("0") != nil {
		t.Error("an index sees the word of another")
	}
	b.put("0", sizedWord(1000))
	if a.get("0") != nil || a.get("2") == nil || all.size != 3*one {
		t.Errorf("the word used least lately is not the one that left, of %d bytes", all.size)
	}
	a.end()
	if a.get("2") != nil || b.get("0") == nil || all.size != one {
		t.Errorf("after one index is closed there are %d bytes", all.size)
	}
}

// TestScoresWithoutCache drops every word from the cache at once, so that all
// is read again, with the same outcome.
func TestScoresWithoutCache(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	x, m := newIndex(t), model{}
	x.look(func(e *engine) { e.words = newCache(0).newWords() })
	for range 15 {
		c := randomChange(r)
		apply(t, x, c)
		m.apply(c)
		compareScores(t, m, x, Query{Text: randomText(r, 4), Limit: 1000})
	}
	x.look(func(e *engine) {
		if len(e.words.of) != 0 {
			t.Errorf("%d words in a cache without room", len(e.words.of))
		}
	})
}

// TestSearchesDuringChanges searches while segments come, go and lose
// documents; each search sees one state, and the last state scores right.
func TestSearchesDuringChanges(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	x, m := newIndex(t), model{}
	stop := make(chan struct{})
	var searches sync.WaitGroup
	for n := range 3 {
		searches.Go(func() {
			r := rand.New(rand.NewPCG(10, uint64(n)))
			for {
				select {
				case <-stop:
					return
				default:
				}
				hits := find(t, x, Query{Text: randomText(r, 3), Limit: 1000})
				for _, h := range hits {
					if !(h.Score > 0) {
						t.Errorf("passage %d of page %s scores %v", h.Passage.Ordinal, h.Page.ID, h.Score)
					}
				}
			}
		})
	}
	for range 40 {
		c := randomChange(r)
		apply(t, x, c)
		m.apply(c)
	}
	close(stop)
	searches.Wait()
	for range 10 {
		compareScores(t, m, x, Query{Text: randomText(r, 4), Limit: 1000})
	}
}

// TestLateSnapshot lets a search that began before a change look up its tables
// after one that began later, so that the newest tables are made twice.
func TestLateSnapshot(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 11))
	x, m := newIndex(t), model{}
	for range 5 {
		c := randomChange(r)
		apply(t, x, c)
		m.apply(c)
	}
	q := Query{Text: strings.Join(vocabulary, " "), Limit: 1000}
	x.look(func(e *engine) {
		late, err := e.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer late.close()
		c := Change{Put: []Entry{randomEntry(r, "page01"), randomEntry(r, "page02"), randomEntry(r, "page99")}}
		apply(t, x, c)
		m.apply(c)
		compareScores(t, m, x, q)
		if err := e.addTables(&snapshot{bleve: late.bleve, words: e.words}); err != nil {
			t.Fatal(err)
		}
		compareScores(t, m, x, q)
	})
}
