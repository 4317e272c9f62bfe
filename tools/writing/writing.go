// Package writing writes comments and pages to Notion, each at most once: it
// looks before it writes, looks again when it cannot know whether a write
// happened, and never sends twice. Of writes to one place, one is under way at
// a time.
package writing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

// duplicateWindow is how far back the same by the same bot counts as the same
// write.
const duplicateWindow = 10 * time.Minute

// Config changes how a Writer works. The zero value works.
type Config struct {
	Now         func() time.Time // nil means time.Now
	PostTimeout time.Duration    // how long to wait for Notion to take a write; 0 means 10 seconds
	LookPause   time.Duration    // before looking for a write whose fate is unclear; 0 means 2 seconds
	Within      time.Duration    // of a whole write, with its looks; 0 means 30 seconds

	// PageURL is a page's own address, where that is known better than from
	// its id; nil means notion.PageURL.
	PageURL func(notion.ID) string
}

// Writer writes. It is safe for concurrent use.
type Writer struct {
	cfg    Config
	places places
}

// New returns a Writer.
func New(cfg Config) *Writer {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.PageURL == nil {
		cfg.PageURL = notion.PageURL
	}
	for d, otherwise := range map[*time.Duration]time.Duration{
		&cfg.PostTimeout: 10 * time.Second, &cfg.LookPause: 2 * time.Second, &cfg.Within: 30 * time.Second,
	} {
		if *d <= 0 {
			*d = otherwise
		}
	}
	return &Writer{cfg: cfg}
}

// Write is what is to be written: a Comment or a Page. As JSON it can be kept,
// and written later.
type Write interface {
	// start makes ready to write on behalf of t.
	start(t *try) run
}

// run is one Write under way.
type run interface {
	place() notion.ID
	do(ctx context.Context) (Outcome, error) // at a place where nobody else writes
	far() (written, of int)                  // how far it came
}

// Try says on whose behalf something is written, and what went before.
type Try struct {
	Client *notion.Client
	Began  time.Time // when the write was asked for; zero means now
	// Resumed means that an earlier try may have arrived. Where it cannot be
	// seen whether it did, nothing is written.
	Resumed bool
}

// Outcome is what was written, or was found.
type Outcome struct {
	ID         notion.ID // of the page, or of the first comment
	Discussion notion.ID // of a comment
	URL        string
	Title      string // of a page
	Written    bool   // by this try; else all of it was there already
	Parts      int    // comments that the text took
	Notes      []string
}

// Do writes what is not there yet. An error is a *Failure, unless ctx was
// cancelled.
func (w *Writer) Do(ctx context.Context, what Write, t Try) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Within)
	defer cancel()
	if t.Began.IsZero() {
		t.Began = w.cfg.Now()
	}
	at := &try{Try: t, w: w}
	r := what.start(at)
	leave, err := w.enter(ctx, r.place())
	if err != nil {
		return Outcome{}, at.failed(r, Queueing, err)
	}
	defer leave()
	out, err := r.do(ctx)
	if err != nil {
		return Outcome{}, at.failed(r, Sending, err)
	}
	if at.blind != "" {
		at.notes = append(at.notes, fmt.Sprintf("It was not checked whether the same %s was there already: %s.", out.noun(), at.blind))
	}
	out.Notes = at.notes
	return out, nil
}

func (o Outcome) noun() string {
	if o.Title != "" {
		return "page"
	}
	return "comment"
}

// enter waits for a place to be free, at most half of the time that the write
// has, so that there is enough left to write and to look what became of it.
func (w *Writer) enter(ctx context.Context, place notion.ID) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Within/2)
	defer cancel()
	return w.places.enter(ctx, place)
}

// try is a Try under way.
type try struct {
	Try
	w     *Writer
	me    notion.ID // the bot, once it was asked for
	blind string    // why it cannot be seen what is there
	notes []string
}

// oldest is since when the same counts as this very write, by Notion's clock,
// which rounds down to the minute.
func (t *try) oldest() time.Time {
	return t.Began.Add(-duplicateWindow - time.Minute - t.Client.Behind())
}

// mine says whether our bot wrote something, as far as that can be known.
func (t *try) mine(ctx context.Context, by notion.ID) bool {
	if t.me == "" {
		me, err := t.Client.Me(ctx)
		if err != nil {
			return true // rather too careful than twice
		}
		t.me = me.ID
	}
	return by == "" || by == t.me
}

// looked sorts out why a look failed. A nil error means to go on, perhaps blind.
func (t *try) looked(err error, capability string) error {
	switch {
	case errors.Is(err, notion.ErrRestricted):
		t.blind = "the integration lacks " + capability
	case errors.Is(err, notion.ErrNotFound), errors.Is(err, notion.ErrUnauthorized):
		return err
	case err != nil:
		return &Failure{Phase: Looking, Err: fmt.Errorf("look for the same before writing it: %w", err)}
	}
	if t.blind != "" && t.Resumed {
		return &Failure{Phase: Unclear, Seen: "it could not be looked up", Err: notion.ErrUnclear}
	}
	return nil
}

// send sends once. When the outcome is unclear it looks for what was written.
func (t *try) send(ctx context.Context, post func(context.Context) error, look func(context.Context) (bool, error)) error {
	sctx, cancel := context.WithTimeout(ctx, t.w.cfg.PostTimeout)
	defer cancel()
	err := post(sctx)
	if err == nil || errors.Is(ctx.Err(), context.Canceled) || !errors.Is(err, notion.ErrUnclear) {
		return err
	}
	lost := &Failure{Phase: Unclear, Seen: "it could not be looked up", Err: err}
	for range 2 {
		if t.blind != "" || pause(ctx, t.w.cfg.LookPause) != nil {
			break
		}
		found, err := look(ctx)
		if err != nil {
			continue
		}
		if found {
			return nil
		}
		lost.Seen = "it was not there when looked for afterwards"
	}
	return lost
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
