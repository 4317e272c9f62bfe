package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// word has all postings of a word, deleted documents included. It is never
// changed once made.
type word struct {
	in    *layout
	parts [fields][]part
}

// part is where a word stands in a field of one segment.
type part struct {
	*entries
	segment int32 // in the layout
}

// entries are never changed, apart from what is known of them.
type entries struct {
	packed   postings
	measured atomic.Pointer[measure] // as of the search that measured last
}

func newPart(list []posting, segment int32) part {
	return part{&entries{packed: pack(list)}, segment}
}

// bytes is about what the word takes in a cache.
func (w *word) bytes() int {
	const itself, each = 320, 160
	n := itself
	for _, parts := range w.parts {
		for _, p := range parts {
			n += each + 2*cap(p.packed)
		}
	}
	return n
}

// wordReader finds words in one snapshot, in the cache or else in bleve.
type wordReader struct {
	*snapshot
	segments []segmentReader
}

func (s *snapshot) wordReader() *wordReader {
	return &wordReader{snapshot: s, segments: make([]segmentReader, len(s.tables))}
}

// formSep stands between the forms of a word that has several.
const formSep = "\x00"

func (r *wordReader) find(form string) (*word, error) {
	known := r.words.get(form)
	if known != nil && known.in == r.layout {
		return known, nil
	}
	if strings.Contains(form, formSep) {
		return r.findAny(form)
	}
	w := &word{in: r.layout}
	for i, id := range *r.layout {
		at := -1
		if known != nil {
			at = slices.Index(*known.in, id)
		}
		if at >= 0 {
			w.take(i, known, at)
		} else if err := r.read(w, i, form); err != nil {
			return nil, fmt.Errorf("read postings: %w", err)
		}
	}
	for i, parts := range w.parts {
		w.parts[i] = slices.Clip(parts)
	}
	r.words.put(form, w)
	return w, nil
}

// findAny finds the documents that have any of the forms of a word. Where one
// has several, that which is most frequent there counts.
func (r *wordReader) findAny(forms string) (*word, error) {
	all := &word{in: r.layout}
	for form := range strings.SplitSeq(forms, formSep) {
		w, err := r.find(form)
		if err != nil {
			return nil, err
		}
		for field := range all.parts {
			all.parts[field] = mergeParts(all.parts[field], w.parts[field])
		}
	}
	r.words.put(forms, all)
	return all, nil
}

// mergeParts merges two lists in the order of segments.
func mergeParts(a, b []part) []part {
	var out []part
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].segment < b[0].segment:
			out, a = append(out, a[0]), a[1:]
		case a[0].segment > b[0].segment:
			out, b = append(out, b[0]), b[1:]
		default:
			list := mergePostings(a[0].packed.unpack(nil, nil), b[0].packed.unpack(nil, nil))
			out = append(out, newPart(list, a[0].segment))
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func mergePostings(a, b []posting) []posting {
	out := make([]posting, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].doc < b[0].doc:
			out, a = append(out, a[0]), a[1:]
		case a[0].doc > b[0].doc:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, posting{a[0].doc, max(a[0].freq, b[0].freq)})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// take takes the parts of a segment from a word of another layout.
func (w *word) take(segment int, from *word, at int) {
	for field, parts := range from.parts {
		for _, p := range parts {
			if int(p.segment) == at {
				p.segment = int32(segment)
				w.parts[field] = append(w.parts[field], p)
			}
		}
	}
}

// read reads the parts of a segment from bleve.
func (r *wordReader) read(w *word, segment int, form string) error {
	s := &r.segments[segment]
	for field := range fields {
		if _, err := r.dict(segment, field); err != nil {
			return err
		}
		if err := s.read(field, form); err != nil {
			return err
		}
		if len(s.postings) > 0 {
			r.tables[segment].learn(field, s.postings, s.lengths)
			w.parts[field] = append(w.parts[field], newPart(s.postings, int32(segment)))
		}
	}
	return nil
}

// dict is the dictionary of a field of one segment.
func (r *wordReader) dict(at, field int) (segment.TermDictionary, error) {
	s := &r.segments[at]
	if s.dicts[field] == nil {
		dict, err := r.bleve.Segments()[at].Segment().Dictionary(fieldNames[field])
		if err != nil {
			return nil, err
		}
		s.dicts[field] = dict
	}
	return s.dicts[field], nil
}

// segmentReader reads postings of one segment from bleve.
type segmentReader struct {
	dicts    [fields]segment.TermDictionary // nil if not used yet
	list     segment.PostingsList
	iter     segment.PostingsIterator
	postings []posting
	lengths  []uint32 // of the fields of the postings
}

// measured is implemented by the postings of all of bleve's segment versions
// that we write: the norm of a field is its length.
type measured interface{ NormUint64() uint64 }

var errNorm = errors.New("the index holds postings without lengths")

func (s *segmentReader) read(field int, form string) (err error) {
	s.postings, s.lengths = s.postings[:0], s.lengths[:0]
	if s.list, err = s.dicts[field].PostingsList([]byte(form), nil, s.list); err != nil || s.list.Count() == 0 {
		return err
	}
	s.iter = s.list.Iterator(true, true, false, s.iter)
	for {
		p, err := s.iter.Next()
		if p == nil || err != nil {
			return err
		}
		norm, ok := p.(measured)
		if !ok {
			return errNorm
		}
		s.postings = append(s.postings, posting{uint32(p.Number()), uint32(p.Frequency())})
		s.lengths = append(s.lengths, uint32(norm.NormUint64()))
	}
}
