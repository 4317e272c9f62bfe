package retrieval_test

import (
	"context"
	"testing"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

func TestEvidence(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	for _, c := range []struct {
		text string
		want retrieval.Evidence
	}{
		{"paid parental leave for both parents", retrieval.Strong},
		{"parental leave in weeks of a zeppelin pilot", retrieval.Weak},
		{"weeks of zeppelin helium mooring regatta yachts", retrieval.None},
		{"zeppelin", retrieval.None},
	} {
		res := w.ask(retrieval.Query{Text: c.text})
		if res.Evidence != c.want || res.Confidence < 0 || res.Confidence > 1 {
			t.Errorf("%q: %s evidence with confidence %.2f, want %s", c.text, res.Evidence, res.Confidence, c.want)
		}
		if len(res.Found) > 0 && res.Found[0].Evidence != res.Evidence {
			t.Errorf("%q: %s evidence in all, %s of the first passage", c.text, res.Evidence, res.Found[0].Evidence)
		}
	}
}

func TestEvidenceAsksMoreOfRephrasings(t *testing.T) {
	t.Parallel()
	w := mirrored(t, retrieval.Config{})
	const question = "paid parental leave in weeks that zeppelin, xylophone and regatta people take"
	alone := w.ask(retrieval.Query{Text: question})
	again := w.ask(retrieval.Query{Text: question, Also: []string{question}})
	if alone.Evidence != retrieval.Weak || again.Evidence != retrieval.None {
		t.Errorf("confidence %.2f is %s evidence alone, %.2f is %s when it is said twice; want weak and none",
			alone.Confidence, alone.Evidence, again.Confidence, again.Evidence)
	}
}

// level is a Sense to which everything is as near as anything else.
type level float64

func (l level) Of(string, *passage.Passage) (float64, bool) { return float64(l), true }

func (level) Nearest(context.Context, func(index.Page) bool, int) ([]index.Place, error) {
	return nil, nil
}

// How near the meaning of a passage is counts as evidence where it was measured
// what that says: other models put other numbers on the same.
func TestEvidenceByMeaning(t *testing.T) {
	t.Parallel()
	const question = "parental leave in weeks of a zeppelin pilot"
	ask := func(near float64, measured bool) *retrieval.Result {
		w := sensing(t, func(_ *world, c *retrieval.Config) { c.Sense, c.Measured = always(level(near)), measured })
		return w.ask(retrieval.Query{Text: question})
	}
	words := mirrored(t, retrieval.Config{}).ask(retrieval.Query{Text: question})
	if other := ask(0.8, false); other.Confidence != words.Confidence || other.Evidence != words.Evidence {
		t.Errorf("%s, %.2f of a model that nothing is known of; want %s, %.2f as by words", other.Evidence, other.Confidence, words.Evidence, words.Confidence)
	}
	near, far := ask(0.8, true), ask(0.3, true)
	if near.Evidence != retrieval.Partial || far.Evidence != retrieval.None {
		t.Errorf("%s, %.2f near and %s, %.2f far; by words %.2f", near.Evidence, near.Confidence, far.Evidence, far.Confidence, words.Confidence)
	}
	if near.Found[0].Evidence != near.Evidence {
		t.Errorf("%s evidence in all, %s of the first passage", near.Evidence, near.Found[0].Evidence)
	}
}
