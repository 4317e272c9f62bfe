// Package questions reads what an evaluation asks: questions with known
// answers in a workspace, the rephrasings that an assistant would send along,
// and judged collections in the layout of BEIR.
package questions

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// Multi is the type of questions that need all of their gold passages.
const Multi = "multi"

// Question is one question with its known answer.
type Question struct {
	ID         string   `json:"id"`
	Question   string   `json:"question"`
	Type       string   `json:"type"`
	Answerable bool     `json:"answerable"`
	Gold       []Gold   `json:"gold"`
	Answer     string   `json:"answer"` // in short; empty if unanswerable
	Also       []string `json:"-"`      // rephrasings
}

// Gold is a passage that answers: lines of a file, counted from 1, both ends
// included.
type Gold struct {
	Path      string `json:"path"`
	Heading   string `json:"heading,omitempty"`
	LineStart int    `json:"line_start"`
	LineEnd   int    `json:"line_end"`
}

// Lines are lines of one file, counted from 1, both ends included.
type Lines struct {
	Path  string `json:"path"`
	Start int    `json:"line_start"`
	End   int    `json:"line_end"`
}

// Holds says whether a line of a gold passage is among these.
func (l Lines) Holds(g Gold) bool {
	return l.Path == g.Path && l.Start <= g.LineEnd && g.LineStart <= l.End
}

// Needs are the parts of a full answer, each with the passages that give it.
// A multi question needs every gold passage; for others any one will do.
func (q Question) Needs() [][]Gold {
	switch {
	case len(q.Gold) == 0:
		return nil
	case q.Type != Multi:
		return [][]Gold{q.Gold}
	}
	needs := make([][]Gold, 0, len(q.Gold))
	for _, g := range q.Gold {
		needs = append(needs, []Gold{g})
	}
	return needs
}

// Read reads questions and, unless its name is empty, the file of their
// rephrasings. Both hold one JSON value per line.
func Read(file, rephrasings string) ([]Question, error) {
	all, err := lines[Question](file)
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	if err := check(all); err != nil {
		return nil, fmt.Errorf("read questions: %s: %w", file, err)
	}
	if rephrasings == "" {
		return all, nil
	}
	type rephrased struct {
		ID      string   `json:"id"`
		Queries []string `json:"queries"`
	}
	more, err := lines[rephrased](rephrasings)
	if err != nil {
		return nil, fmt.Errorf("read rephrasings: %w", err)
	}
	for _, r := range more {
		i := slices.IndexFunc(all, func(q Question) bool { return q.ID == r.ID })
		if i < 0 {
			return nil, fmt.Errorf("read rephrasings: %s: there is no question %q", rephrasings, r.ID)
		}
		all[i].Also = r.Queries
	}
	return all, nil
}

func check(all []Question) error {
	seen := map[string]bool{}
	for _, q := range all {
		switch {
		case q.ID == "" || q.Question == "":
			return fmt.Errorf("question %q has no id or no words", q.ID)
		case seen[q.ID]:
			return fmt.Errorf("question %q occurs twice", q.ID)
		case q.Answerable != (len(q.Gold) > 0):
			return fmt.Errorf("question %q: answerable is %t with %d gold passages", q.ID, q.Answerable, len(q.Gold))
		}
		seen[q.ID] = true
		for _, g := range q.Gold {
			if g.Path == "" || g.Path != path.Clean(g.Path) || g.LineStart < 1 || g.LineEnd < g.LineStart {
				return fmt.Errorf("question %q: gold %q, lines %d to %d, is no place", q.ID, g.Path, g.LineStart, g.LineEnd)
			}
		}
	}
	if len(all) == 0 {
		return errors.New("no questions")
	}
	return nil
}

// lines decodes a file of one JSON value per line. Blank lines are skipped.
func lines[T any](name string) ([]T, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decode[T](f, name)
}

// maxLine bounds one line: a document of a collection may be long.
const maxLine = 16 << 20

func decode[T any](r io.Reader, name string) ([]T, error) {
	var all []T
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		all = append(all, v)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

// Types are the types of the questions, in the order in which they first
// occur, those without an answer last.
func Types(all []Question) []string {
	var types, last []string
	for _, q := range all {
		switch {
		case slices.Contains(types, q.Type) || slices.Contains(last, q.Type):
		case q.Answerable:
			types = append(types, q.Type)
		default:
			last = append(last, q.Type)
		}
	}
	return append(types, last...)
}

// Words cuts a text to at most n characters at the end of a word, for tables.
func Words(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	cut := string(runes[:n-1])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return cut + "…"
}
