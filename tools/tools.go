// Package tools is what an assistant can do: search the shared pages, read one
// of them, comment and create. Each tool has one typed In and one typed Out,
// checks its arguments in words that a model understands, and turns every
// failure into an answer that says the next step. Only define.go knows the MCP
// SDK.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/echo"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// The names of the tools. Status and Titles are for our own programs and never
// shown to a model.
const (
	SearchNotion   = "search_notion"
	ReadPage       = "read_page"
	AppendComment  = "append_comment"
	CreatePage     = "create_page"
	PendingWrites  = "pending_writes"
	QueryDatabase  = "query_database"
	CheckCitations = "check_citations"
	Status         = "status"
	Titles         = "titles"
)

// Answer is what a tool answers: the text that a model reads, and the same in
// fields. It does not depend on the SDK and travels over a local socket too.
type Answer struct {
	Text       string          `json:"text"`
	Structured json.RawMessage `json:"structured,omitempty"` // what a client gets, which may show it to a model instead of Text
	Detail     *Detail         `json:"detail,omitempty"`     // more than Structured, for our own programs
	IsError    bool            `json:"is_error,omitempty"`
}

// Full is all that the answer says, for our own programs: an Out struct.
func (a Answer) Full() json.RawMessage {
	if a.Detail == nil {
		return a.Structured
	}
	return mustJSON(a.Detail)
}

// Detail is an Out struct, which is made and written down when somebody wants it:
// clients do not.
type Detail struct {
	out     func() any
	written json.RawMessage // by another process
}

// MarshalJSON writes the struct down.
func (d *Detail) MarshalJSON() ([]byte, error) {
	if d.out == nil {
		return d.written, nil
	}
	return json.Marshal(d.out())
}

// UnmarshalJSON keeps what another process has written.
func (d *Detail) UnmarshalJSON(data []byte) error {
	d.written = slices.Clone(data)
	return nil
}

// Caller runs a tool by name. What goes wrong in a tool is an Answer with
// IsError set; an error means that the tool could not be reached, or that the
// caller cancelled.
type Caller interface {
	Call(ctx context.Context, tool string, args json.RawMessage) (Answer, error)
}

// Config is what the tools of one connection work with. Retriever, Syncer,
// Index and Client are needed.
type Config struct {
	Retriever *retrieval.Retriever
	Syncer    *ingest.Syncer
	Index     *index.Index
	// Client returns a client with a token that is valid now. Its error closes
	// every tool: no grant, no answer, not even from the index.
	Client func(context.Context) (*notion.Client, error)
	// Connect says in words where to connect, or to connect again; nil where
	// there is nothing to say.
	Connect     func(context.Context) string
	ReadOnly    bool             // the tools that write are refused
	Outbox      *outbox.Box      // where writes wait that Notion would not take in time; nil means that they fail
	Audit       *audit.Trail     // told of every write; nil means none
	Now         func() time.Time // nil means time.Now
	Log         *slog.Logger     // nil means no log; never receives titles, text or arguments
	PostTimeout time.Duration    // how long to wait for Notion to take a write; 0 means 10 seconds
	LookPause   time.Duration    // before looking for a write whose fate is unclear; 0 means 2 seconds

	// CommentWithin and ReadWithin bound a whole call, whatever Notion does, to
	// less than clients wait for: one that writes, with its looks before and
	// after, and one that only reads. 0 means 30 and 45 seconds.
	CommentWithin time.Duration
	ReadWithin    time.Duration
}

// Set is the tools of one connection. It is a Caller, safe for concurrent use.
type Set struct {
	cfg    Config
	tools  map[string]action
	writer *writing.Writer
}

// action is what a tool does, and how long it may take.
type action struct {
	run    handler
	within time.Duration
}

// New returns the tools of one connection.
func New(cfg Config) *Set {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.CommentWithin = orElse(cfg.CommentWithin, 30*time.Second)
	cfg.ReadWithin = orElse(cfg.ReadWithin, 45*time.Second)
	s := &Set{cfg: cfg, tools: map[string]action{
		Status: {(*Set).status, cfg.ReadWithin},
		Titles: {(*Set).titles, cfg.ReadWithin},
	}}
	s.writer = writing.New(writing.Config{
		Now: cfg.Now, PostTimeout: cfg.PostTimeout, LookPause: cfg.LookPause, Within: cfg.CommentWithin, PageURL: s.pageURL,
	})
	for _, t := range catalogue() {
		switch {
		case !t.writes:
			s.tools[t.name] = action{t.run, cfg.ReadWithin}
		case !cfg.ReadOnly:
			s.tools[t.name] = action{t.run, cfg.CommentWithin}
		}
	}
	return s
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Call runs a tool. A fault in a tool is logged and answered in general words.
func (s *Set) Call(ctx context.Context, tool string, args json.RawMessage) (a Answer, err error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	t, ok := s.tools[tool]
	if !ok {
		return s.failed(ctx, tool, s.unknown(tool)), nil
	}
	limited, cancel := context.WithTimeout(ctx, t.within)
	defer cancel()
	err = guard.Call(func() (err error) {
		a, err = t.run(s, limited, args)
		return err
	})
	switch {
	case err == nil:
		return a, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return Answer{}, ctx.Err()
	}
	return s.failed(ctx, tool, err), nil
}

// unknown explains why there is no such tool here.
func (s *Set) unknown(tool string) error {
	if Writes(tool) {
		return argument.Errorf("This server is read-only: it does not write to Notion. Show the user the text, so that they can post it themselves.")
	}
	names := Names(Options{ReadOnly: s.cfg.ReadOnly})
	return argument.Errorf("There is no tool %s. The tools are %s.", echo.Quote(tool), strings.Join(names, ", "))
}

// failed turns an error into an answer, and logs what a person has to see.
func (s *Set) failed(ctx context.Context, tool string, err error) Answer {
	f := explain(err)
	if f.Code == CodeInternal {
		s.cfg.Log.ErrorContext(ctx, "tool failed", "tool", tool, "err", err, "stack", guard.Stack(err))
	}
	return f.answer(s.connect(ctx))
}

func (s *Set) connect(ctx context.Context) string {
	if s.cfg.Connect == nil {
		return ""
	}
	return s.cfg.Connect(ctx)
}

// client fails closed: without a token no tool answers.
func (s *Set) client(ctx context.Context) (*notion.Client, error) {
	c, err := s.cfg.Client(ctx)
	if err != nil {
		return nil, fmt.Errorf("get a token: %w", err)
	}
	return c, nil
}

// answer pairs the text for a model with the same in fields.
func answer(text markdown.Text, out any) (Answer, error) {
	raw, err := json.Marshal(out)
	if err != nil {
		return Answer{}, fmt.Errorf("write down the answer: %w", err)
	}
	return Answer{Text: string(text), Structured: raw}, nil
}

// detailed is an answer of which our own programs get more than clients do.
func detailed(text markdown.Text, brief any, full func() any) (Answer, error) {
	a, err := answer(text, brief)
	if err == nil {
		a.Detail = &Detail{out: full}
	}
	return a, err
}

// pageURL is the page's own address where the index knows it.
func (s *Set) pageURL(id notion.ID) string {
	if p, ok := s.cfg.Index.Page(id); ok && p.Kind == index.KindPage && p.URL != "" {
		return p.URL
	}
	return notion.PageURL(id)
}
