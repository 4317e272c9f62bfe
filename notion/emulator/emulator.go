// Package emulator is a Notion API server made from a folder of Markdown and
// CSV, or from a Notion export. It behaves as the real API does where that is
// unpleasant: search by title only, late and incomplete; times rounded to the
// minute; one level of children at a time; sharing, capabilities and trash;
// rate limits, and faults that a test asks for. Package markdown tells which
// blocks a file can hold.
package emulator

import (
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/notion/emulator/store"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// Workspace is a set of pages and databases to serve.
type Workspace = workspace.Workspace

// Source is the place in a file that a block came from.
type Source = block.Source

// Load reads a folder. Every .md file is a page, every .csv file a database,
// and folders nest them.
func Load(fsys fs.FS) (*Workspace, error) { return workspace.Load(fsys) }

// LoadDir reads a folder or a zip file, also one of several parts as Notion
// exports them.
func LoadDir(dir string) (*Workspace, error) { return workspace.LoadDir(dir) }

// Config says how a Server behaves. Its zero value accepts every token that
// starts with ntn_ or secret_, shows it everything, and sets no limits.
type Config struct {
	Tokens             []Token
	PerMinute          int           // requests of one token in 60 s from its first one; 0 is no limit
	PerMinuteWorkspace int           // the same for all tokens together
	Latency            time.Duration // of every answer
	SearchLag          time.Duration // until search finds what was written
	SearchOmits        int           // search leaves out every n-th page that is not itself shared; 0 none
	PageSizeMax        int           // most results of one answer, whatever was asked; 0 is 100
	MarkdownBlocks     int           // most blocks of one page_markdown; 0 is 20,000
	Now                func() time.Time
	BaseURL            string // where the server is reached; pages keep Notion's own addresses
	Log                *slog.Logger
}

// Token is one connection: what it may do and which pages were shared with it.
type Token struct {
	Secret string
	Name   string   // of the integration, as errors tell it
	Roots  []string // paths of shared pages, folders or databases; nil is everything

	NoRead, NoInsert, NoUpdate bool // content
	NoComment, NoReadComments  bool // comments
	NoUsers                    bool
}

// Server answers the Notion API. All methods are safe for concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	mux      *http.ServeMux
	requests atomic.Int64

	mu        sync.Mutex // guards all below
	store     *store.Store
	api       *api.API
	tokens    map[string]*token
	workspace window
	faults    []*Fault
	counts    map[string]int
	serial    int
}

// New serves a workspace. It works on a copy, so that one workspace can be
// served several times.
func New(w *Workspace, cfg Config) *Server {
	if cfg.PageSizeMax <= 0 || cfg.PageSizeMax > 100 {
		cfg.PageSizeMax = 100
	}
	if cfg.MarkdownBlocks <= 0 {
		cfg.MarkdownBlocks = 20000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	st := store.New(w.Clone(), cfg.Now, cfg.SearchLag)
	s := &Server{
		cfg: cfg, log: cfg.Log, store: st, tokens: map[string]*token{}, counts: map[string]int{},
		api: api.New(st, api.Config{
			Now: cfg.Now, SearchOmits: cfg.SearchOmits, PageSizeMax: cfg.PageSizeMax,
			MarkdownBlocks: cfg.MarkdownBlocks, BaseURL: cfg.BaseURL,
		}),
	}
	for _, t := range cfg.Tokens {
		s.tokens[t.Secret] = s.newToken(t)
	}
	s.mux = s.routes()
	return s
}

// Requests is how many API requests were answered, those to /emulator/ not
// counted.
func (s *Server) Requests() int64 { return s.requests.Load() }

// Counts is how many API requests each route has answered; keys look like
// "GET /v1/pages/{id}".
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.counts))
	for k, v := range s.counts {
		out[k] = v
	}
	return out
}

// ServeHTTP answers the API below /v1/ and the controls below /emulator/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
