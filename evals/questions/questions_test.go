package questions

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const two = `{"id":"a","question":"How long?","type":"multi","answerable":true,"gold":[{"path":"x/y.md","heading":"H","line_start":3,"line_end":4},{"path":"z.md","line_start":1,"line_end":1}],"answer":"Long."}

{"id":"b","question":"Why?","type":"unanswerable","answerable":false,"gold":[],"answer":""}
`

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"q": two, "r": `{"id":"a","queries":["duration","time"]}`})
	got, err := Read(filepath.Join(dir, "q"), filepath.Join(dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	gold := []Gold{{"x/y.md", "H", 3, 4}, {Path: "z.md", LineStart: 1, LineEnd: 1}}
	want := []Question{
		{ID: "a", Question: "How long?", Type: Multi, Answerable: true, Gold: gold, Answer: "Long.", Also: []string{"duration", "time"}},
		{ID: "b", Question: "Why?", Type: "unanswerable", Gold: []Gold{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]Gold{{gold[0]}, {gold[1]}}, got[0].Needs()); diff != "" {
		t.Errorf("multi needs each (-want +got):\n%s", diff)
	}
	got[0].Type = "table"
	if diff := cmp.Diff([][]Gold{gold}, got[0].Needs()); diff != "" {
		t.Errorf("others need any (-want +got):\n%s", diff)
	}
	if got[1].Needs() != nil {
		t.Error("an unanswerable question needs something")
	}
	if diff := cmp.Diff([]string{"table", "unanswerable"}, Types(got)); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const ok = `{"id":"a","question":"Q","answerable":true,"gold":[{"path":"x.md","line_start":1,"line_end":1}]}`
	tests := []struct{ name, questions, rephrasings, want string }{
		{"broken JSON", ok + "\n{", "", "q: line 2"},
		{"nothing", "\n", "", "no questions"},
		{"no id", `{"question":"Q"}`, "", "no id"},
		{"twice", ok + "\n" + ok, "", "occurs twice"},
		{"answerable without gold", `{"id":"a","question":"Q","answerable":true}`, "", "0 gold passages"},
		{"lines the wrong way round", strings.Replace(ok, `"line_start":1`, `"line_start":2`, 1), "", "is no place"},
		{"path that is not clean", strings.Replace(ok, "x.md", "./x.md", 1), "", "is no place"},
		{"rephrasing of another set", ok, `{"id":"z","queries":[]}`, `no question "z"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"q": tt.questions, "r": tt.rephrasings})
			_, err := Read(filepath.Join(dir, "q"), filepath.Join(dir, "r"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestReadBEIR(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"corpus.jsonl":  `{"_id":"d1","title":"T","text":"one"}` + "\n" + `{"_id":"d2","title":"","text":"two"}`,
		"queries.jsonl": `{"_id":"q1","text":"not judged"}` + "\n" + `{"_id":"q2","text":"judged"}`,
		"qrels.tsv":     "query-id\tcorpus-id\tscore\r\nq2\td2\t1\r\nq2\td1\t0\n",
	}
	got, err := ReadBEIR(write(t, files))
	if err != nil {
		t.Fatal(err)
	}
	want := &Collection{
		Documents: []Document{{"d1", "T", "one"}, {"d2", "", "two"}},
		Queries:   []Judged{{"q2", "judged", map[string]float64{"d2": 1, "d1": 0}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("collection (-want +got):\n%s", diff)
	}
	for qrels, problem := range map[string]string{
		"q2\td9\t1\n": `document "d9"`, "q9\td1\t1\n": `query "q9"`, "q2\td1\n": "2 fields", "q2\td1\tx\n": "line 1",
	} {
		files["qrels.tsv"] = qrels
		if _, err := ReadBEIR(write(t, files)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: got error %v, want one with %q", qrels, err, problem)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a  b\nc": "a b c", "one two three four": "one two…", "ääääääääääää": "äääääääää…"} {
		if got := Words(in, 10); got != want {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(two, "query-id\tcorpus-id\tscore\nq\td\t1\n")
	f.Fuzz(func(t *testing.T, questions, judgements string) {
		if all, err := decode[Question](strings.NewReader(questions), "q"); err == nil && check(all) == nil {
			for _, q := range all {
				if q.Answerable != (len(q.Needs()) > 0) {
					t.Errorf("answerable %t with %d needs", q.Answerable, len(q.Needs()))
				}
			}
		}
		_, _ = decodeJudgements(strings.NewReader(judgements))
	})
}
