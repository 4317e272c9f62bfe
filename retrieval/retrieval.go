// Package retrieval answers a Query of one connection with ranked, cited
// passages, and says what the answer rests on.
package retrieval

import (
	"context"
	"log/slog"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Query is what is asked.
type Query struct {
	Text        string    // the question, or search words
	Also        []string  // rephrasings in the words that the documents probably use
	Under       notion.ID // only this page, database or data source and what lies below it; "" for everything
	EditedAfter time.Time // only pages edited at or after this time; zero for all
	Limit       int       // passages wanted; 0 means 8
	Budget      int       // model tokens that the answer may take, as passage.Tokens counts; 0 means 1,310
}

// Respelling is a word of a question that no page has, and what stood for it.
type Respelling = index.Respelling

// Result is what comes back.
type Result struct {
	Found  []Found
	More   []More // what was found too, best first, for which there was no room
	Others int    // pages found beyond More
	Recent bool   // the pages edited last, newest first, and no answer to a question

	// Confidence is how sure the first passage makes, from 0 to 1, that it answers;
	// see index.Hit.Confidence. It compares across queries, of those with rephrasings
	// and those without, by words and by meaning too, each among themselves.
	Confidence float64
	Evidence   Evidence // what that means for the answer

	// Respelled are the words of the question that no page has, and the near ones
	// that were searched instead and stand in what was found.
	Respelled []Respelling

	Coverage  ingest.Coverage
	Languages []string                // of the pages, in English, if the question and its rephrasings are surely in none of them
	Live      []notion.ID             // pages read from Notion for this very answer, because the mirror had not reached them
	Narrowed  bool                    // Query.Under or EditedAfter left only some pages
	Within    int                     // how many, if so; of Recent, how many there are in any case
	Dropped   int                     // passages left out because their page is no longer readable with this token
	near      map[index.Place]float64 // of what was found by a model that Config.Measured says it of
	Notes     []string                // what the reader should know, in plain sentences (an unknown Under page, a deadline that cut live reads short)
}

// More is a page on which something was found that is not shown.
type More struct {
	passage.Citation          // of the best of it, with the path of the page alone
	Headings         []string // above each thing that is not shown, best first; "" where there is none
	Shown            bool     // other passages of the page are shown
}

// Found is one passage, or several neighbours merged, that answers.
type Found struct {
	Citation  passage.Citation // of the best block
	Headings  []string         // above the best block
	Above     []string         // above the first line
	Text      markdown.Text    // the lines below each other
	Lines     []Line           // what is shown, in the order of the page; none of a page that is only named
	First     int              // ordinals of the passages that Lines are from, inclusive
	Last      int
	Score     float64
	Evidence  Evidence
	Terms     []string // lower-cased words of Text that matched
	Respelled []Respelling
	Unchecked bool // the page could not be re-checked with Notion just now
}

// Config is what a Retriever works with. Index and Syncer are needed and
// belong to the same connection.
type Config struct {
	Index  *index.Index
	Syncer *ingest.Syncer
	Now    func() time.Time // nil means time.Now

	// ConfirmAfter is how long a page counts as readable after Notion last
	// showed it; older ones are looked at again, with the caller's token,
	// before they are quoted. 0 means 10 minutes.
	ConfirmAfter time.Duration
	// ConfirmWithin bounds that look, and reading again what it found changed.
	// 0 means 3 seconds.
	ConfirmWithin time.Duration
	// Strict leaves out pages that need a look when Notion cannot be asked.
	// Otherwise they are quoted and marked as unchecked, which is what one
	// person wants who is offline with an index of their own.
	Strict bool
	// WarmWithin bounds reading pages live while the first mirror is not
	// through. 0 means 3.5 seconds.
	WarmWithin time.Duration

	Ranking *Ranking // nil means DefaultRanking

	// Sense returns the meaning of a question and its rephrasings, by which
	// passages are put in order as well; nil leaves that out, and a nil Sense means that it has none. Its error, and that
	// it takes longer than SenseWithin, only make a note: the search is by words
	// alone then. The error's text is shown to the user.
	Sense        func(ctx context.Context, text string, also []string) (Sense, error)
	SenseWithin  time.Duration // 0 means 300 milliseconds
	MeaningAlone bool          // for measurements: what words find does not count
	Measured     bool          // how near a passage is says what it says of the model that evidence was measured with
	// Rerank returns the numbers of the passages in a better order, best first;
	// nil leaves that out. If it fails, or takes longer than RerankWithin, the
	// order stays as it was and a note says so.
	Rerank       func(ctx context.Context, question string, passages []string) ([]int, error)
	RerankWithin time.Duration // 0 means 2 seconds

	// Trace is told of the steps of a search, and of their ends; nil for nobody.
	Trace func(ctx context.Context, step string) (context.Context, func(error))
	Log   *slog.Logger // nil means no log; never receives titles or text
}

// Retriever answers queries of one connection. Its methods may be called
// concurrently.
type Retriever struct {
	cfg    Config
	log    *slog.Logger
	outage outage
}

// New returns a Retriever.
func New(cfg Config) *Retriever {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.ConfirmAfter <= 0 {
		cfg.ConfirmAfter = 10 * time.Minute
	}
	if cfg.ConfirmWithin <= 0 {
		cfg.ConfirmWithin = 3 * time.Second
	}
	if cfg.WarmWithin <= 0 {
		cfg.WarmWithin = 3500 * time.Millisecond
	}
	if cfg.Ranking == nil {
		ranking := DefaultRanking()
		cfg.Ranking = &ranking
	}
	if cfg.Trace == nil {
		cfg.Trace = func(ctx context.Context, _ string) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Retriever{cfg: cfg, log: cfg.Log}
}
