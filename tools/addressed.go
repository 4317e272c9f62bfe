package tools

import (
	"fmt"
	"strings"

	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// addressed warns of what a part of a page says to assistants.
func (b *book) addressed(w window) []string {
	for _, p := range w.shown(b) {
		if p.passage != nil && prompts.Addressed(p.passage.Text) {
			return []string{"Some " + prompts.AddressedNote}
		}
	}
	return nil
}

// addressed warns of what some passages say to assistants.
func addressed(r retrieval.Result) []string {
	var numbers []string
	for i, f := range r.Found {
		if prompts.Addressed(f.Text) {
			numbers = append(numbers, fmt.Sprintf("[%d]", i+1))
		}
	}
	if numbers == nil {
		return nil
	}
	return []string{"In " + strings.Join(numbers, ", ") + " some " + prompts.AddressedNote}
}
