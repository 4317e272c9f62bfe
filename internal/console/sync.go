package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/server"
)

// SyncConfig is the Config of Sync.
type SyncConfig struct {
	Config
	Form Form // FormText is FormPretty
}

// Sync reads everything that is shared, shows how far it is, and sums up. The
// error is nil only if the index is complete; what was read is kept in any
// case.
func Sync(ctx context.Context, cfg SyncConfig, t Terminal) error {
	return cfg.withSession(t, server.MirrorNever, func(s *server.Session) error {
		sum, err := watchedSync(ctx, s, t)
		if err != nil {
			return syncFailure(ctx, s, err)
		}
		made, err := watchedVectors(ctx, s, t)
		if err != nil {
			return err
		}
		if cfg.Form == FormJSON {
			raw, err := json.Marshal(sum)
			if err != nil {
				return fmt.Errorf("write the summary as JSON: %w", err)
			}
			err = t.json(raw)
			return cmp.Or(err, incomplete(sum.Coverage))
		}
		t.summary(sum)
		t.meaning(made)
		return incomplete(sum.Coverage)
	})
}

// watchedSync makes a pass and shows its progress meanwhile.
func watchedSync(ctx context.Context, s *server.Session, t Terminal) (ingest.Summary, error) {
	watching, stop := context.WithCancel(ctx)
	watched := guard.Go(func() error {
		t.watch(watching, func(ctx context.Context) (ingest.Progress, error) {
			st, err := s.Status(ctx)
			return st.Progress, err
		})
		return nil
	})
	defer func() { <-watched }()
	defer stop()
	return s.Sync(ctx)
}

// watchedVectors waits until the model has made its vectors of all passages, and
// shows how far it is. That it cannot is told by the status, and fails nothing:
// passages are found by their words.
func watchedVectors(ctx context.Context, s *server.Session, t Terminal) (*vectors.Status, error) {
	var (
		bar  *progressbar.ProgressBar
		said time.Time
	)
	if t.Live {
		bar = newBar(t)
		defer func() { _ = bar.Clear() }()
	}
	for {
		st, err := s.Status(ctx)
		v := st.Vectors
		switch {
		case ctx.Err() != nil:
			return v, hinted("the pages are indexed and found by their words; vectors are made while an assistant is served, or by the next `mcp-notion sync`",
				"%w", stopped("stopped before every passage had its vector"))
		case err != nil:
			return v, err
		case v == nil || v.Error != "" || v.Total == st.Coverage.Passages && v.Done+v.Refused >= v.Total:
			return v, nil
		case bar != nil:
			bar.Describe("vectors")
			bar.ChangeMax(max(v.Total, 1))
			_ = bar.Set(v.Done)
		case time.Since(said) > lineEvery:
			said = time.Now()
			t.tell("vectors: %s of %s", thousands(v.Done), counted(v.Total, "passage"))
		}
		select {
		case <-ctx.Done():
		case <-time.After(barEvery):
		}
	}
}

// syncFailure says why a pass stopped, and what is kept of it.
func syncFailure(ctx context.Context, s *server.Session, err error) error {
	brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	kept, on := "", "starts over"
	if st, statusErr := s.Status(brief); statusErr != nil {
		kept, on = "what was read before is kept", "goes on from there"
	} else if st.Coverage.Known == 0 {
		kept = "nothing has been read yet"
	} else {
		kept, on = fmt.Sprintf("%s of %s are indexed and kept", thousands(st.Coverage.Complete), pagesAndTables(st.Coverage.Known)), "goes on from there"
	}
	if errors.Is(err, context.Canceled) {
		return &Hinted{Err: stopped("stopped before everything was read"), Hint: kept + "; `mcp-notion sync` " + on}
	}
	if errors.Is(err, index.ErrFull) {
		return hinted(kept+"; make room on the disk of the data folder, or name another with --data, and run `mcp-notion sync` again: it "+on, "sync stopped: %w", index.ErrFull)
	}
	return hinted(kept+"; `mcp-notion doctor` looks for what is wrong", "sync stopped: %w", err)
}

// incomplete is why an index is not complete after a pass, or nil.
func incomplete(c ingest.Coverage) error {
	switch {
	case c.Known == 0:
		return &Hinted{Err: errors.New("no page is shared with this connection"), Hint: sharingHint}
	case c.Truncated:
		return hinted("run `mcp-notion sync` again later", "Notion cut its list of pages short, so that some may be missing")
	case c.Unread() > 0:
		return hinted("run `mcp-notion sync` again", "%s of %s have not been read to the end", thousands(c.Unread()), pagesAndTables(c.Known))
	case c.Failed > 0:
		return hinted("run `mcp-notion sync` again; the reasons are above", "%s of %s could not be read", thousands(c.Failed), pagesAndTables(c.Known))
	}
	return nil
}

const sharingHint = "in Notion open a page that matters, then its menu (•••, top right) > Connections > add the integration; all pages below it are shared too"

// summary tells what a pass has done.
func (t Terminal) summary(s ingest.Summary) {
	t.say("Pages     %s", pagesLine(s.Coverage))
	t.say("Text      %s in %s", counted(s.Passages, "passage"), counted(s.Blocks, "block"))
	t.say("Changes   %s read, %s", thousands(s.Changed)+" "+plural(s.Changed, "page or row", "pages and rows"), gone(s.Removed))
	t.say("Requests  %s in %s", counted(int(s.Requests), "request"), span(s.Took.Duration()))
	t.missing(s.Coverage)
}

func gone(n int) string {
	if n == 0 {
		return "none gone"
	}
	return thousands(n) + " gone"
}

func pagesLine(c ingest.Coverage) string {
	s := fmt.Sprintf("%s, %s complete", pagesAndTables(c.Known), thousands(c.Complete))
	for _, part := range []struct {
		n    int
		text string
	}{{c.Partial, "without nested text"}, {c.Listed, "by title only"}, {c.Failed, "cannot be read"}} {
		if part.n > 0 {
			s += fmt.Sprintf(", %s %s", thousands(part.n), part.text)
		}
	}
	return s
}

func completeLine(c ingest.Coverage) string {
	switch {
	case c.AskAgain > 0:
		return "not yet; in about " + span(time.Duration(c.AskAgain)*time.Second)
	case c.AsOf.IsZero():
		return "not yet"
	}
	return "as of " + c.AsOf.UTC().Format("2 Jan 2006 15:04 UTC")
}

// missing lists what is not in the index, and why.
func (t Terminal) missing(c ingest.Coverage) {
	if len(c.Skipped) > 0 {
		t.say("Skipped")
	}
	for _, s := range c.Skipped {
		t.say("  %s of type %s: %s", counted(s.Count, "block"), printable(s.Type), printable(s.Reason))
	}
	if len(c.Problems) > 0 {
		t.say("Not read")
	}
	for _, p := range c.Problems {
		t.say("  %s (%s): %s", cmp.Or(printable(p.Title), "Untitled"), p.Page.Compact(), printable(p.Reason))
	}
	if more := c.Failed - len(c.Problems); more > 0 && len(c.Problems) > 0 {
		t.say("  and %s more", thousands(more))
	}
}

const (
	barEvery  = 150 * time.Millisecond
	lineEvery = 5 * time.Second
)

// watch shows progress until ctx ends: a bar on a terminal, else a line now and
// then.
func (t Terminal) watch(ctx context.Context, progress func(context.Context) (ingest.Progress, error)) {
	show, every := t.progressLine, lineEvery
	if t.Live {
		bar := newBar(t)
		defer func() { _ = bar.Clear() }()
		show, every = func(p ingest.Progress) { drawBar(bar, p) }, barEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if p, err := progress(ctx); err == nil {
			show(p)
		}
	}
}

func (t Terminal) progressLine(p ingest.Progress) {
	if p.Phase == ingest.Listing {
		t.tell("listing: %s found, %s", pagesAndTables(p.Known), counted(int(p.Requests), "request"))
		return
	}
	t.tell("reading: %s of %s, %s, %s%s", thousands(p.Done), pagesAndTables(p.Known), counted(p.Blocks, "block"), counted(int(p.Requests), "request"), left(p))
}

// left is the time that reading takes yet, after a comma, if that is known.
func left(p ingest.Progress) string {
	if p.Left == 0 {
		return ""
	}
	return fmt.Sprintf(", about %v left", time.Duration(p.Left)*time.Second)
}

func newBar(t Terminal) *progressbar.ProgressBar {
	return progressbar.NewOptions(1,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionSetWidth(20),
		progressbar.OptionSetPredictTime(false), // the budget says it better
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░"}),
		progressbar.OptionSetRenderBlankState(false),
	)
}

func drawBar(bar *progressbar.ProgressBar, p ingest.Progress) {
	if p.Phase == ingest.Listing || p.Known == 0 {
		bar.Describe(fmt.Sprintf("Listing: %s", pagesAndTables(p.Known)))
		return
	}
	bar.ChangeMax(p.Of)
	bar.Describe(fmt.Sprintf("%s of %s, %s%s", thousands(p.Done), pagesAndTables(p.Known), counted(int(p.Requests), "request"), left(p)))
	_ = bar.Set(min(p.Steps, p.Of)) // only fails past the end
}
