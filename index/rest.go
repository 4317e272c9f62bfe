package index

import (
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// The rest of a passage, beside its text, is read dozens of times in a search
// and therefore written so that this is quick: ordinal, page, headings and spans,
// each list after its length. Numbers are varints, and a span is its distance
// from the one before, its length and its block.

// How an id is written: as that of the span before, as that of the page, as the
// 16 bytes of a UUID, or else as a text.
const (
	idBefore byte = iota
	idPage
	idUUID
	idText
)

func encodeRest(p *passage.Passage) []byte {
	b := binary.AppendUvarint(nil, uint64(p.Ordinal))
	b = appendID(b, p.Page)
	b = binary.AppendUvarint(b, uint64(len(p.Headings)))
	for _, h := range p.Headings {
		b = appendText(b, h)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Spans)))
	end, last := 0, p.Page
	for _, s := range p.Spans {
		b = binary.AppendVarint(b, int64(s.Start-end))
		b = binary.AppendVarint(b, int64(s.End-s.Start))
		switch s.Block {
		case last:
			b = append(b, idBefore)
		case p.Page:
			b = append(b, idPage)
		default:
			b = appendID(b, s.Block)
		}
		end, last = s.End, s.Block
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendID(b []byte, id notion.ID) []byte {
	if raw, err := hex.DecodeString(id.Compact()); err == nil && len(raw) == 16 && uuid(raw) == id {
		return append(append(b, idUUID), raw...)
	}
	return appendText(append(b, idText), string(id))
}

func uuid(raw []byte) notion.ID {
	var out [36]byte
	hex.Encode(out[:8], raw[:4])
	hex.Encode(out[9:13], raw[4:6])
	hex.Encode(out[14:18], raw[6:8])
	hex.Encode(out[19:23], raw[8:10])
	hex.Encode(out[24:], raw[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return notion.ID(out[:])
}

var errRest = errors.New("what is stored beside a passage is garbled")

// decodeRest reads all of a passage but its text.
func decodeRest(data []byte) (passage.Passage, error) {
	r := restReader{data: data}
	p := passage.Passage{Ordinal: r.count()}
	p.Page = r.id("", "")
	for range r.length() {
		p.Headings = append(p.Headings, r.text())
	}
	if n := r.length(); n > 0 {
		p.Spans = make([]passage.Span, 0, n)
		end, last := 0, p.Page
		for range n {
			s := passage.Span{Start: end + r.number()}
			s.End = s.Start + r.number()
			s.Block = r.id(last, p.Page)
			p.Spans = append(p.Spans, s)
			end, last = s.End, s.Block
		}
	}
	if r.failed || len(r.data) > 0 {
		return passage.Passage{}, errRest
	}
	return p, nil
}

// restReader takes values off the front of data. Once there is nothing right to
// take, it gives zeros.
type restReader struct {
	data   []byte
	failed bool
}

func (r *restReader) fail() {
	r.data, r.failed = nil, true
}

func (r *restReader) take(n int) []byte {
	if n > len(r.data) {
		r.fail()
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *restReader) number() int {
	v, n := binary.Varint(r.data)
	if n <= 0 || int64(int32(v)) != v {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return int(v)
}

func (r *restReader) count() int {
	v, n := binary.Uvarint(r.data)
	if n <= 0 || uint64(int32(v)) != v || int32(v) < 0 {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return int(v)
}

// length is that of something whose every part takes a byte at least.
func (r *restReader) length() int {
	n := r.count()
	if n > len(r.data) {
		r.fail()
		return 0
	}
	return n
}

func (r *restReader) text() string { return string(r.take(r.length())) }

func (r *restReader) id(before, page notion.ID) notion.ID {
	kind := r.take(1)
	if kind == nil {
		return ""
	}
	switch kind[0] {
	case idBefore:
		return before
	case idPage:
		return page
	case idText:
		return notion.ID(r.text())
	case idUUID:
		if raw := r.take(16); raw != nil {
			return uuid(raw)
		}
		return ""
	}
	r.fail()
	return ""
}
