package retrieval_test

import (
	"testing"

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
