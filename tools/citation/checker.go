package citation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/quote"
)

// Checker holds citations against pages.
type Checker struct {
	Syncer *ingest.Syncer
	AsOf   time.Time // when the pages were cited; zero if it was not said
}

// pages are the pages that are cited, each read once.
type pages map[notion.ID]outcome

// outcome is a page, or why it could not be read.
type outcome struct {
	*sheet
	err error
}

// atOnce is how many pages are read at the same time.
const atOnce = 4

// enough is how many words are the ones meant, wherever on the page they stand.
const enough = 3

// Check checks citations, and gives one outcome for each. The error ends the
// whole call: the token is not good, or the caller went away.
func (c Checker) Check(ctx context.Context, claims []quote.Cited) ([]Checked, error) {
	cited, err := c.read(ctx, claims)
	if err != nil {
		return nil, err
	}
	out := make([]Checked, len(claims))
	for i, claim := range claims {
		out[i] = c.one(cited, claim)
		out[i].Proven = out[i].Verdict == Exact || out[i].Verdict == Elsewhere && quote.Words(claim.Quote) >= enough
	}
	abridge(out)
	return out, nil
}

// read reads every page that is cited. A page that is not there, or that Notion
// could not be asked for, is an outcome and no error.
func (c Checker) read(ctx context.Context, claims []quote.Cited) (pages, error) {
	ids := map[notion.ID]bool{}
	for _, claim := range claims {
		if ref, err := notion.ParseRef(claim.URL); err == nil {
			ids[ref.Page] = true
		}
	}
	var g guard.Group
	g.SetLimit(atOnce)
	var mu sync.Mutex // of read
	read := pages{}
	for id := range ids {
		g.Go(func() error {
			s, err := c.sheet(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			read[id] = outcome{s, err}
			if err == nil || errors.Is(err, notion.ErrNotFound) || ctx.Err() == nil && ingest.Outage(err) {
				return nil
			}
			return fmt.Errorf("check citations of page %s: %w", id, err)
		})
	}
	return read, g.Wait()
}

func (c Checker) one(cited pages, claim quote.Cited) Checked {
	out := Checked{Quote: markdown.Prose(claim.Quote), URL: markdown.Line(claim.URL)}
	if markdown.Ours(claim.URL) != "" {
		out.URL = markdown.Address(claim.URL) // which programs can open
	}
	if claim.URL == "" {
		out.Verdict = Uncited
		out.place(cited, claim.Quote)
		return out
	}
	ref, err := notion.ParseRef(claim.URL)
	if err != nil {
		out.Verdict = Foreign
		return out
	}
	out.PageID, out.BlockID = string(ref.Page), string(ref.Block)
	p := cited[ref.Page]
	switch {
	case errors.Is(p.err, notion.ErrNotFound):
		out.Verdict = Unreadable
		return out
	case p.err != nil:
		out.Verdict, out.Why = Unchecked, markdown.Line(ingest.Explain(p.err))
		return out
	}
	out.Title, out.LastEdited = markdown.Line(p.Page.Title), p.Page.LastEdited.UTC().Format(time.RFC3339)
	out.Changed = !c.AsOf.IsZero() && p.Page.LastEdited.After(c.AsOf)
	out.hold(p.sheet, ref.Block, claim.Quote)
	if p.Stale != "" {
		out.Verdict, out.Why = Unchecked, "Notion could not be asked just now: "+markdown.Line(p.Stale)
	}
	return out
}

// sheet lays a page out as one text.
func (c Checker) sheet(ctx context.Context, id notion.ID) (*sheet, error) {
	r, err := c.Syncer.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	s := layOut(r, withoutAddresses)
	s.shown = layOut(r, func(s string) string { return s })
	return s, nil
}

// place looks for words without a link on the pages that are cited anyway.
func (o *Checked) place(cited pages, words string) {
	for _, p := range cited {
		if p.sheet == nil {
			continue
		}
		if m := p.words.Find(words); m.Kind == quote.Exact {
			o.PageID, o.Title = string(p.Page.ID), markdown.Line(p.Page.Title)
			o.found(p.sheet, m.Start, Uncited)
			return
		}
	}
}
