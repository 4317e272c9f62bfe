package tools

import (
	"context"
	"encoding/json"

	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// status answers with the ingest.Coverage, for the terminal and the doctor. It
// needs no token: of the pages' text it says nothing.
func (s *Set) status(context.Context, json.RawMessage) (Answer, error) {
	c := s.cfg.Syncer.Coverage()
	return answer(prompts.CoverageText(retrieval.Result{Coverage: c}, s.cfg.Now()), c)
}
