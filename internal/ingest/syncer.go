package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	defaultConcurrency = 8
	defaultPoll        = time.Minute
	defaultReconcile   = 15 * time.Minute
	defaultPatience    = 15 * time.Second

	// smallWorkspace is how many pages may be listed anew at every poll: five
	// requests, which is cheaper than being wrong about a page that went.
	smallWorkspace = 500

	// minuteSlack covers Notion's rounding of times down to the minute, and
	// what we cannot tell of the difference between its clock and ours: what was
	// read less than this after the last edit may miss an edit of the same
	// minute.
	minuteSlack = 75 * time.Second

	// firstRetry and lastRetry are the waits after passes that failed.
	firstRetry = 5 * time.Second
	lastRetry  = 15 * time.Minute

	// lookBack is how far behind the watermark a poll reads the listing again.
	lookBack = 2 * time.Minute
)

// Syncer keeps one index in step with Notion. Its methods may be called
// concurrently; passes (Sync, Poll) run one at a time.
type Syncer struct {
	cfg     Config
	log     *slog.Logger
	slots   chan struct{} // background requests under way
	pass    sync.Mutex    // held by a pass
	wake    chan struct{} // a page was found to be out of date
	flights flights
	shared  blockMemo // what lies below synced blocks, for one pass
	wants   wants
	// refusals is how many pages in a row Notion did not give as Markdown that can
	// be read, in this pass.
	refusals atomic.Int32

	mu       sync.Mutex
	phase    Phase
	failure  string              // why the last pass stopped
	refused  bool                // Notion refused the token, and has not accepted one since
	checked  map[notion.ID]sight // when Notion last showed the page
	doubts   map[notion.ID]int   // objects that may not be shown any more, by the number of the doubt
	doubted  int                 // how many doubts there have been
	resting  map[notion.ID]rest  // pages whose ids could not be read
	database map[notion.ID]bool  // databases known to be readable (true) or not (false)
	version  int                 // grows with every change of the index
	cached   cachedCoverage
	last     *notion.Client // for counting requests
	base     int64
	spent    int64
	mark     mark
	begun    begun
}

// mark is the progress that is stored with the index.
type mark struct {
	Watermark    time.Time `json:"watermark"`     // newest last_edited_time of a finished listing
	Listed       time.Time `json:"listed"`        // when the last full listing ended
	Polled       time.Time `json:"polled"`        // when the last pass of any kind began
	LastComplete time.Time `json:"last_complete"` // when everything known had been read
	Truncated    bool      `json:"truncated"`     // Notion cut the last full listing short
}

const markKey = "mirror"

// New returns a Syncer that goes on where the index was left.
func New(cfg Config) (*Syncer, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = defaultConcurrency
	}
	if cfg.Poll <= 0 {
		cfg.Poll = defaultPoll
	}
	if cfg.Reconcile <= 0 {
		cfg.Reconcile = defaultReconcile
	}
	if cfg.Patience <= 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Syncer{
		cfg:      cfg,
		log:      cfg.Log,
		slots:    make(chan struct{}, cfg.Concurrency),
		wake:     make(chan struct{}, 1),
		phase:    Idle,
		checked:  map[notion.ID]sight{},
		doubts:   map[notion.ID]int{},
		wants:    wants{of: map[notion.ID]int{}},
		resting:  map[notion.ID]rest{},
		database: map[notion.ID]bool{},
	}
	raw, err := cfg.Index.State(markKey)
	if err != nil {
		return nil, fmt.Errorf("read how far the mirror came: %w", err)
	}
	if raw != nil {
		if err := json.Unmarshal(raw, &s.mark); err != nil {
			s.log.Warn("mirror mark unreadable, starting over", "err", err)
		}
	}
	return s, nil
}

// Run mirrors the workspace and then polls until ctx ends, whose error it
// returns. Failures are kept for Coverage and tried again, ever more slowly.
func (s *Syncer) Run(ctx context.Context) error {
	pass, retry := func(ctx context.Context) (Summary, error) { return s.run(ctx, true) }, firstRetry
	for {
		wait := s.cfg.Poll
		if _, err := pass(ctx); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			s.log.Warn("mirror pass stopped", "err", err)
			wait, retry = retry, min(2*retry, lastRetry)
		} else {
			pass, retry = s.poll, firstRetry
		}
		if err := s.between(ctx, wait, retry == firstRetry); err != nil {
			return err
		}
	}
}

// between waits for the next pass, and refines meanwhile.
func (s *Syncer) between(ctx context.Context, wait time.Duration, refine bool) error {
	due, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if refine {
		_ = s.refine(due) // the next pass meets what is wrong with the token
	}
	select {
	case <-due.Done():
	case <-s.wake:
	}
	return ctx.Err()
}

// Sync makes one whole pass: the full listing, every page that is not in the
// index in its newest version, and a probe of every page that the listing no
// longer shows. When it returns without an error, the index agrees with Notion
// as of its start. When it is interrupted, the work done is kept.
func (s *Syncer) Sync(ctx context.Context) (Summary, error) {
	sum, err := s.run(ctx, true)
	return s.rest(ctx, sum, err)
}

// Poll brings in what changed since the last pass. It lists everything anew
// where that is cheap or due, and otherwise only what was edited or trashed
// lately.
func (s *Syncer) Poll(ctx context.Context) (Summary, error) {
	sum, err := s.poll(ctx)
	return s.rest(ctx, sum, err)
}

func (s *Syncer) poll(ctx context.Context) (Summary, error) {
	known := s.cfg.Index.Totals().Pages
	s.mu.Lock()
	due := s.cfg.Now().Sub(s.mark.Listed) >= s.cfg.Reconcile
	s.mu.Unlock()
	return s.run(ctx, due || known <= smallWorkspace)
}

func (s *Syncer) run(ctx context.Context, full bool) (Summary, error) {
	return s.walk(ctx, full, (*pass).run)
}

// rest refines after a pass, and adds to its summary what that took. What keeps
// it from the ids is no fault of the pass, which came to its end.
func (s *Syncer) rest(ctx context.Context, sum Summary, err error) (Summary, error) {
	if err != nil {
		return sum, err
	}
	if s.cfg.Refine > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.cfg.Refine)
		defer cancel()
	}
	began, spent := s.cfg.Now(), s.requests()
	err = s.refine(ctx)
	sum.Coverage = s.Coverage()
	sum.Requests += s.requests() - spent
	sum.Took += Milliseconds(s.cfg.Now().Sub(began).Milliseconds())
	return sum, err
}

func (s *Syncer) walk(ctx context.Context, full bool, run func(*pass, context.Context) error) (Summary, error) {
	s.pass.Lock()
	defer s.pass.Unlock()
	p := &pass{
		Syncer: s, full: full, start: s.cfg.Now(), queue: newQueue(),
		seen: map[notion.ID]bool{}, objects: map[notion.ID]*notion.Page{}, changed: map[notion.ID]bool{},
	}
	s.shared.reset()
	spent := s.requests()
	s.begin()
	err := guard.Call(func() error { return run(p, ctx) })
	if at := guard.Stack(err); at != "" {
		s.log.Error("pass met a fault", "err", err, "stack", at)
	}
	s.finish(ctx, err)
	sum := Summary{
		Coverage: s.Coverage(),
		Requests: s.requests() - spent,
		Changed:  len(p.changed),
		Removed:  int(p.removed.Load()),
		Took:     Milliseconds(s.cfg.Now().Sub(p.start).Milliseconds()),
	}
	return sum, err
}

func (s *Syncer) finish(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = Idle
	s.version++
	switch {
	case err == nil:
		s.failure, s.refused = "", false
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.phase = Waiting // no fault: its turn is over
	case errors.Is(err, context.Canceled):
	default:
		s.failure = Explain(err)
		s.refused = s.refused || errors.Is(err, notion.ErrUnauthorized)
	}
}

// Refused says whether Notion has refused the token and has not accepted one
// since. Then nothing may be quoted that Notion is not asked about.
func (s *Syncer) Refused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// heard notes what Notion's answer says of the token.
func (s *Syncer) heard(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, notion.ErrUnauthorized):
		s.refused = true
	case err == nil:
		s.refused = false
	}
}

func (s *Syncer) setPhase(p Phase) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = p
}

// apply writes one change and remembers that coverage moved. What hangs below
// what goes has mostly gone as well, and nothing else says so.
func (s *Syncer) apply(ctx context.Context, c index.Change) error {
	s.Doubt(c.Remove...) // before it goes, so that nothing below is quoted meanwhile, or if it stays
	if err := s.cfg.Index.Apply(ctx, c); err != nil {
		return fmt.Errorf("write to the index: %w", err)
	}
	s.mu.Lock()
	s.version++
	for _, id := range c.Remove {
		delete(s.checked, id)
		delete(s.resting, id)
	}
	s.mu.Unlock()
	return nil
}

// amend changes what is known of one object, whoever else does meanwhile.
func (s *Syncer) amend(ctx context.Context, id notion.ID, do func(*index.Page)) error {
	return s.apply(ctx, index.Change{Touch: []index.Touch{{ID: id, Do: do}}})
}

// client returns a client for one piece of work, and keeps the count of
// requests across clients.
func (s *Syncer) client(ctx context.Context) (*notion.Client, error) {
	c, err := s.cfg.Client(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c != s.last {
		if s.last != nil {
			s.spent += s.last.Requests() - s.base
		}
		s.last, s.base = c, c.Requests()
	}
	return c, nil
}

// clientFor returns a client for one piece of work: one that waits for nothing
// if it has a share.
func (s *Syncer) clientFor(ctx context.Context, share int) (*notion.Client, error) {
	c, err := s.client(ctx)
	if err == nil && share > 0 {
		c = c.Spare(share)
	}
	return c, err
}

// notionNow is the time by Notion's clock, with which its times of edits can be
// compared, as far as the last client has heard it.
func (s *Syncer) notionNow() time.Time {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last == nil {
		return s.cfg.Now()
	}
	return s.cfg.Now().Add(-last.Behind())
}

// Short says whether the mirror has to wait for its budget just now.
func (s *Syncer) Short() bool {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	return last != nil && !last.Background().Free()
}

// requests is how many requests have been sent through this Syncer's clients.
func (s *Syncer) requests() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		return s.spent
	}
	return s.spent + s.last.Requests() - s.base
}

// background runs one background request within the limit of concurrency.
func (s *Syncer) background(ctx context.Context, do func(*notion.Client) error) error {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.slots }()
	c, err := s.client(ctx)
	if err != nil {
		return err
	}
	return do(c.Background())
}

// explained are the words for errors of Notion, searched from the top.
var explained = []struct {
	is    error
	words string
}{
	{notion.ErrUnauthorized, "Notion does not accept the token"},
	{notion.ErrRestricted, "the integration lacks the capability to read content"},
	{notion.ErrBlocked, "a proxy or a firewall stopped the request before it reached Notion"},
	{notion.ErrUnreachable, "Notion could not be reached"},
	{notion.ErrRateLimited, "Notion asked to wait longer than a pass may"},
	{notion.ErrOverloaded, "Notion had trouble answering"},
	{notion.ErrServer, "Notion had trouble answering"},
	{notion.ErrMalformed, "Notion's answer could not be understood; a proxy may be changing answers on the way"},
	{notion.ErrNotFound, "Notion does not show it to this connection"},
	{notion.ErrValidation, "Notion's API does not hand it out"},
	{index.ErrFull, "the disk of the index is full; whoever runs this program has to make room"},
}

// Explain puts an error of a pass into the user's words. What an answer said is
// none of them: a proxy may have written it.
func Explain(err error) string {
	for _, e := range explained {
		if errors.Is(err, e.is) {
			return e.words
		}
	}
	return err.Error()
}
