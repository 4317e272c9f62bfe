package citation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Checker holds citations against pages.
type Checker struct {
	Syncer *ingest.Syncer
	AsOf   time.Time // when the pages were cited; zero if it was not said
}

// atOnce is how many pages are read at the same time.
const atOnce = 4

// enough is how many words are the ones meant, wherever on the page they stand.
const enough = 3

// Check checks citations, and gives one outcome for each; but none for a link
// that only names the page of anchors which stand alone. The error ends the
// whole call: the token is not good, or the caller went away.
func (c Checker) Check(ctx context.Context, claims []quote.Cited) ([]Checked, error) {
	cited := pages{}
	if err := c.read(ctx, cited, named(claims)); err != nil {
		return nil, err
	}
	if err := c.read(ctx, cited, cited.lacking(claims)); err != nil {
		return nil, err
	}
	out := []Checked{}
	for _, claim := range claims {
		if claim.Quote == "" && cited.names(claim, claims) {
			continue
		}
		o := c.one(cited, claim)
		o.Proven = o.Verdict == Exact || o.Verdict == Elsewhere && quote.Words(claim.Quote) >= enough
		out = append(out, o)
	}
	abridge(out)
	return out, nil
}

// read reads pages. One that is not there, or that Notion could not be asked for,
// is an outcome and no error.
func (c Checker) read(ctx context.Context, read pages, ids map[notion.ID]bool) error {
	var g guard.Group
	g.SetLimit(atOnce)
	var mu sync.Mutex // of read
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
	return g.Wait()
}

func (c Checker) one(cited pages, claim quote.Cited) Checked {
	out := Checked{Quote: markdown.Prose(markdown.Seen(claim.Quote)), URL: markdown.Line(claim.URL)}
	if markdown.Ours(claim.URL) != "" {
		out.URL = markdown.Address(claim.URL) // which programs can open
	}
	if claim.URL == "" {
		out.Verdict = Uncited
		out.place(cited, claim.Quote)
		return out
	}
	ref, err := cited.ref(claim.URL)
	if err != nil {
		out.Verdict = Foreign
		return out
	}
	block := alone(claim.URL)
	if block != "" {
		out.URL = "#" + markdown.Line(block.Compact())
	}
	p := cited[ref.Page]
	out.PageID, out.BlockID = string(ref.Page), string(ref.Block)
	switch {
	case errors.Is(p.err, notion.ErrNotFound):
		out.Verdict = Unreadable
		return out
	case p.err != nil:
		out.Verdict, out.Why = Unchecked, markdown.Line(ingest.Explain(p.err))
		return out
	}
	if ref.Page != p.Page.ID && ref.Block == "" { // the id is that of a block
		ref.Block = ref.Page
	}
	out.PageID, out.BlockID = string(p.Page.ID), string(ref.Block)
	out.Title, out.LastEdited = markdown.Line(p.Page.Title), p.Page.LastEdited.UTC().Format(time.RFC3339)
	out.Changed = !c.AsOf.IsZero() && p.Page.LastEdited.After(c.AsOf)
	out.hold(p.sheet, ref.Block, claim.Quote)
	if out.FoundURL == "" && (out.Verdict == None || out.Verdict == BlockGone) {
		out.place(cited, claim.Quote)
	}
	if out.FoundURL == "" && block != "" {
		out.FoundURL = notion.BlockURL(p.Page.URL, block)
	}
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

// place looks for words on all pages that are cited anyway.
func (o *Checked) place(cited pages, words string) {
	for _, id := range slices.Sorted(maps.Keys(cited)) {
		p := cited[id]
		if p.sheet == nil || strings.TrimSpace(words) == "" {
			continue
		}
		if m := p.words.Find(words); m.Kind == quote.Exact {
			o.found(p.sheet, m.Start, o.Verdict)
			if o.PageID != string(p.Page.ID) {
				o.PageID, o.Title, o.LastEdited = string(p.Page.ID), markdown.Line(p.Page.Title), p.Page.LastEdited.UTC().Format(time.RFC3339)
			}
			return
		}
	}
}
