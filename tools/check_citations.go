package tools

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/citation"
)

// CheckIn is what check_citations takes: an answer, or its citations.
type CheckIn struct {
	Answer    string         `json:"answer"`
	Citations []CitationItem `json:"citations"`
	AsOf      string         `json:"as_of"`
}

// CitationItem is a link, and the words that are quoted with it.
type CitationItem struct {
	URL   string `json:"url"`
	Quote string `json:"quote"`
}

// CheckOut is what check_citations answers.
type CheckOut struct {
	OK        bool               `json:"ok" jsonschema:"every citation is proven, and there is one at least"`
	Proven    int                `json:"proven"`
	Total     int                `json:"total"`
	Citations []citation.Checked `json:"citations"`
	Notes     []markdown.Text    `json:"notes,omitempty"`
	Error     *Failure           `json:"error,omitempty" jsonschema:"set alone when the call failed"`
}

const (
	maxAnswer    = 50_000
	maxCitations = 50
	maxQuoted    = 2000
	maxNamed     = 80 // of a quote, where the outcome names it
)

func checkTool() tool {
	return tool{
		name:  CheckCitations,
		set:   Core,
		title: "Check citations",
		about: "Prove an answer before it is shown: whether each cited Notion block exists, the user may read it, and the quoted words stand there - exactly, nearly or not.",
		params: argument.Params{
			{Name: "answer", Kind: argument.Text, Max: maxAnswer, About: "Markdown with quoted words and Notion links behind them"},
			{Name: "citations", Kind: argument.Objects, Max: maxCitations, About: "Or the citations", Fields: []argument.Param{
				{Name: "url", Kind: argument.Text, Required: true, About: "Link to the block or page"},
				{Name: "quote", Kind: argument.Text, Max: maxQuoted, About: "Words quoted from it"},
			}},
			{Name: "as_of", Kind: argument.Text, About: "When cited; says whether pages changed since"},
		},
		output: mcp.WithOutputSchema[checkBrief](),
		run:    (*Set).check,
		inline: 80_000,
	}
}

func (s *Set) check(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[CheckIn](checkTool(), args)
	if err != nil {
		return Answer{}, err
	}
	claims := quote.InAnswer(in.Answer)
	for _, c := range in.Citations {
		claims = append(claims, quote.Cited{Quote: c.Quote, URL: c.URL}.Settled())
	}
	if in.Answer == "" && len(in.Citations) == 0 {
		return Answer{}, argument.Errorf("check_citations needs %q or %q.", "answer", "citations")
	}
	if _, err := s.client(ctx); err != nil { // who is not connected is told so, also where no page is cited
		return Answer{}, err
	}
	c := citation.Checker{Syncer: s.cfg.Syncer}
	if in.AsOf != "" {
		if c.AsOf, err = date("as_of", in.AsOf, s.cfg.Now()); err != nil {
			return Answer{}, err
		}
	}
	out := CheckOut{Citations: []citation.Checked{}}
	if more := len(claims) - maxCitations; more > 0 {
		out.Notes = append(out.Notes, markdown.Sprintf("The last %s not checked: at most %d in one call.", markdown.Counted(more, "citation was", "citations were"), maxCitations))
		claims = claims[:maxCitations]
	}
	if out.Citations, err = c.Check(ctx, claims); err != nil {
		return Answer{}, err
	}
	out.sum()
	return detailed(out.words(), out.brief(), func() any { return out })
}

// sum counts what is proven.
func (o *CheckOut) sum() {
	o.Total = len(o.Citations)
	for _, c := range o.Citations {
		if c.Proven {
			o.Proven++
		}
	}
	o.OK = o.Total > 0 && o.Proven == o.Total && len(o.Notes) == 0
	switch {
	case o.OK:
		o.Notes = append(o.Notes, "Proven are the quoted words, not what you conclude from them.")
	case o.Total == 0:
		o.Notes = append(o.Notes, "The text quotes and cites nothing: quote the words of the pages in quotation marks, with the link of their block behind them. That the pages do not say something needs no citation: tell how much was searched instead.")
	}
}

// change says in one line what to change in the answer.
func change(c citation.Checked) markdown.Text {
	line, link := c.Change(), c.Better()
	switch {
	case link == "":
		return line
	case line == "":
		return "use this link: " + link
	}
	return line + "; use this link: " + link
}

// words show the outcome to a model.
func (o CheckOut) words() markdown.Text {
	var b markdown.Builder
	b.Putf("%d of %s proven.\n", o.Proven, markdown.Counted(o.Total, "citation is", "citations are"))
	for i, c := range o.Citations {
		if c.Plainly() {
			b.Putf("\n[%d] proven: %q", i+1, markdown.Opening(c.Quote, maxNamed))
			if c.Row {
				b.Putf(", of the row %s", c.Title)
			}
			continue
		}
		b.Putf("\n[%d] %s", i+1, c.Words())
		if c.Quote != "" {
			b.Putf("\n    quoted: %s", markdown.Opening(c.Quote, maxNamed))
		}
		if c.URL != "" {
			b.Putf("\n    link: %s", c.URL)
		}
		switch {
		case c.Row:
			b.Putf("\n    of the row: %s", c.Title)
		case c.Verdict == citation.NoQuote:
			b.Putf("\n    opens: %s", c.Title)
		}
		for _, d := range c.Differences {
			b.Putf("\n    differs: %s", d)
		}
		if c.Stands != "" {
			b.Putf("\n    stands there: <quoted>%s</quoted>", c.Stands)
		}
		if line := change(c); line != "" {
			b.Putf("\n    change: %s", line)
		}
		if c.Changed {
			b.Putf("\n    the page was edited since, on %s", c.LastEdited)
		}
		if c.Why != "" {
			b.Putf("\n    %s", c.Why)
		}
	}
	for _, n := range o.Notes {
		b.Putf("\nNote: %s", n)
	}
	b.Put("\n\n", o.Next())
	return b.Text().Trim()
}

// Next is what to do now; "" where all is proven.
func (o CheckOut) Next() markdown.Text {
	switch {
	case o.Total == 0:
		return "Check again if you add quotations."
	case !o.OK:
		return "Mend or drop what is not proven, then check again."
	}
	return ""
}
