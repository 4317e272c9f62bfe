package index

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// record is what is stored of a page.
type record struct {
	Page    Page    `json:"page"`
	Lengths lengths `json:"lengths"`
	Bytes   int     `json:"bytes"` // of the text of the passages
	Values  bool    `json:"values,omitempty"`
	Draft   bool    `json:"draft,omitempty"`

	Language  terms.Language  `json:"language,omitempty"`  // of the title
	Languages terms.Languages `json:"languages,omitempty"` // of the title and the passages
}

// packed is a record as it is stored. All of an open index are kept in memory
// in this form, for it takes a fifth of the memory and nothing to read it:
//
//	version, title, id, flags, the ids that the flags name, address, words, times, counts
//
// "" is no record.
type packed string

// recordVersion is not the first byte of JSON, in which earlier versions wrote.
const recordVersion = 1

// The flags of a record.
const (
	hasValues = 1 << iota
	hasDraft
	inWorkspace
	hasPage // the first of five ids
)

// ids are those that most records have one of.
func (p *Page) ids() [5]*notion.ID {
	return [...]*notion.ID{&p.Parent.PageID, &p.Parent.BlockID, &p.Parent.DatabaseID, &p.Parent.DataSourceID, &p.Holder}
}

func (p *Page) words() [3]*string {
	return [...]*string{(*string)(&p.Kind), (*string)(&p.Level), &p.Parent.Type}
}

func (p *Page) times() [5]*time.Time {
	return [...]*time.Time{&p.Created, &p.LastEdited, &p.BodyEdited, &p.Fetched, &p.Checked}
}

func (r *record) counts() [9]*int {
	return [...]*int{
		&r.Page.Failures, &r.Page.Blocks, &r.Page.Pending, &r.Page.Passages, &r.Bytes,
		&r.Lengths.Text, &r.Lengths.Head, &r.Lengths.Title, &r.Lengths.Words,
	}
}

// pack writes a record.
func (r *record) pack() packed {
	p := &r.Page
	b := append(make([]byte, 0, 160), recordVersion)
	b = appendID(appendText(b, p.Title), p.ID)
	at := len(b)
	b = append(b, 0)
	for i, id := range p.ids() {
		if *id != "" {
			b[at] |= hasPage << i
			b = appendID(b, *id)
		}
	}
	b[at] |= flag(r.Values, hasValues) | flag(r.Draft, hasDraft) | flag(p.Parent.Workspace, inWorkspace)
	b = appendURL(b, p.URL, p.ID)
	for _, w := range p.words() {
		b = appendWord(b, *w)
	}
	for _, t := range p.times() {
		b = appendTime(b, *t)
	}
	for _, n := range r.counts() {
		b = binary.AppendVarint(b, int64(*n))
	}
	b = binary.AppendUvarint(append(b, byte(r.Language)), uint64(r.Languages))
	b = appendText(b, p.Problem)
	b = binary.AppendUvarint(b, uint64(len(p.Skipped)))
	for _, s := range p.Skipped {
		b = binary.AppendVarint(appendText(appendText(b, s.Type), s.Reason), int64(s.Count))
	}
	return packed(b)
}

var errRecord = errors.New("it is garbled")

// record reads all of it. Its texts are parts of p.
func (p packed) record() (record, error) {
	var r record
	page, in := &r.Page, reader{data: string(p)}
	version := in.byte()
	page.Title, page.ID = in.text(), in.id("", "")
	flags := in.byte()
	r.Values, r.Draft, page.Parent.Workspace = flags&hasValues != 0, flags&hasDraft != 0, flags&inWorkspace != 0
	for i, id := range page.ids() {
		if flags&(hasPage<<i) != 0 {
			*id = in.id("", "")
		}
	}
	page.URL = in.url(page.ID)
	for _, w := range page.words() {
		*w = in.word()
	}
	for _, t := range page.times() {
		*t = in.time()
	}
	for _, n := range r.counts() {
		*n = int(in.varint())
	}
	r.Language, r.Languages = terms.Language(in.byte()), terms.Languages(in.uvarint())
	page.Problem = in.text()
	for range in.length() {
		page.Skipped = append(page.Skipped, passage.Skip{Type: in.text(), Reason: in.text(), Count: int(in.varint())})
	}
	if in.failed || in.data != "" || version != recordVersion {
		return record{}, errRecord
	}
	return r, nil
}

// title is that of the record, without reading the rest.
func (p packed) title() string {
	in := reader{data: string(p)}
	in.byte()
	return in.text()
}

// repacked is a record that was stored, be it by an earlier version.
func repacked(stored []byte) (packed, record, error) {
	p := packed(stored)
	if len(p) == 0 || p[0] == recordVersion {
		r, err := p.record()
		return p, r, err
	}
	var r record
	if err := json.Unmarshal(stored, &r); err != nil {
		return "", r, errRecord
	}
	return r.pack(), r, nil
}

func flag(is bool, bit byte) byte {
	if is {
		return bit
	}
	return 0
}

// recordWords are written as their place here, and others after the number of
// all.
func recordWords() [13]string {
	return [...]string{
		string(KindPage), string(KindDataSource), string(KindDatabase), string(Listed), string(Partial), string(Complete), string(Failed),
		"page_id", "block_id", "database_id", "data_source_id", "workspace", "agent_id",
	}
}

func appendWord(b []byte, word string) []byte {
	common := recordWords()
	i := slices.Index(common[:], word)
	if i < 0 {
		return appendText(append(b, byte(len(common))), word)
	}
	return append(b, byte(i))
}

func (r *reader) word() string {
	common := recordWords()
	switch i := int(r.byte()); {
	case i < len(common):
		return common[i]
	case i == len(common):
		return r.text()
	}
	r.fail()
	return ""
}

// An address that ends in the page's own id is written without it, and without
// one of these beginnings.
func recordHosts() [2]string {
	return [...]string{"https://app.notion.com/p/", "https://www.notion.so/"}
}

func appendURL(b []byte, url string, id notion.ID) []byte {
	hosts := recordHosts()
	for i, host := range hosts {
		if slug, ok := strings.CutSuffix(url, id.Compact()); ok && strings.HasPrefix(slug, host) {
			return appendText(append(b, byte(i)), slug[len(host):])
		}
	}
	return appendText(append(b, byte(len(hosts))), url)
}

func (r *reader) url(id notion.ID) string {
	hosts := recordHosts()
	i, text := int(r.byte()), r.text()
	switch {
	case i < len(hosts):
		return hosts[i] + text + id.Compact()
	case i > len(hosts):
		r.fail()
	}
	return text
}

// appendTime writes the zero time as a 0, and else the nanoseconds, from 1, and
// the seconds.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendVarint(binary.AppendUvarint(b, uint64(t.Nanosecond())+1), t.Unix())
}

func (r *reader) time() time.Time {
	nanos := r.uvarint()
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(r.varint(), int64(nanos-1)).UTC()
}

// pageKey is what a page is looked up by, in less memory than its id.
type pageKey [16]byte

func keyOf[T ~string | ~[]byte](id T) pageKey {
	if raw, ok := rawUUID(id); ok {
		return raw
	}
	sum := sha256.Sum256([]byte(id))
	return pageKey(sum[:16])
}
