// Package index keeps one bleve index for each connection: the passages of the
// pages that its user shared, what is known of each page, and how far the
// mirror has come. Every change is one atomic batch. Scores are exact BM25
// over bleve's postings, with true lengths under updates and deletions.
package index

import (
	"time"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Level says how much of a page is in the index.
type Level string

// The levels, in the order in which a page passes them.
const (
	Listed   Level = "listed"   // known by title and properties alone
	Partial  Level = "partial"  // first level of blocks
	Complete Level = "complete" // everything that can be read
	Failed   Level = "failed"   // could not be read; Page.Problem says why
)

// Kind of an object in the workspace.
type Kind string

// The kinds.
const (
	KindPage       Kind = "page"        // a page, or a row if Parent is a data source
	KindDataSource Kind = "data_source" // a table; its passages are its title, description and schema
	KindDatabase   Kind = "database"    // a container of data sources; only a link in the chain of parents
)

// Page is what is known of a page, data source or database. It is stored with
// its passages.
type Page struct {
	ID         notion.ID      `json:"id"`
	Kind       Kind           `json:"kind"`
	Title      string         `json:"title"`
	URL        string         `json:"url"`
	Parent     notion.Parent  `json:"parent"`
	Created    time.Time      `json:"created"`
	LastEdited time.Time      `json:"last_edited"`      // rounded down to the minute by Notion
	BodyEdited time.Time      `json:"body_edited"`      // LastEdited of the version whose body the passages hold; zero before the first read
	Holder     notion.ID      `json:"holder,omitempty"` // the page that was seen to hold it, where Parent names only a block
	Level      Level          `json:"level"`
	Fetched    time.Time      `json:"fetched"`            // when the body was last read from Notion
	Checked    time.Time      `json:"checked"`            // when the page was last known to be readable
	Problem    string         `json:"problem,omitempty"`  // why it is not complete, in the user's words
	Failures   int            `json:"failures,omitempty"` // how often in a row it could not be read
	Blocks     int            `json:"blocks,omitempty"`   // blocks seen
	Pending    int            `json:"pending,omitempty"`  // blocks whose children are still to be read
	Skipped    []passage.Skip `json:"skipped,omitempty"`  // text that cannot be read
	Passages   int            `json:"passages,omitempty"` // set by the index
}

// Entry is one page with all of its passages. Applying an entry replaces
// whatever the index held of the page.
type Entry struct {
	Page     Page
	Passages []passage.Passage
	Values   []byte // the properties of a row or the schema of a table, opaque here; nil when there are none
	Draft    []byte // ingest's own unfinished work on the page, opaque here; nil when there is none

	// Merge decides, when the entry is applied, whether it still is to be, and
	// takes into next what others have written meanwhile; now is nil if the page
	// is unknown. It may be nil.
	Merge func(now, next *Page) bool
}

// Touch changes the record of a page, and neither its passages nor its draft. Do
// gets the record as it is when the change is applied, so that nothing that
// others write is lost: changes of a record happen one after the other. It must
// be quick, and does nothing but change the record.
type Touch struct {
	ID notion.ID // nothing happens if it is unknown
	Do func(*Page)
}

// Change is applied in one atomic batch: all of it is seen, or nothing.
type Change struct {
	Put    []Entry
	Touch  []Touch
	Remove []notion.ID       // pages whose record, passages and draft go; unknown ids are ignored
	State  map[string][]byte // small progress marks; a nil value deletes the key
}

// Query asks for passages. Text and Also together are one bag of words. A
// "quoted phrase" in Text must stand in the passage or its headings, unless no
// passage has all phrases: then they are words. A passage with a -word or a
// -"phrase" of Text is left out. The same in Also is only words. Quotes and
// dashes that stand there for other reasons mean nothing; see dissect.
type Query struct {
	Text   string
	Also   []string        // rephrasings by the caller
	Within func(Page) bool // which pages may answer; nil for all
	Limit  int             // hits wanted; 0 means 20

	Weights *Weights // of the parts of the score; nil means DefaultWeights

	// Respell lets a word of Text that no page has count as the nearest one that
	// some page does have, if one is near; see Hit.Respelled.
	Respell bool
}

// Hit is one passage that answers, best first.
type Hit struct {
	Passage passage.Passage
	Page    Page
	Score   float64
	Terms   []string // the words of the passage, as written there and lower-cased, that matched

	// Blocks says, for each span of the passage, what its text has of the
	// query; see passage.BestSpan. It compares within a hit.
	Blocks []float64
	// Tells says, for each span, what of that tells it from the others: the block
	// to cite is the one that has most of it. It compares within a hit.
	Tells []float64

	// Coverage is how much, from 0 to 1, of Text and of the rephrasings stands
	// in the passage, its headings or its page's title. It compares within a query.
	Coverage float64
	// Confidence is how sure that makes, from 0 to 1, that the passage answers. It
	// is less where the best passages lack a word that the query is about, and
	// where a number is asked for and the block to cite has none. It compares
	// across queries, of those with rephrasings and those without each among
	// themselves.
	Confidence float64
	Parts      Parts

	Respelled []Respelling // the words of the passage, or above it, that stood for others
}

// Parts say where a Score comes from: Words + Page + Cover + Exact +
// Near.
type Parts struct {
	Words float64 // the passage's text and headings, by stems
	Page  float64 // the page's text and title, by stems
	Cover float64 // how many of the words there are, whatever their number, and whether the title has all
	Exact float64 // words in the very form of the query
	Near  float64 // words of the query that stand close together
}
