package index

import (
	"encoding/binary"
	"errors"
	"strings"

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

	idNear byte = 0x80 // set where the span is near its block only
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
		at := len(b)
		switch s.Block {
		case last:
			b = append(b, idBefore)
		case p.Page:
			b = append(b, idPage)
		default:
			b = appendID(b, s.Block)
		}
		if s.Near {
			b[at] |= idNear
		}
		end, last = s.End, s.Block
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendID(b []byte, id notion.ID) []byte {
	if raw, ok := rawUUID(id); ok {
		return append(append(b, idUUID), raw[:]...)
	}
	return appendText(append(b, idText), string(id))
}

// rawUUID returns the bytes of an id that is a UUID in its canonical form.
func rawUUID[T ~string | ~[]byte](id T) (raw [16]byte, ok bool) {
	if len(id) != 36 {
		return raw, false
	}
	at := 0
	for i := 0; i < len(id); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if id[i] != '-' {
				return raw, false
			}
			continue
		}
		digit := strings.IndexByte("0123456789abcdef", id[i])
		if digit < 0 {
			return raw, false
		}
		raw[at/2] = raw[at/2]<<4 | byte(digit)
		at++
	}
	return raw, true
}

func uuid(raw string) notion.ID {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 36)
	for i := range len(raw) {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[raw[i]>>4], digits[raw[i]&15])
	}
	return notion.ID(out)
}

var errRest = errors.New("what is stored beside a passage is garbled")

// decodeRest reads all of a passage but its text.
func decodeRest(data []byte) (passage.Passage, error) {
	r := reader{data: string(data)}
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
			s.Block, s.Near = r.place(last, p.Page)
			p.Spans = append(p.Spans, s)
			end, last = s.End, s.Block
		}
	}
	if r.failed || len(r.data) > 0 {
		return passage.Passage{}, errRest
	}
	return p, nil
}
