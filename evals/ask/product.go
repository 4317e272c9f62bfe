package ask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Product asks through search_notion, as an assistant does. Zero limits leave
// the tool its own.
type Product struct {
	Caller    tools.Caller
	Limit     int // passages
	MaxTokens int
}

// Ask calls search_notion once.
func (p Product) Ask(ctx context.Context, q questions.Question) (Reply, error) {
	args := map[string]any{"query": q.Question}
	if len(q.Also) > 0 {
		args["also"] = q.Also
	}
	if p.Limit > 0 {
		args["limit"] = p.Limit
	}
	if p.MaxTokens > 0 {
		args["max_tokens"] = p.MaxTokens
	}
	a, err := call(ctx, p.Caller, tools.SearchNotion, args)
	if err != nil {
		return Reply{Calls: 1}, err
	}
	r, err := searchReply(a)
	r.Calls = 1
	return r, err
}

func searchReply(a tools.Answer) (Reply, error) {
	// A server that tells how sure it is does so in this field; before there
	// was one, the score of the first passage has to do.
	var out struct {
		tools.SearchOut
		Confidence *float64   `json:"confidence"`
		Quoted     [][]string `json:"quoted"` // what clients get instead of Passages
	}
	if err := json.Unmarshal(a.Full(), &out); err != nil {
		return Reply{Text: a.Text}, fmt.Errorf("read the answer of %s: %w", tools.SearchNotion, err)
	}
	r := Reply{Text: a.Text}
	r.Evidence, _, _ = strings.Cut(out.Evidence, " - ")
	for _, f := range out.Passages {
		page, block := place(f.PageID, f.URL)
		if block == "" { // the properties of a row, or the page itself
			block = page
		}
		r.Passages = append(r.Passages, Passage{Page: page, Block: block, URL: f.URL, Title: string(f.Title), Text: string(f.Text)})
	}
	for _, q := range out.Quoted {
		if p, ok := quoted(q); ok {
			r.Passages = append(r.Passages, p)
		}
	}
	switch {
	case out.Confidence != nil:
		r.Confidence = *out.Confidence
	case len(out.Passages) > 0:
		r.Confidence = out.Passages[0].Score
	}
	return r, nil
}

// anchor matches what ends a block that a client gets.
var anchor = regexp.MustCompile(`[ \n]?#([0-9a-f]{32})(?:\n|$)`)

// quoted is what a client gets of a page: url, title, place, blocks.
func quoted(q []string) (Passage, bool) {
	if len(q) < 4 {
		return Passage{}, false
	}
	text := strings.Join(q[3:], "\n\n")
	page, block := place("", q[0])
	p := Passage{Page: page, Block: page, URL: q[0], Title: q[1], Text: anchor.ReplaceAllString(text, "\n")}
	if m := anchor.FindStringSubmatch(text); m != nil {
		p.URL += "#" + m[1]
		_, block = place("", p.URL)
	}
	if block != "" {
		p.Block = block
	}
	return p, true
}

// call calls a tool with arguments, and turns an answer that is a failure into
// an error.
func call(ctx context.Context, c tools.Caller, tool string, args map[string]any) (tools.Answer, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return tools.Answer{}, fmt.Errorf("write the arguments of %s: %w", tool, err)
	}
	a, err := c.Call(ctx, tool, raw)
	if err != nil {
		return a, fmt.Errorf("call %s: %w", tool, err)
	}
	if a.IsError {
		return a, fmt.Errorf("call %s: %w", tool, errors.New(questions.Words(a.Text, 300)))
	}
	return a, nil
}
