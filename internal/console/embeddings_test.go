package console

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	const key = "sk-secret0"
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const url = "https://api.openai.com/v1/"
	for name, c := range map[string]struct {
		embeddings Embeddings
		key, file  string
		want, err  string // the key, or what the error says
	}{
		"off":             {},
		"without a key":   {embeddings: Embeddings{URL: url, Model: "m"}},
		"key":             {embeddings: Embeddings{URL: url, Model: "m", Rerank: "c"}, key: key, want: key},
		"file":            {embeddings: Embeddings{URL: url, Model: "m"}, file: file, want: key},
		"both":            {embeddings: Embeddings{URL: url, Model: "m"}, key: key, file: file, err: "both set"},
		"no file":         {embeddings: Embeddings{URL: url, Model: "m"}, file: file + "x", err: "no such file"},
		"two words":       {embeddings: Embeddings{URL: url, Model: "m"}, key: "Bearer " + key, err: "has a space"},
		"no model":        {embeddings: Embeddings{URL: url}, err: "name of a model"},
		"no address":      {embeddings: Embeddings{Model: "m"}, err: "address of its endpoint"},
		"a key in it":     {embeddings: Embeddings{URL: "https://u:" + key + "@x/v1", Model: "m"}, err: "must not hold"},
		"another program": {embeddings: Embeddings{URL: "file:///etc/passwd", Model: "m"}, err: "must be like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{Embeddings: c.embeddings, Getenv: environment(embedKeyVariable, c.key, embedKeyFileVariable, c.file)}
			e, err := cfg.Endpoint()
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if e.Key.Reveal() != c.want || e.On() != (c.err == "" && c.embeddings.URL != "") || e.Rerank != c.embeddings.Rerank && err == nil {
				t.Errorf("got %+v", e)
			}
			if text := fmt.Sprintf("%v %+v %#v", err, e, e); strings.Contains(text, "secret0") {
				t.Errorf("the key is shown by %s", text)
			}
		})
	}
}
