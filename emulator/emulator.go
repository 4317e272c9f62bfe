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

	"github.com/mcp-notion/mcp-notion/emulator/api"
	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/hook"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/emulator/store"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// Workspace is a set of pages and databases to serve. Load and LoadDir make
// one; New takes a copy of it, so one Workspace can stand behind many servers.
type Workspace = workspace.Workspace

// Source is the place in a file that a block came from: what a test compares a
// citation with.
type Source = block.Source

// Load reads a folder. Every .md file is a page, every .csv or .tsv file a database,
// and folders nest them; a .schema.yaml beside a table declares its columns. The
// same files give the same ids in every run, so that
// links, citations and expected answers can be written down.
func Load(fsys fs.FS) (*Workspace, error) { return load.FS(fsys) }

// LoadDir reads a folder or a zip file, also one of several parts as Notion
// exports them. Ids that an export puts into file names are kept.
func LoadDir(dir string) (*Workspace, error) { return load.Dir(dir) }

// Config says how a Server behaves. Its zero value accepts every token that
// starts with ntn_ or secret_, shows it everything, and sets no limits.
type Config struct {
	// Tokens are the connections that may ask. None at all lets in every token
	// that looks like one of Notion's, so that a demo needs no set-up.
	Tokens []Token
	// PerMinute is how many requests one token has in 60 seconds from its first
	// one; 0 is no limit. Notion counts in such windows, which may be spent in
	// one burst, and then answers 429 until the window ends.
	PerMinute int
	// PerMinuteWorkspace is the same for all tokens together. Notion has this
	// limit too: a client that behaves can be refused because of others.
	PerMinuteWorkspace int
	// Latency is added to every answer, errors included. It passes in real
	// time, whatever Now says.
	Latency time.Duration
	// SearchLag is how long search does not find what was written. Notion's
	// index runs behind, so a page that was just made is readable by its id
	// before any search lists it.
	SearchLag time.Duration
	// SearchOmits makes search leave out every n-th page that was not itself
	// shared; 0 leaves out none. Notion promises to list only what was shared
	// directly, and of the rest some pages never turn up.
	SearchOmits int
	// PageSizeMax is the most results of one answer, whatever was asked for; 0
	// is 100. Notion may send short pages with has_more set, which a client
	// that counts to page_size takes for the end.
	PageSizeMax int
	// MarkdownBlocks is how many blocks one page_markdown writes out; 0 is
	// 20,000 as in Notion. The rest stands there as <unknown> tags.
	MarkdownBlocks int
	// Now is the clock of time stamps, limits and SearchLag; nil is time.Now. A
	// test that sets it can jump over a minute.
	Now func() time.Time
	// BaseURL is where the server is reached, for the addresses of further
	// results. Pages keep Notion's own addresses, which are what people click.
	BaseURL string
	// Gather is how long changes of one object are gathered into one webhook; 0
	// is a second. Notion takes its time, mostly less than a minute.
	Gather time.Duration
	// HTTP sends the webhooks; nil is http.DefaultClient.
	HTTP *http.Client
	// Log gets one record per request at level debug, and a warning for what a
	// token should see and does not exist; nil is silence.
	Log *slog.Logger
}

// Token is one connection: what it may do and which pages were shared with it.
// What it may not do is answered 403; what it may not see is answered 404, as
// if it did not exist.
type Token struct {
	// Secret is what follows "Bearer " in the request.
	Secret string
	// Name is the name of the integration, which errors and comments tell;
	// empty is Emulator.
	Name string
	// Owner is the name of the person whom the token acts for, as that of an
	// OAuth connection does; empty for one that belongs to the workspace.
	Owner string
	// Roots are the paths of shared pages, folders or databases, each of which
	// shares all below it. nil shares everything, an empty list nothing. A path
	// that does not exist is logged and shares nothing.
	Roots []string

	// NoRead, NoInsert and NoUpdate take away the capabilities for content. A
	// token that may write and not read gets partial objects back: the id
	// alone.
	NoRead, NoInsert, NoUpdate bool
	// NoComment and NoReadComments take away those for comments, which Notion
	// gives to no integration unless somebody ticks them.
	NoComment, NoReadComments bool
	// NoUsers takes away names and addresses of people; ids stay.
	NoUsers bool
}

// Server answers the Notion API. All methods are safe for concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	mux      *http.ServeMux
	hooks    *hook.Sender
	requests atomic.Int64

	// mu guards all below. It is held while the API answers and not while a
	// request waits, so a slow answer does not hold up the others.
	mu        sync.Mutex
	store     *store.Store
	api       *api.API
	tokens    map[string]*token
	workspace window
	faults    []*Fault
	counts    map[string]int
	serial    int
}

// New serves a workspace. It works on a copy: edits through the API or through
// the methods of Server do not change w.
//
//	w, err := emulator.LoadDir("handbook")
//	...
//	s := emulator.New(w, emulator.Config{PerMinute: 180})
//	http.ListenAndServe("127.0.0.1:8080", s)
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
	s.hooks = hook.New(hook.Config{Workspace: st.W.ID, Name: st.W.Name, Gather: cfg.Gather, HTTP: cfg.HTTP, Now: cfg.Now, Log: cfg.Log})
	st.Watch = s.changed
	for _, t := range cfg.Tokens {
		s.tokens[t.Secret] = s.newToken(t)
	}
	s.mux = s.routes()
	return s
}

// Requests is how many API requests were answered, those to /emulator/ not
// counted.
func (s *Server) Requests() int64 { return s.requests.Load() }

// Counts is how many API requests each route has answered, under names such as
// "GET /v1/users/me". The map is a copy.
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
// Handlers that wrap a Server should hand on its ResponseWriter with an Unwrap
// method: a hang takes over the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
