package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/vellum/levenshtein"

	"github.com/mcp-notion/mcp-notion/index/internal/terms"
)

// Respelling is a word of a query that no page has, and the near one that stood
// for it.
type Respelling struct {
	Said  string // of the query, lower-cased
	Meant string // of the passage or its headings, lower-cased
}

// Which words are respelled. Shorter ones are near to too many others, and a
// long one may have two slips in it.
const (
	minRespelled = 4  // letters
	mediumWord   = 6  // letters of a word that may be two slips away, if its stem is near
	longWord     = 8  // letters of a word that may be two slips away
	maxLetters   = 40 // longer words are data
	maxRespelled = 4  // words of one query
	maxSlips     = 2
	maxVerified  = 8  // stems whose words are read
	sampledDocs  = 20 // passages that are read for the words of a stem
)

// respelled is a term that stands for a near stem too.
type respelled struct {
	term *queryTerm
	stem string
	near *levenshtein.DFA // of the word as it was written
}

// respell lets a word that stands nowhere count as the nearest one that does.
func (s *search) respell(r *wordReader, t *queryTerm, w *word) (*word, error) {
	if !s.query.Respell || t.said == "" || t.weight == 0 || len(s.respelled) == maxRespelled || s.live(w) > 0 {
		return w, nil
	}
	near, err := s.automaton(t.said, distant(t.said))
	if err != nil {
		return nil, err
	}
	stems, err := s.nearStems(r, t)
	if err != nil {
		return nil, err
	}
	stem, err := s.nearest(r, stems, respelled{term: t, near: near})
	if err != nil || stem == "" || s.bag.stems.find(stem) != nil {
		return w, err
	}
	t.weight *= weightRespelled
	s.bag.stems.also(t, []string{stem})
	s.bag.filter.Add(stem)
	s.respelled = append(s.respelled, respelled{t, stem, near})
	return r.find(t.form)
}

// misspellable says whether a word is one that people misspell: no number, no
// identifier, none of a script without spaces, and not short.
func misspellable(w *terms.Word) bool {
	n := utf8.RuneCountInString(w.Exact)
	return len(w.Stems) == 1 && n >= minRespelled && n <= maxLetters && letters(w.Exact)
}

func letters(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
}

// slips is how far a word may be from the one that was meant.
func slips(word string) int {
	if utf8.RuneCountInString(word) < longWord {
		return 1
	}
	return maxSlips
}

// distant is how far a word may be from one whose stem is near to its own: one of
// them may have another ending.
func distant(word string) int {
	if utf8.RuneCountInString(word) < mediumWord {
		return 1
	}
	return maxSlips
}

// speller makes the automata of the words that are near to one: of each number
// of slips by a builder of its own, since that is what a builder goes by.
type speller [maxSlips + 1]*levenshtein.LevenshteinAutomatonBuilder

func newSpeller() (s speller, err error) {
	for n := 1; n <= maxSlips && err == nil; n++ {
		s[n], err = levenshtein.NewLevenshteinAutomatonBuilder(uint8(n), true)
	}
	return s, err
}

func (s *search) automaton(word string, slips int) (*levenshtein.DFA, error) {
	builders, err := s.spelling()
	if err != nil {
		return nil, fmt.Errorf("make automata of words: %w", err)
	}
	return builders[slips].BuildDfa(word, uint8(slips))
}

// live is how many passages and titles have a word.
func (s *search) live(w *word) int {
	return s.count(w, inText) + s.count(w, inHead) + s.count(w, inTitle)
}

// nearStem is a stem of the index, and how far it is from the stem of the word
// or, unless it is direct, from another root.
type nearStem struct {
	distance uint8
	direct   bool
	stem     string
}

// nearStems are the stems that may be of the word that was meant, nearest first.
// A slip in an ending keeps it from being cut, so the word without one counts as
// a root too.
func (s *search) nearStems(r *wordReader, t *queryTerm) ([]nearStem, error) {
	found := map[string]nearStem{}
	for n, root := range roots(t) {
		a, err := s.automaton(root, slips(root))
		if err != nil {
			return nil, err
		}
		for i := range *r.layout {
			for _, field := range []int{inText, inTitle} {
				err := r.near(i, field, a, func(stem string, distance uint8) {
					if known, ok := found[stem]; !ok || !known.direct && distance < known.distance {
						found[strings.Clone(stem)] = nearStem{distance, n == 0, stem}
					}
				})
				if err != nil {
					return nil, err
				}
			}
		}
	}
	var all []nearStem
	for stem, c := range found {
		if letters(stem) && utf8.RuneCountInString(stem) >= minRespelled-1 && alike(stem, t.said) {
			all = append(all, nearStem{c.distance, c.direct, stem})
		}
	}
	slices.SortFunc(all, func(a, b nearStem) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.stem, b.stem))
	})
	return all, nil
}

// alike says whether two words begin with the same letter, which people rarely
// miss and which halves what is near only by chance.
func alike(a, b string) bool {
	first, _ := utf8.DecodeRuneInString(a)
	other, _ := utf8.DecodeRuneInString(b)
	return first == other
}

// roots are the stem of a word, and the word without some last letters.
func roots(t *queryTerm) []string {
	stem, _, _ := strings.Cut(t.form, formSep)
	all := []string{stem}
	runes := []rune(t.said)
	for cut := 2; cut <= len("ment") && len(runes)-cut >= minRespelled; cut++ {
		if root := string(runes[:len(runes)-cut]); root != stem {
			all = append(all, root)
		}
	}
	return all
}

// near tells of the words of a field of one segment that an automaton takes.
// bleve walks its dictionary only as far as they agree.
func (r *wordReader) near(segment, field int, a *levenshtein.DFA, tell func(word string, distance uint8)) error {
	dict, err := r.dict(segment, field)
	if err != nil {
		return err
	}
	for it := dict.AutomatonIterator(a, nil, nil); ; {
		e, err := it.Next()
		if e == nil || err != nil {
			return err
		}
		_, distance := a.MatchAndDistance(e.Term)
		tell(e.Term, distance)
	}
}

// nearest is the stem of that word of the index which is nearest to the one that
// was written, and of those the most frequent; "" if none is near.
func (s *search) nearest(r *wordReader, stems []nearStem, wanted respelled) (best string, err error) {
	least, most := uint8(255), 0
	for _, c := range stems[:min(len(stems), maxVerified)] {
		w, err := r.find(c.stem)
		if err != nil {
			return "", err
		}
		n := s.live(w)
		if n == 0 {
			continue
		}
		distance, err := s.distance(w, c.stem, wanted.near)
		if err != nil {
			return "", err
		}
		if !c.direct && int(distance) > slips(wanted.term.said) {
			continue
		}
		if distance < least || distance == least && n > most && distance < 255 {
			best, least, most = c.stem, distance, n
		}
	}
	return best, nil
}

// distance is how far the nearest word of a stem is, in some of the passages and
// titles that have it; 255 if it is too far.
func (s *search) distance(w *word, stem string, near *levenshtein.DFA) (uint8, error) {
	least := uint8(255)
	for _, field := range []int{inText, inTitle} {
		left := sampledDocs
		for _, p := range w.parts[field] {
			table, first := s.tables[p.segment], s.offsets[p.segment]
			list := s.unpack(&p)
			list = list[:min(len(list), left)]
			left -= len(list)
			for _, o := range list {
				text, err := s.said(place{first + int(o.doc), table.slots[o.doc]}, field)
				if err != nil {
					return 255, err
				}
				_, d := s.spelled(text, stem, near)
				least = min(least, d)
			}
		}
	}
	return least, nil
}

// said is what a document has words of: a passage with what stands above it, or
// a title.
func (s *search) said(at place, field int) (string, error) {
	title := s.roster.title(at.slot)
	if field == inTitle {
		return title, nil
	}
	p, err := s.passage(at.doc)
	return headOf(title, &p) + "\n" + string(p.Text), err
}

// spelled is the nearest word of a stem in a text, or else the shortest, and how
// far it is; 255 if it is too far.
func (s *search) spelled(text, stem string, near *levenshtein.DFA) (word string, distance uint8) {
	var only terms.Filter
	only.In(s.roster.languages())
	only.Add(stem)
	distance = 255
	s.words.Some(text, &only, func(w *terms.Word) {
		if !slices.Contains(w.Stems, stem) || !letters(w.Exact) {
			return
		}
		d := uint8(255)
		if ok, slips := near.MatchAndDistance(w.Exact); ok {
			d = slips
		}
		if word == "" || d < distance || d == distance && len(w.Exact) < len(word) {
			word, distance = strings.Clone(w.Exact), d
		}
	})
	return word, distance
}

// respellings are the words of a passage that stand for others.
func (s *search) respellings(c *candidate, text string) []Respelling {
	var all []Respelling
	for _, r := range s.respelled {
		if c.mask&(1<<r.term.bit) == 0 {
			continue
		}
		if word, _ := s.spelled(text, r.stem, r.near); word != "" {
			all = append(all, Respelling{Said: r.term.said, Meant: word})
		}
	}
	return all
}
