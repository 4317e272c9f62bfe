package index

import "github.com/mcp-notion/mcp-notion/notion"

// reader takes values off the front of data. Its texts are parts of data, and
// need no memory of their own. Once there is nothing right to take, it gives
// zeros.
type reader struct {
	data   string
	failed bool
}

func (r *reader) fail() {
	r.data, r.failed = "", true
}

func (r *reader) take(n int) string {
	if n > len(r.data) {
		r.fail()
		return ""
	}
	s := r.data[:n]
	r.data = r.data[n:]
	return s
}

func (r *reader) byte() byte {
	if s := r.take(1); s != "" {
		return s[0]
	}
	return 0
}

// uvarint is binary.Uvarint for a string.
func (r *reader) uvarint() (v uint64) {
	for i := 0; i < len(r.data) && i < 10; i++ {
		b := r.data[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.data = r.data[i+1:]
			return v
		}
	}
	r.fail()
	return 0
}

func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *reader) number() int {
	v := r.varint()
	if int64(int32(v)) != v {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) count() int {
	v := r.uvarint()
	if uint64(int32(v)) != v || int32(v) < 0 {
		r.fail()
		return 0
	}
	return int(v)
}

// length is that of something whose every part takes a byte at least.
func (r *reader) length() int {
	n := r.count()
	if n > len(r.data) {
		r.fail()
		return 0
	}
	return n
}

func (r *reader) text() string { return r.take(r.length()) }

// id reads one that may be that of the span before, or of the page.
func (r *reader) id(before, page notion.ID) notion.ID {
	id, _ := r.place(before, page)
	return id
}

// place is the block of a span, and whether the span is only near it.
func (r *reader) place(before, page notion.ID) (id notion.ID, near bool) {
	kind := r.take(1)
	if kind == "" {
		return "", false
	}
	near = kind[0]&idNear != 0
	switch kind[0] &^ idNear {
	case idBefore:
		return before, near
	case idPage:
		return page, near
	case idText:
		return notion.ID(r.text()), near
	case idUUID:
		return uuid(r.take(16)), near
	}
	r.fail()
	return "", false
}
