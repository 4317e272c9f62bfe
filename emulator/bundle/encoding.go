package bundle

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode turns a text into UTF-8 and says what it was if that had to be
// guessed. What is no text is nil.
func decode(raw []byte) (data []byte, was string) {
	if e, ok := wide(raw); ok {
		out, err := unicode.UTF16(e, unicode.UseBOM).NewDecoder().Bytes(raw)
		if err != nil {
			return nil, broken
		}
		return out, "read as UTF-16"
	}
	raw = trimMarks(raw)
	if mostlyUTF8(raw) {
		return raw, ""
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return nil, "not read, no text though its name says so"
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, broken
	}
	return out, "read as Windows-1252 (Latin-1), since it is not UTF-8"
}

// trimMarks takes off the marks that say that a text is UTF-8. Some exports
// write two.
func trimMarks(raw []byte) []byte {
	mark := []byte("\uFEFF")
	for bytes.HasPrefix(raw, mark) {
		raw = raw[len(mark):]
	}
	return raw
}

// wide recognises UTF-16 by its mark, or by its zeros: nearly every second byte
// of a text in a language of Europe.
func wide(raw []byte) (e unicode.Endianness, ok bool) {
	if bytes.HasPrefix(raw, []byte{0xFF, 0xFE}) {
		return unicode.LittleEndian, true
	}
	if bytes.HasPrefix(raw, []byte{0xFE, 0xFF}) {
		return unicode.BigEndian, true
	}
	head := raw[:min(len(raw), 1024)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case half < 2 || len(raw)%2 != 0:
		return e, false
	case zeros[1]*10 >= half*7 && zeros[0] == 0:
		return unicode.LittleEndian, true
	case zeros[0]*10 >= half*7 && zeros[1] == 0:
		return unicode.BigEndian, true
	}
	return e, false
}

// mostlyUTF8 says whether a text is UTF-8, perhaps with some broken letters:
// another encoding has hardly any sequence that is valid in it.
func mostlyUTF8(raw []byte) bool {
	if utf8.Valid(raw) {
		return true
	}
	good, bad := 0, 0
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		raw = raw[n:]
	}
	return good > bad
}

// dosName reads the name of a file that an old program put into a zip file.
func dosName(name string) string {
	out, err := charmap.CodePage437.NewDecoder().String(name)
	if err != nil {
		return name
	}
	return out
}
