package evals

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
)

// With an endpoint, words and meaning are measured together and apart.
func TestWordsAndMeaningBesideEachOther(t *testing.T) {
	t.Parallel()
	cfg := Config{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl"}
	plain, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Embeddings.Config, cfg.LeaveOut = embed.Config{URL: embedtest.New(t).URL, Model: "small"}, true
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Others) != 2 || r.System != "words and meaning" || r.Others[0].System != "words alone" || r.Others[1].System != "meaning alone" {
		t.Fatalf("measured %q and %d others", r.System, len(r.Others))
	}
	if len(r.Classes) == 0 {
		t.Error("answers were not left out")
	}
	for _, key := range report.QualityKeys() {
		if got := r.Others[0].Metrics[key]; got != plain.Metrics[key] {
			t.Errorf("words alone: %s is %v, without an endpoint %v", key, got, plain.Metrics[key])
		}
	}
	for _, one := range append(r.Others, *r) {
		if one.Metrics[report.PageRecall10] == 0 {
			t.Errorf("%s finds nothing", one.System)
		}
		for _, row := range one.Questions {
			if row.Error != "" {
				t.Errorf("%s: %s: %s", one.System, row.ID, row.Error)
			}
		}
	}
	var table bytes.Buffer
	if err := r.Table(&table); err != nil || !strings.Contains(table.String(), "meaning alone") {
		t.Errorf("table %v:\n%s", err, &table)
	}
}

func TestEvalEmbeddingsThatFail(t *testing.T) {
	t.Parallel()
	cfg := Config{Corpus: "testdata/corpus", Questions: "testdata/questions.jsonl"}
	e := embedtest.New(t)
	e.Set(embedtest.Behavior{Models: []string{"other"}})
	cfg.Embeddings.Config = embed.Config{URL: e.URL, Model: "small"}
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "refuses") {
		t.Errorf("error %v", err)
	}
}
