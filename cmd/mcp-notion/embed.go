package main

import (
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/console"
)

// embedFlags name the endpoint that finds passages by meaning too. Its key is
// in the environment alone.
func embedFlags(f *pflag.FlagSet, e *console.Embeddings) {
	f.StringVar(&e.URL, "embed-url", "", "`address` of an OpenAI-compatible endpoint, to find passages by meaning too (MCP_NOTION_EMBED_URL)")
	f.StringVar(&e.Model, "embed-model", "", "`model` that makes the vectors (MCP_NOTION_EMBED_MODEL)")
	f.StringVar(&e.Rerank, "rerank-model", "", "`model` of that endpoint that puts the best passages in order (MCP_NOTION_RERANK_MODEL)")
}
