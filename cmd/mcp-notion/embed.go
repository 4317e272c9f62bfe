package main

import (
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

// embedFlags name the model that finds passages by meaning too: in this process,
// or behind an endpoint, whose key is in the environment alone.
func embedFlags(f *pflag.FlagSet, e *console.Embeddings) {
	f.StringVar(&e.Local, "model", console.AutoModel, "`folder` of a model that finds passages by meaning too; auto is the\none that is built in, if any (MCP_NOTION_MODEL)")
	f.StringVar(&e.URL, "embed-url", "", "`address` of an OpenAI-compatible endpoint that makes the vectors instead (MCP_NOTION_EMBED_URL)")
	f.StringVar(&e.Model, "embed-model", "", "`model` of that endpoint (MCP_NOTION_EMBED_MODEL)")
	f.StringVar(&e.Rerank, "rerank-model", "", "`model` of that endpoint that puts the best passages in order (MCP_NOTION_RERANK_MODEL)")
}
