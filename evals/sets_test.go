package evals

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// TestSeveralCorpora asks about two copies of the library, one of them without
// rephrasings.
func TestSeveralCorpora(t *testing.T) {
	t.Parallel()
	one, other := t.TempDir()+"/one", t.TempDir()+"/other"
	for _, dir := range []string{one, other} {
		if err := os.CopyFS(dir+"/pages", os.DirFS("testdata/corpus")); err != nil {
			t.Fatal(err)
		}
		copyFile(t, "testdata/questions.jsonl", dir+"/questions.jsonl")
	}
	copyFile(t, "testdata/rephrasings.jsonl", one+"/rephrasings.jsonl")
	var out bytes.Buffer
	if err := Eval(t.Context(), Options{Sets: []string{one, other}}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one, alone", "one, rephrased", "other, alone", "95 %", "passage missed", "other, alone, table"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if all, types := strings.Count(out.String(), "95 %"), 3*7; all != 3+types {
		t.Errorf("%d lines of intervals, want those of 3 runs and of their 7 types of questions", all)
	}
	if strings.Contains(out.String(), "other, rephrased") {
		t.Errorf("a corpus without rephrasings was asked with them:\n%s", out.String())
	}
	if err := Eval(t.Context(), Options{Sets: []string{one}, HTML: "x"}, io.Discard, io.Discard); !errors.Is(err, ErrUsage) {
		t.Errorf("a page of several corpora: %v", err)
	}
	if err := Eval(t.Context(), Options{Sets: []string{one}, Ablate: true, Without: []string{"luck"}}, io.Discard, io.Discard); !errors.Is(err, ErrUsage) {
		t.Errorf("a part that does not exist: %v", err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
