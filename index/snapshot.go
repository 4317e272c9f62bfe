package index

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// snapshot is one state of an index, the same in all its parts, whatever is
// applied meanwhile. It must be closed.
type snapshot struct {
	bleve   *scorch.IndexSnapshot
	roster  *roster
	title   func(notion.ID) string // of a page in roster
	words   *words
	layout  *layout
	tables  []*table // by segment
	deleted []bitset // by segment
	gone    []uint64 // by segment: documents that are deleted; more and more are, so the number says which
	offsets []int    // by segment: number of its first document
	docs    int      // documents in all segments, deleted ones included
}

func (s *snapshot) close() { _ = s.bleve.Close() }

// snapshot returns the newest state.
func (e *engine) snapshot() (*snapshot, error) {
	now, r := e.view()
	if now == nil {
		return nil, ErrClosed
	}
	s := &snapshot{bleve: now, roster: r, title: e.titles(r), words: e.words}
	if err := e.addTables(s); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// view returns the newest state that is on disk, nil if there is none, and the
// roster that goes with it.
func (e *engine) view() (*scorch.IndexSnapshot, *roster) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.held != nil {
		e.held.AddRef()
		return e.held, e.current
	}
	if e.scorch == nil {
		return nil, nil
	}
	return newest(e.scorch), e.current
}

// newest returns bleve's newest state, be it on disk or not.
func newest(b bleve.Index) *scorch.IndexSnapshot {
	r, err := b.Reader()
	if err != nil {
		return nil
	}
	s, _ := r.(*scorch.IndexSnapshot)
	return s
}

// versionOf returns the number of the batch that made a snapshot; 0 for a
// snapshot that no batch of ours made.
func versionOf(s *scorch.IndexSnapshot) uint64 {
	v := s.Internal()[versionKey]
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// locate splits a document number of the snapshot.
func (s *snapshot) locate(doc int) (segment int, local uint64) {
	for segment = len(s.offsets) - 1; segment > 0 && s.offsets[segment] > doc; segment-- {
	}
	return segment, uint64(doc - s.offsets[segment])
}

// id returns the id of a document, for breaking ties.
func (s *snapshot) id(doc int) string {
	segment, local := s.locate(doc)
	id, err := s.bleve.Segments()[segment].DocID(local)
	if err != nil {
		return ""
	}
	return string(id)
}

// text returns the text of a passage.
func (s *snapshot) text(doc int) (markdown.Text, error) {
	var text markdown.Text
	err := s.visit(doc, func(field string, v []byte) error {
		if field == fieldText {
			text = markdown.Kept(string(v))
		}
		return nil
	})
	return text.Named(s.title), err
}

// passage returns a passage with the titles that are known now, so that all who
// read, quote or check it have the same text.
func (s *snapshot) passage(doc int) (passage.Passage, error) {
	var p passage.Passage
	var text string
	err := s.visit(doc, func(field string, v []byte) (err error) {
		switch field {
		case fieldText:
			text = string(v)
		case fieldRest:
			p, err = decodeRest(v)
		}
		return err
	})
	if err != nil {
		return p, err
	}
	p.Text = markdown.Kept(text)
	return p.Named(s.title), nil
}

// visit calls use with the stored fields of a document. The values are only
// valid during the call.
func (s *snapshot) visit(doc int, use func(field string, value []byte) error) error {
	segment, local := s.locate(doc)
	return visit(s.bleve.Segments()[segment], local, use)
}

func visit(seg *scorch.SegmentSnapshot, local uint64, use func(field string, value []byte) error) error {
	var failed error
	err := seg.VisitDocument(local, func(field string, _ byte, value []byte, _ []uint64) bool {
		failed = use(field, value)
		return failed == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("read document %d: %w", local, err)
	}
	return nil
}

// find returns the numbers of the documents with the given ids, in no order.
// Ids that are not there are left out.
func (s *snapshot) find(ids []string) ([]int, error) {
	var found []int
	for i, seg := range s.bleve.Segments() {
		docs, err := seg.DocNumbers(ids)
		if err != nil {
			return nil, fmt.Errorf("look up documents: %w", err)
		}
		each(docs, func(n uint64) { found = append(found, s.offsets[i]+int(n)) })
	}
	return found, nil
}

func each(docs *roaring.Bitmap, do func(uint64)) {
	for it := docs.Iterator(); it.HasNext(); {
		do(uint64(it.Next()))
	}
}
