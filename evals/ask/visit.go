package ask

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/tools"
)

// visit is the calls that an adapter makes for one question. After the first
// failure it makes no more.
type visit struct {
	caller tools.Caller
	calls  int
	text   string // all that the calls answered
	err    error
}

// searcher finds pages for some words, and reader shows the text of one.
type (
	searcher func(ctx context.Context, v *visit, words string) []Passage
	reader   func(ctx context.Context, v *visit, p Passage) Passage
)

// call returns the text of a tool's answer, "" after a failure.
func (v *visit) call(ctx context.Context, tool string, args map[string]any) string {
	if v.err != nil {
		return ""
	}
	v.calls++
	a, err := call(ctx, v.caller, tool, args)
	if err != nil {
		v.err = err
		return ""
	}
	v.text += a.Text + "\n"
	return a.Text
}

func (v *visit) decode(tool, text string, into any) {
	if v.err != nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		v.err = fmt.Errorf("read the answer of %s: %w", tool, err)
	}
}

// search looks for the question and for each rephrasing, and merges the lists.
func (v *visit) search(ctx context.Context, q questions.Question, query searcher) []Passage {
	lists := [][]Passage{query(ctx, v, q.Question)}
	for _, also := range q.Also {
		lists = append(lists, query(ctx, v, also))
	}
	return merge(lists)
}

// read shows the text of the best, and makes the reply.
func (v *visit) read(ctx context.Context, found []Passage, show reader) (Reply, error) {
	r := Reply{}
	for i, p := range found {
		if i < readBest {
			p = show(ctx, v, p)
		}
		r.Passages = append(r.Passages, p)
	}
	// Such servers give no score. How much they found is all there is.
	r.Confidence = float64(len(found))
	r.Text, r.Calls = v.text, v.calls
	return r, v.err
}

// fusion is the constant of reciprocal rank fusion that its authors chose.
const fusion = 60

// merge fuses lists by reciprocal rank.
func merge(lists [][]Passage) []Passage {
	scores := map[string]float64{}
	var all []Passage
	for _, list := range lists {
		for i, p := range list {
			key := keyOf(p)
			if scores[key] == 0 {
				all = append(all, p)
			}
			scores[key] += 1 / float64(fusion+i+1)
		}
	}
	slices.SortStableFunc(all, func(a, b Passage) int { return cmp.Compare(scores[keyOf(b)], scores[keyOf(a)]) })
	return all
}

func keyOf(p Passage) string { return string(p.Page) + "#" + string(p.Block) + "#" + p.ID }
