package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/quote"
)

// checker holds citations against the pages as they are now, each read once.
type checker struct {
	set    *Set
	client *notion.Client
	asOf   time.Time // zero if it was not said

	mu    sync.Mutex // of pages, while they are read
	pages map[notion.ID]outcome
}

// outcome is a page, or why it could not be read.
type outcome struct {
	*sheet
	err error
}

// sheet is a page as one text, with where its blocks begin in it.
type sheet struct {
	*ingest.Reading
	text   string
	words  quote.Text // of text
	blocks []spot
	shown  *sheet // the same page as the tools show it; nil in that one
}

// spot is where a block stands in a sheet.
type spot struct {
	start, end int
	block      notion.ID
}

// atOnce is how many pages are read at the same time.
const atOnce = 4

// all checks citations. The error ends the whole call: the token is not good,
// or the caller went away.
func (c *checker) all(ctx context.Context, claims []quote.Cited) ([]CheckedCitation, error) {
	if err := c.read(ctx, claims); err != nil {
		return nil, err
	}
	out := make([]CheckedCitation, len(claims))
	for i, claim := range claims {
		out[i] = c.one(claim)
	}
	return out, nil
}

// read reads every page that is cited.
func (c *checker) read(ctx context.Context, claims []quote.Cited) error {
	ids := map[notion.ID]bool{} // each page is read once
	for _, claim := range claims {
		if ref, err := notion.ParseRef(claim.URL); err == nil {
			ids[ref.Page] = true
		}
	}
	var g errgroup.Group
	g.SetLimit(atOnce)
	c.pages = map[notion.ID]outcome{}
	for id := range ids {
		g.Go(func() error {
			s, err := c.sheet(ctx, id)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.pages[id] = outcome{s, err}
			if err == nil || errors.Is(err, notion.ErrNotFound) || ctx.Err() == nil && ingest.Outage(err) {
				return nil
			}
			return fmt.Errorf("check citations of page %s: %w", id, err)
		})
	}
	return g.Wait()
}

func (c *checker) one(claim quote.Cited) CheckedCitation {
	out := CheckedCitation{Quote: prompts.Quote(claim.Quote), URL: prompts.Line(claim.URL)}
	if claim.URL == "" {
		out.Verdict = VerdictUncited
		c.place(&out)
		return out
	}
	ref, err := notion.ParseRef(claim.URL)
	if err != nil {
		out.Verdict = VerdictForeign
		return out
	}
	out.PageID, out.BlockID = string(ref.Page), string(ref.Block)
	p := c.pages[ref.Page]
	switch {
	case errors.Is(p.err, notion.ErrNotFound):
		out.Verdict = VerdictUnreadable
		return out
	case p.err != nil:
		out.Verdict, out.Why = VerdictUnchecked, ingest.Explain(p.err)
		return out
	}
	out.Title, out.LastEdited = prompts.Line(p.Page.Title), stamp(p.Page.LastEdited)
	out.Changed = !c.asOf.IsZero() && p.Page.LastEdited.After(c.asOf)
	out.hold(p.sheet, ref.Block, claim.Quote)
	if p.Stale != "" {
		out.Verdict, out.Why = VerdictUnchecked, "Notion could not be asked just now: "+prompts.Line(p.Stale)
	}
	return out
}

// sheet lays a page out as one text.
func (c *checker) sheet(ctx context.Context, id notion.ID) (*sheet, error) {
	r, err := c.set.cfg.Syncer.Read(ctx, id)
	if err != nil {
		return nil, err
	}
	s := layOut(r, func(s string) string { return s })
	s.shown = layOut(r, prompts.Quote)
	return s, nil
}

// layOut makes a sheet of text as show writes it.
func layOut(r *ingest.Reading, show func(string) string) *sheet {
	s := &sheet{Reading: r}
	var b strings.Builder
	for _, p := range r.Passages {
		done := 0
		for _, span := range p.Spans {
			b.WriteString(show(p.Text[done:span.Start]))
			start := b.Len()
			b.WriteString(show(p.Text[span.Start:span.End]))
			s.blocks = append(s.blocks, spot{start, b.Len(), span.Block})
			done = span.End
		}
		b.WriteString(show(p.Text[done:]) + "\n\n")
	}
	s.text = b.String()
	s.words = quote.Read(s.text)
	return s
}

// hold judges the words by the page as it is in Notion, and where they do not
// stand there, by what the tools show of it, which is what a model quotes.
func (o *CheckedCitation) hold(s *sheet, block notion.ID, words string) {
	shown := *o
	o.judge(s, block, words)
	if o.Verdict == VerdictExact || strings.TrimSpace(words) == "" {
		return
	}
	shown.judge(s.shown, block, words)
	if shown.Verdict == VerdictExact || shown.Verdict == VerdictElsewhere && o.Verdict != VerdictElsewhere {
		*o = shown
	}
}

// judge holds the words against the block, and then against the page.
func (o *CheckedCitation) judge(s *sheet, block notion.ID, words string) {
	at := s.span(block)
	switch {
	case block != "" && at == nil && strings.TrimSpace(words) == "":
		o.Verdict = VerdictBlockGone
		return
	case strings.TrimSpace(words) == "":
		o.Verdict = VerdictNoQuote
		if at != nil {
			o.Stands = standing(s.text[at.start:at.end])
		}
		return
	}
	if at != nil {
		if m := quote.Find(s.text[at.start:at.end], words); m.Kind == quote.Exact {
			o.found(s, at.start+m.Start, VerdictExact)
			return
		}
	}
	m := s.words.Find(words)
	switch {
	case m.Kind == quote.Exact && (block == "" || at != nil && m.Start >= at.start && m.Start < at.end):
		o.found(s, m.Start, VerdictExact) // it goes on into the next block
	case m.Kind == quote.Exact:
		o.found(s, m.Start, VerdictElsewhere)
	case m.Kind == quote.Near:
		o.found(s, m.Start, VerdictNear)
		o.Stands, o.Serious = standing(s.text[m.Start:m.End]), m.Serious()
		for _, d := range m.Differences {
			o.Differences = append(o.Differences, differs(d))
		}
	case block != "" && at == nil:
		o.Verdict = VerdictBlockGone
	default:
		o.Verdict = VerdictNone
		if at != nil {
			o.Stands = standing(s.text[at.start:at.end])
		}
	}
}

// span is where a block stands; nil if the page has no such block.
func (s *sheet) span(block notion.ID) *spot {
	i := slices.IndexFunc(s.blocks, func(b spot) bool { return b.block == block })
	if block == "" || i < 0 {
		return nil
	}
	whole := s.blocks[i]
	for _, b := range s.blocks[i:] {
		if b.block == block {
			whole.end = max(whole.end, b.end) // a long block has several spans
		}
	}
	return &whole
}

// found notes the verdict and the block where the words begin.
func (o *CheckedCitation) found(s *sheet, at int, v Verdict) {
	o.Verdict = v
	for _, b := range s.blocks {
		if b.start <= at && at < b.end {
			o.BlockID = string(b.block)
			o.FoundURL = notion.BlockURL(notion.BlockURL(s.Page.URL, ""), b.block)
			return
		}
	}
	o.FoundURL = s.Page.URL
}

// place looks for words without a link on the pages that are cited anyway.
func (c *checker) place(o *CheckedCitation) {
	for _, p := range c.pages {
		if p.sheet == nil {
			continue
		}
		if m := p.words.Find(o.Quote); m.Kind == quote.Exact {
			o.PageID, o.Title = string(p.Page.ID), prompts.Line(p.Page.Title)
			o.found(p.sheet, m.Start, VerdictUncited)
			return
		}
	}
}

// What is shown of a citation: of the words and of what stands there, in
// characters, in one and in all together; and how many differences.
const (
	maxStanding    = 400
	allStanding    = 10_000
	maxDifferences = 4
)

// standing cuts a text to what is shown of it.
func standing(text string) string {
	s, _ := prompts.Cut(strings.TrimSpace(text), maxStanding)
	return prompts.Quote(s)
}

// abridge makes the outcome of many citations fit into one answer.
func abridge(all []CheckedCitation) {
	for i := range all {
		c, room := &all[i], max(100, min(maxStanding, allStanding/len(all)))
		c.Quote, _ = prompts.Cut(c.Quote, room)
		c.Stands, _ = prompts.Cut(c.Stands, room)
		if more := len(c.Differences) - maxDifferences; more > 0 {
			c.Differences = append(c.Differences[:maxDifferences:maxDifferences], fmt.Sprintf("and %d more", more))
		}
	}
}

func differs(d quote.Difference) string {
	switch {
	case d.Quoted == "":
		return fmt.Sprintf("leaves out %q", prompts.Short(d.Stands))
	case d.Stands == "":
		return fmt.Sprintf("adds %q", prompts.Short(d.Quoted))
	}
	return fmt.Sprintf("says %q where %q stands", prompts.Short(d.Quoted), prompts.Short(d.Stands))
}
