// Package ask puts questions to a search server: to our own tools in this
// process, or to any MCP server through a small adapter that knows which tools
// to call and where ids, addresses and text stand in their answers.
package ask

import (
	"context"

	"github.com/mcp-notion/mcp-notion/evals/grade"
	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Asker puts one question to a server. An error is about this question alone;
// the next one may be asked.
type Asker interface {
	Ask(ctx context.Context, q questions.Question) (Reply, error)
}

// Reply is what a server returned for a question.
type Reply struct {
	Passages   []Passage // best first
	Confidence float64   // how sure the server is that the question is answered; only its order matters
	Evidence   string    // what the server calls that; "" if it does not
	Text       string    // everything that a model has to read
	Calls      int       // of tools
}

// Passage is one piece of text that a server offered as evidence.
type Passage = grade.Passage

// place reads where an address points. The anchor wins over the id that the
// server told, since the address is what a person clicks.
func place(id, url string) (page, block notion.ID) {
	if ref, err := notion.ParseRef(id); err == nil {
		page = ref.Page
	}
	if ref, err := notion.ParseRef(url); err == nil {
		if page == "" {
			page = ref.Page
		}
		block = ref.Block
	}
	return page, block
}
