package index

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/document"
	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Documents, by id:
//
//	s/<page>/<ordinal>  passage: text (indexed with the head, stored), head (indexed), rest (stored)
//	p/<page>            page:    title (indexed), record (stored)
//	v/<page>            values:  values (stored)
//	d/<page>            draft:   draft (stored)
//
// Internal values: "version", counted up by every batch, and "state/<key>".
const (
	passagePrefix = "s/"
	pagePrefix    = "p/"
	valuesPrefix  = "v/"
	draftPrefix   = "d/"

	fieldText   = "text"
	fieldHead   = "head"
	fieldRest   = "rest"
	fieldTitle  = "title"
	fieldRecord = "record"
	fieldValues = "values"
	fieldDraft  = "draft"

	versionKey  = "version"
	statePrefix = "state/"
)

// lengths sums up the lengths of each indexed field over all passages of a
// page, and counts the words of its texts. bleve keeps no such sums, and averages
// need them.
type lengths struct {
	Text  int `json:"text"`
	Head  int `json:"head"`
	Title int `json:"title"`
	Words int `json:"words"`
}

func (l *lengths) add(m lengths, sign int) {
	l.Text += sign * m.Text
	l.Head += sign * m.Head
	l.Title += sign * m.Title
	l.Words += sign * m.Words
}

func passageID(page notion.ID, ordinal int) string {
	return passagePrefix + string(page) + "/" + strconv.Itoa(ordinal)
}

// ordinalOf is that of a passage, of the id that passageID made; 0 of any other.
func ordinalOf(id string) int {
	ordinal, _ := strconv.Atoi(id[strings.LastIndexByte(id, '/')+1:])
	return ordinal
}

func isPassage(id []byte) bool { return strings.HasPrefix(string(id), passagePrefix) }

// pageOf returns the page that a document belongs to, and whether the document
// is the page's own.
func pageOf(id []byte) (page []byte, own bool) {
	if len(id) < len(pagePrefix) {
		return nil, false
	}
	page = id[len(pagePrefix):]
	if string(id[:len(passagePrefix)]) == passagePrefix {
		for i := len(page) - 1; i >= 0; i-- {
			if page[i] == '/' {
				return page[:i], false
			}
		}
	}
	return page, string(id[:len(pagePrefix)]) == pagePrefix
}

// writer makes documents.
type writer struct {
	words *terms.Analyzer
	title func(notion.ID) string // of the pages that passages refer to, as far as known: their words are found there too
}

// entry makes the documents of a page, and its record.
func (w *writer) entry(e *Entry) ([]*document.Document, *record, error) {
	rec := &record{Page: e.Page, Values: e.Values != nil, Draft: e.Draft != nil}
	rec.Page.Passages = len(e.Passages)
	docs := make([]*document.Document, 0, len(e.Passages)+3)
	spoken := w.languages(e, rec)
	for i := range e.Passages {
		p := &e.Passages[i]
		if p.Page != e.Page.ID || p.Ordinal != i {
			return nil, nil, fmt.Errorf("passage %d of page %s is marked as passage %d of page %q", i, e.Page.ID, p.Ordinal, p.Page)
		}
		docs = append(docs, w.passage(p, spoken[i], rec))
	}
	docs = append(docs, w.page(rec)) // at the place where merge replaces it
	if e.Values != nil {
		docs = append(docs, document.NewDocument(valuesPrefix+string(e.Page.ID)).AddField(stored(fieldValues, e.Values)))
	}
	if e.Draft != nil {
		docs = append(docs, document.NewDocument(draftPrefix+string(e.Page.ID)).AddField(stored(fieldDraft, e.Draft)))
	}
	return docs, rec, nil
}

// languages finds the language of each passage, and that of the page, which is
// also that of passages which do not show theirs.
func (w *writer) languages(e *Entry, rec *record) []terms.Language {
	page := w.words.Hits(e.Page.Title)
	spoken, sure := make([]terms.Language, len(e.Passages)), make([]bool, len(e.Passages))
	for i := range e.Passages {
		hits := w.words.Hits(string(e.Passages[i].Text.Named(w.title)))
		page.Add(&hits)
		spoken[i], sure[i] = hits.Language()
		rec.Languages.AddSure(&hits, string(e.Passages[i].Text))
	}
	rec.Language, _ = page.Language()
	rec.Languages.Add(rec.Language)
	for i := range spoken {
		if !sure[i] {
			spoken[i] = rec.Language
		}
		rec.Languages.Add(spoken[i])
	}
	return spoken
}

func (w *writer) passage(p *passage.Passage, l terms.Language, rec *record) *document.Document {
	above := headOf(rec.Page.Title, p)
	text, head := newField(fieldText), newField(fieldHead)
	text.value, text.options = []byte(p.Text), bleve.IndexField|bleve.StoreField
	w.words.WordsIn(l, above, func(word *terms.Word) {
		head.count(headTerms(word)...)
		text.count(word.Stems...)
	})
	words := w.words.WordsIn(l, string(p.Text.Named(w.title)), func(word *terms.Word) { text.count(word.Stems...) })
	rec.Lengths.add(lengths{Text: text.length, Head: head.length, Words: words}, 1)
	rec.Bytes += len(p.Text)
	return document.NewDocument(passageID(p.Page, p.Ordinal)).
		AddField(text).AddField(head).AddField(stored(fieldRest, encodeRest(p)))
}

// page makes the page's own document, and sets the length of the title in rec.
func (w *writer) page(rec *record) *document.Document {
	title := newField(fieldTitle)
	w.words.WordsIn(rec.Language, rec.Page.Title, func(word *terms.Word) { title.count(headTerms(word)...) })
	rec.Lengths.Title = title.length
	return document.NewDocument(pagePrefix + string(rec.Page.ID)).
		AddField(title).AddField(stored(fieldRecord, []byte(rec.pack())))
}

// headOf is what stands above a passage: the page's title and the headings.
func headOf(title string, p *passage.Passage) string {
	return title + "\n" + strings.Join(p.Headings, "\n")
}

// headTerms are the terms of a word of a title or heading. Stop words have
// some there, so that a page "Who we are" can be found.
func headTerms(w *terms.Word) []string {
	if w.Stop() {
		return []string{w.Exact}
	}
	return w.Stems
}

// field is a field whose words have been counted already, so that bleve has
// nothing left to analyse. Its length is the number of distinct words: what
// repeats, as columns of numbers do, makes a text no longer.
type field struct {
	name    string
	value   []byte
	options bleve.FieldIndexingOptions
	length  int
	counts  bleve.TokenFrequencies
}

func newField(name string) *field {
	return &field{name: name, options: bleve.IndexField, counts: bleve.TokenFrequencies{}}
}

func stored(name string, value []byte) *field {
	return &field{name: name, value: value, options: bleve.StoreField}
}

func (f *field) count(terms ...string) {
	for _, term := range terms {
		c := f.counts[term]
		if c == nil {
			c = &bleve.TokenFreq{Term: []byte(term)}
			f.counts[term] = c
			f.length++
		}
		c.SetFrequency(c.Frequency() + 1)
	}
}

// The rest is the interface that bleve wants.

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {}
func (f *field) Options() bleve.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return f.length }
func (f *field) AnalyzedTokenFrequencies() bleve.TokenFrequencies { return f.counts }
func (f *field) NumPlainTextBytes() uint64                        { return uint64(len(f.value)) }
func (f *field) Size() int                                        { return len(f.value) + 64*len(f.counts) }
