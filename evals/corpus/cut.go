package corpus

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/evals/questions"
)

// Cut copies a folder to dir, without the lines that answer the questions.
// First lines and headings stay, and of rows their names, which other tables may
// refer to: what is to be seen is whether a page that is about the question,
// but does not answer it, is told from one that does.
func Cut(fsys fs.FS, all []questions.Question, dir string) error {
	gold := map[string][]questions.Gold{}
	for _, q := range all {
		for _, g := range q.Gold {
			gold[g.Path] = append(gold[g.Path], g)
		}
	}
	if err := os.CopyFS(dir, fsys); err != nil {
		return fmt.Errorf("cut answers: %w", err)
	}
	for path, answers := range gold {
		raw, err := fs.ReadFile(fsys, path)
		if err != nil {
			return fmt.Errorf("cut answers: %w", err)
		}
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.Remove(name); err != nil { // the copy may be read-only
			return fmt.Errorf("cut answers: %w", err)
		}
		left := cut(string(raw), answers)
		if filepath.Ext(path) == ".csv" {
			if left, err = cutRows(string(raw), answers); err != nil {
				return fmt.Errorf("cut answers of %s: %w", path, err)
			}
		}
		if err := os.WriteFile(name, []byte(left), 0o600); err != nil {
			return fmt.Errorf("cut answers: %w", err)
		}
	}
	return nil
}

func cut(text string, answers []questions.Gold) string {
	lines := strings.Split(text, "\n")
	gone := make([]bool, len(lines)+1)
	for _, g := range answers {
		for n := g.LineStart; n <= min(g.LineEnd, len(lines)); n++ {
			gone[n] = true
		}
	}
	var kept []string
	for i, line := range lines {
		if i == 0 || !gone[i+1] || strings.HasPrefix(line, "#") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// cutRows empties the cells of rows that answer, all but the first.
func cutRows(text string, answers []questions.Gold) (string, error) {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	var b strings.Builder
	out := csv.NewWriter(&b)
	for n := 0; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			out.Flush()
			return b.String(), out.Error()
		}
		if err != nil {
			return "", err
		}
		first, _ := in.FieldPos(0)
		last, _ := in.FieldPos(len(row) - 1)
		last += strings.Count(row[len(row)-1], "\n")
		answer := func(g questions.Gold) bool { return g.LineStart <= last && first <= g.LineEnd }
		if n > 0 && slices.ContainsFunc(answers, answer) {
			clear(row[1:])
		}
		if err := out.Write(row); err != nil {
			return "", err
		}
	}
}
