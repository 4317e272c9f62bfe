package load

import (
	"bytes"
	"encoding/csv"
	"io"
	"path"
	"strings"
)

// readCSV reads a table as people, spreadsheets and exports write them: with
// other separators, rows of different length and stray quotes. What comes behind
// a record that cannot be read is left out.
// The fields of a .tsv file are set apart by tabs, whatever they hold.
func readCSV(name string, raw []byte) []record {
	comma, skip := '\t', false
	if strings.ToLower(path.Ext(name)) != ".tsv" {
		comma, skip = separator(raw)
	}
	r := newCSV(raw, comma)
	var out []record
	for {
		fields, err := r.Read()
		if err != nil {
			return out
		}
		start, _ := r.FieldPos(0)
		end, _ := r.FieldPos(len(fields) - 1)
		// The last field may itself go over several lines.
		end += strings.Count(fields[len(fields)-1], "\n")
		if skip {
			skip = false
			continue
		}
		out = append(out, record{fields: fields, start: start, end: end})
	}
}

func newCSV(raw []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(raw))
	// Rows may be shorter or longer than the header, and quotes may stand
	// anywhere.
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, comma
	return r
}

// sampled is how many records tell which separator a table has.
const sampled = 20

// separator finds what stands between the fields: the sign with which most
// records have as many fields as the header, and of several the one that makes
// the most. skip says that the first line does nothing but name it, as Excel
// writes it.
func separator(raw []byte) (comma rune, skip bool) {
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	line = bytes.TrimSpace(line)
	if s, ok := bytes.CutPrefix(line, []byte("sep=")); ok && len(s) == 1 && strings.ContainsAny(string(s), ",;|") {
		return rune(s[0]), true
	}
	best, comma := 0, ','
	for _, c := range ",;\t" {
		if n := fit(raw, c); n > best {
			best, comma = n, c
		}
	}
	return comma, false
}

// fit is how well a separator fits; 0 if it does not stand in the header.
func fit(raw []byte, comma rune) int {
	r := newCSV(raw, comma)
	header, err := r.Read()
	if err != nil || len(header) < 2 {
		return 0
	}
	same := 1
	for range sampled {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0
		}
		if len(fields) == len(header) {
			same++
		}
	}
	return same*(maxColumns+1) + min(len(header), maxColumns)
}
