package questions

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Document is one document of a judged collection.
type Document struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Judged is one query of a collection with the gain of each judged document.
type Judged struct {
	ID    string
	Text  string
	Gains map[string]float64
}

// Collection is a judged collection.
type Collection struct {
	Documents []Document
	Queries   []Judged // those that have judgements, in the order of the file
}

// ReadBEIR reads a folder with corpus.jsonl, queries.jsonl and qrels.tsv. A
// judgement of a document or query that is not there is an error.
func ReadBEIR(dir string) (*Collection, error) {
	c := &Collection{}
	var err error
	if c.Documents, err = lines[Document](filepath.Join(dir, "corpus.jsonl")); err != nil {
		return nil, fmt.Errorf("read collection: %w", err)
	}
	type query struct {
		ID   string `json:"_id"`
		Text string `json:"text"`
	}
	queries, err := lines[query](filepath.Join(dir, "queries.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("read collection: %w", err)
	}
	judgements, err := readJudgements(filepath.Join(dir, "qrels.tsv"))
	if err != nil {
		return nil, fmt.Errorf("read collection: %w", err)
	}
	for _, q := range queries {
		if gains := judgements[q.ID]; gains != nil {
			c.Queries = append(c.Queries, Judged{ID: q.ID, Text: q.Text, Gains: gains})
			delete(judgements, q.ID)
		}
	}
	for id := range judgements {
		return nil, fmt.Errorf("read collection: query %q is judged but not there", id)
	}
	return c, c.check()
}

func (c *Collection) check() error {
	known := make(map[string]bool, len(c.Documents))
	for _, d := range c.Documents {
		if known[d.ID] {
			return fmt.Errorf("read collection: document %q occurs twice", d.ID)
		}
		known[d.ID] = true
	}
	for _, q := range c.Queries {
		for doc := range q.Gains {
			if !known[doc] {
				return fmt.Errorf("read collection: document %q is judged for query %q but not there", doc, q.ID)
			}
		}
	}
	return nil
}

func readJudgements(name string) (map[string]map[string]float64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := decodeJudgements(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return all, nil
}

// decodeJudgements reads "query TAB document TAB gain" below a header line.
func decodeJudgements(r io.Reader) (map[string]map[string]float64, error) {
	all := map[string]map[string]float64{}
	s := bufio.NewScanner(r)
	for n := 1; s.Scan(); n++ {
		fields := strings.Split(strings.TrimRight(s.Text(), "\r"), "\t")
		if n == 1 && len(fields) == 3 && strings.Contains(fields[0], "query") || s.Text() == "" {
			continue
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d has %d fields, not 3", n, len(fields))
		}
		gain, err := strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if all[fields[0]] == nil {
			all[fields[0]] = map[string]float64{}
		}
		all[fields[0]][fields[1]] = gain
	}
	return all, s.Err()
}
