package console

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/bert"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/server"
)

// Embeddings says which model finds passages by meaning, and which puts them in
// order. The key of an endpoint is not in it: it is read from the environment
// when it is used.
type Embeddings struct {
	Local  string // AutoModel, NoModel, or the folder of a model for this process; an endpoint goes first
	URL    string // base of an OpenAI-compatible endpoint; "" means none
	Model  string // of the endpoint
	Rerank string // model that puts the best passages in order; "" means none
}

// The names of the environment variables that hold the key of the endpoint.
const (
	embedKeyVariable     = "MCP_NOTION_EMBED_KEY"
	embedKeyFileVariable = "MCP_NOTION_EMBED_KEY_FILE"
)

// Endpoint adds the key to what the flags say, and checks it.
func (c Config) Endpoint() (server.Embeddings, error) {
	e := c.Embeddings
	if e.URL == "" {
		if e.Model != "" || e.Rerank != "" {
			return server.Embeddings{}, &Usage{Problem: "a model needs the address of its endpoint", Hint: "name it with --embed-url"}
		}
		return e.local()
	}
	key, path := c.getenv(embedKeyVariable), c.getenv(embedKeyFileVariable)
	switch {
	case key != "" && path != "":
		return server.Embeddings{}, hinted("unset one of them", "%s and %s are both set", embedKeyVariable, embedKeyFileVariable)
	case path != "":
		var err error
		if key, err = readKey(path); err != nil {
			return server.Embeddings{}, err
		}
	}
	key = strings.TrimSpace(key)
	if err := sendable(key); err != nil {
		return server.Embeddings{}, hinted("copy it again, without quotes, spaces or the word Bearer", "the key of the embeddings endpoint %w", err)
	}
	cfg := embed.Config{URL: strings.TrimRight(e.URL, "/"), Model: e.Model, Key: embed.NewKey(key)}
	if err := cfg.Check(); err != nil {
		return server.Embeddings{}, &Usage{Problem: err.Error(), Hint: "see --embed-url and --embed-model"}
	}
	return server.Embeddings{Config: cfg, Rerank: e.Rerank}, nil
}

// The values of --model that are no folders. The empty one is NoModel.
const (
	AutoModel = "auto" // what is built in, if anything is and this machine can run it
	NoModel   = "none"
)

// local opens the model that runs in this process.
func (e Embeddings) local() (server.Embeddings, error) {
	folder, built := bert.Built()
	switch {
	case e.Local == "", e.Local == NoModel, e.Local == AutoModel && !(built && bert.Fast()):
		return server.Embeddings{}, nil
	case e.Local != AutoModel:
		folder = os.DirFS(e.Local)
	}
	m, err := bert.Open(folder)
	if err != nil {
		return server.Embeddings{}, &Usage{
			Problem: fmt.Sprintf("--model %s: %v", e.Local, err),
			Hint:    "name the folder of a BERT encoder as sentence-transformers writes it, with config.json, vocab.txt and model.safetensors, or none",
		}
	}
	return server.Embeddings{Local: m, BuiltIn: e.Local == AutoModel}, nil
}

func readKey(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = private(info, path)
	}
	if err == nil && info.Size() > longestSecret {
		err = errors.New("the file is too long for a key")
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return "", hinted("make the file, with the key alone in it, readable by you alone", "read the key from %s: %w", embedKeyFileVariable, err)
	}
	return string(data), nil
}

// meaning tells how far searching by meaning is.
func (t Terminal) meaning(st *vectors.Status) {
	if st == nil {
		return
	}
	t.say("Meaning   %s of %s by %s", thousands(st.Done), counted(st.Total, "passage"), printable(st.Model))
	if st.Refused > 0 {
		t.say("          %s not read by the model", counted(st.Refused, "text"))
	}
	if st.Error != "" {
		t.say("          %s", printable(st.Error))
	}
}
