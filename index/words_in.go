package index

import (
	"context"
	"fmt"
	"slices"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// WordsIn tells the words of a question that stand in some texts, in any of their
// forms, from those that stand in none. They are as they were written; words that
// a search passes over are left out.
func (x *Index) WordsIn(ctx context.Context, question string, texts []string) (stand, lack []string, err error) {
	err = x.use(ctx, func(e *engine) error {
		return e.searching(&Query{Text: question}, func(s *search) error {
			stand, lack = s.wordsIn(question, texts)
			return nil
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("look for words: %w", err)
	}
	return stand, lack, nil
}

func (s *search) wordsIn(question string, texts []string) (stand, lack []string) {
	var has uint64
	for _, text := range texts {
		spots, _ := s.spotsIn(text, 0)
		for i := range spots {
			has |= mask(spots[i].bit)
		}
	}
	question = unify.Text(dissect(question).text)
	end := 0 // of the last word; those of scripts without spaces overlap
	s.words.Asked(question, s.roster.languages(), func(w *terms.Word, _ []string) {
		var word uint64
		for _, stem := range headTerms(w) {
			if t := s.bag.stems.find(stem); t != nil {
				word |= mask(t.bit)
			}
		}
		list := &lack
		if word&has != 0 {
			list = &stand
		}
		written := question[w.Start:w.End]
		if n := len(*list); n > 0 && w.Start < end {
			(*list)[n-1] += question[min(end, w.End):w.End]
		} else if word != 0 && !slices.Contains(*list, written) {
			*list = append(*list, written)
		}
		end = w.End
	})
	return stand, lack
}
