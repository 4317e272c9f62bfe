package index

import (
	"testing"

	bleve "github.com/blevesearch/bleve_index_api"
)

// While an index is read anew after a batch that was thought to have failed, what
// is held can be searched, with the documents that the batch deleted.
func TestSearchWhileAFailedBatchIsReadAnew(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{})
	x := openIndex(t, s, "somebody")
	apply(t, x, Change{Put: []Entry{entry("p0", "T", "zebra one"), entry("p1", "T", "zebra two")}})
	e := x.shared.engine
	e.hold() // as for a batch, which then lands although it is said to fail
	b := bleve.NewBatch()
	b.Delete(passageID("p0", 0))
	b.Delete(pagePrefix + "p0")
	b.SetInternal([]byte(versionKey), versionBytes(e.current.version+1))
	if err := e.scorch.Batch(b); err != nil {
		t.Fatal(err)
	}
	if _, err := e.load(e.current.version + 1); err != nil {
		t.Fatal(err)
	}
	if got := find(t, x, Query{Text: "zebra"}); len(got) != 2 {
		t.Errorf("found %d passages of what is held, want 2", len(got))
	}
}
