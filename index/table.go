package index

import (
	"fmt"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
)

// The fields that are searched.
const (
	inText = iota
	inHead
	inTitle
	fields
)

var fieldNames = [fields]string{fieldText, fieldHead, fieldTitle}

// table is what is known of the documents of a segment. Segments never change,
// and so tables do not either, apart from lengths that come to be known.
type table struct {
	id    uint64  // of the table; unlike a segment's it is never used for another one
	slots []int32 // of the document's page; -1 for documents that are no one's

	windows []uint32      // their ends; the passages of a page are all in one
	last    map[int32]int // by slot: its last passage, until the windows are known

	mu   sync.Mutex
	body []uint32 // length of the text of a passage, or of the title of a page; 0 is not known yet
	head []uint32

	deleted bitset // as of the last snapshot; guarded by the mutex of tables
	count   uint64 // of deleted
}

// tables keeps the tables of the newest snapshot's segments, so that after a
// small batch only a small table has to be made.
type tables struct {
	mu     sync.Mutex
	of     map[uint64]*table // by segment id
	made   uint64            // tables so far
	layout *layout           // of the last snapshot
}

// layout is the tables of a snapshot, by id. Snapshots with the same tables
// mostly have the same pointer.
type layout []uint64

// addTables gives s the tables of its segments.
func (e *engine) addTables(s *snapshot) error {
	ts := &e.tables
	ts.mu.Lock()
	defer ts.mu.Unlock()
	keep := make(map[uint64]*table, len(ts.of))
	var ids layout
	for _, seg := range s.bleve.Segments() {
		t, ok := ts.of[seg.Id()]
		if !ok {
			var err error
			if t, err = e.newTable(seg); err != nil {
				return err
			}
			ts.made++
			t.id = ts.made
		}
		keep[seg.Id()] = t
		ids = append(ids, t.id)
		s.tables = append(s.tables, t)
		s.deleted = append(s.deleted, t.without(seg.Deleted()))
		s.gone = append(s.gone, t.count)
		s.offsets = append(s.offsets, s.docs)
		s.docs += len(t.slots)
	}
	ts.of = keep
	if ts.layout == nil || !slices.Equal(*ts.layout, ids) {
		ts.layout = &ids
	}
	s.layout = ts.layout
	s.words.fit(s.docs)
	return nil
}

// without returns the deleted documents as a set. More and more documents of a
// segment are deleted, none comes back, so their number says which they are.
// It must be called with the mutex of tables held.
func (t *table) without(deleted *roaring.Bitmap) bitset {
	var count uint64
	if deleted != nil {
		count = deleted.GetCardinality()
	}
	if count != t.count {
		t.deleted, t.count = newBitset(deleted, len(t.slots)), count
	}
	return t.deleted
}

// add takes in the table of a segment of the state that is being loaded.
func (ts *tables) add(seg *scorch.SegmentSnapshot, t *table) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.of == nil {
		ts.of = map[uint64]*table{}
	}
	ts.made++
	t.id = ts.made
	ts.of[seg.Id()] = t
}

func (e *engine) newTable(seg *scorch.SegmentSnapshot) (*table, error) {
	t := emptyTable(seg)
	for n := range t.slots {
		id, err := seg.DocID(uint64(n))
		if err != nil {
			return nil, fmt.Errorf("read id of document %d: %w", n, err)
		}
		page, _ := pageOf(id)
		t.put(uint64(n), e.slot(keyOf(page)), isPassage(id))
	}
	t.divide()
	return t, nil
}

func (t *table) put(n uint64, slot int32, passage bool) {
	t.slots[n] = slot
	if passage && slot >= 0 {
		t.last[slot] = int(n)
	}
}

// divide finds the windows, once all documents are there.
func (t *table) divide() {
	start, end := 0, 0
	for n, slot := range t.slots {
		end = max(end, t.last[slot]) // of a page's own document too, which costs nothing
		if n+1 == len(t.slots) || n >= end && n+1-start >= windowDocs {
			t.windows = append(t.windows, uint32(n+1))
			start = n + 1
		}
	}
	t.last = nil
}

func emptyTable(seg *scorch.SegmentSnapshot) *table {
	size := seg.FullSize()
	t := &table{slots: make([]int32, size), body: make([]uint32, size), head: make([]uint32, size), last: map[int32]int{}}
	for n := range t.slots {
		t.slots[n] = -1
	}
	return t
}

// lengths returns the lengths of a field by document. Those of the documents
// in a list are set, and stay, once the list was made.
func (t *table) lengths(field int) []uint32 {
	if field == inHead {
		return t.head
	}
	return t.body
}

// learn notes the lengths that came with postings.
func (t *table) learn(field int, postings []posting, lengths []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.lengths(field)
	for i, p := range postings {
		if known[p.doc] == 0 { // others may be reading it
			known[p.doc] = lengths[i]
		}
	}
}
