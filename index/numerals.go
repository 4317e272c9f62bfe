package index

import "strconv"

// numerals are the stems of words that are also written as digits. English has
// "one" for much else.
var numerals = [...]string{2: "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelv"}

// readNumerals lets digits stand for the words of the query that say a number,
// and such words for its digits. It is for choosing blocks, among which the
// number asked for is what tells one row of a table from the next; passages are
// not found by it, since small numbers stand everywhere.
func (s *search) readNumerals() error {
	for n, word := range numerals {
		if word == "" {
			continue
		}
		digits := strconv.Itoa(n)
		if err := s.alias(word, digits); err != nil {
			return err
		}
		if err := s.alias(digits, word); err != nil {
			return err
		}
	}
	return nil
}

// alias lets another form count as a word of the query, where it is none
// itself. The word is no rarer than the form, then.
func (s *search) alias(form, other string) error {
	t := s.bag.stems.find(form)
	if t == nil || s.bag.stems.find(other) != nil {
		return nil
	}
	r := s.wordReader()
	w, err := r.find(other)
	if err != nil {
		return err
	}
	s.bag.stems.byForm[other] = t
	s.bag.filter.Add(other)
	count := s.count(w, inText)
	s.noteIDF(t, count, idf(s.roster.totals.Passages, count))
	return nil
}
