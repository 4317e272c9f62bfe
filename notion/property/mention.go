package property

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/unify"
)

// Mention is a time that a text names.
type Mention struct {
	Words string // as they stand there
	Period
	Yearless bool // a month or a day without a year: the last one is taken
}

// mostWords is how long the words for a time are at most.
const mostWords = 5

var (
	digits   = regexp.MustCompile(`\d`)
	alone    = regexp.MustCompile(`^(yesterday|(19|20)\d\d[-/.]\d.*|(19|20)\d{6}|(199|20[0-4])\d|\d+[./]\d+[./]\d{4}|q[1-4][-/]\d{4}|\d{4}[-/]?([qh][1-4]|w\d\d?))$`)
	vague    = regexp.MustCompile(`^(in |during )?((\d )?(\d (quarter|half)|[qh]\d|week \d+|w\d+|kw ?\d+|cw ?\d+)|\d+ (hour|day|week|month|quarter|year)s?|now|today|\d{1,3})$`)
	plainEnd = regexp.MustCompile(`^(of|in|im|en|the|de|during)$`)
)

// leads are words that times begin with, beside numbers and months.
var leads = wordSet("last past previous this next coming since in im en em during of a an one two three four five six seven eight nine ten yesterday")

func wordSet(list string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		all[w] = true
	}
	return all
}

// timely says whether a text may name a time: all times have a digit, or one of
// these words.
func timely(text string) bool {
	return strings.ContainsFunc(text, unicode.IsDigit) || slices.ContainsFunc(strings.FieldsFunc(text, notLetter), func(w string) bool {
		w = strings.ToLower(w)
		return months[w] != "" || weekdays[w] != 0 || units[w]
	})
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }

var units = wordSet(`hour day week month quarter half year hours days weeks months quarters years
	now today tonight night yesterday tomorrow cw kw`)

// Mentions are the times that a text names, first to last, each by as many
// words as name it. What may be something else, such as the number of a port or
// the verb may, is none.
func Mentions(text string, now time.Time) []Mention {
	text = eastern(text)
	if !timely(text) {
		return nil
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[]{}\"“”„«»?!;", r) })
	var all []Mention
	for i := 0; i < len(words); i++ {
		if first := strings.Trim(strings.ToLower(words[i]), ",.:'’"); !leads[first] && months[first] == "" && !strings.ContainsFunc(first, unicode.IsDigit) {
			continue
		}
		for n := min(mostWords, len(words)-i); n > 0 && slices.ContainsFunc(words[i:i+n], timely); n-- {
			if m, ok := mention(words[i:i+n], now); ok {
				all, i = append(all, m), i+n-1
				break
			}
		}
	}
	return all
}

// mention reads some words that all belong to a time.
func mention(words []string, now time.Time) (m Mention, ok bool) {
	first, last := strings.ToLower(words[0]), strings.ToLower(words[len(words)-1])
	bare := strings.Trim(first, ",.:'’")
	switch {
	case plainEnd.MatchString(strings.Trim(last, ",.:")):
		return m, false
	case bare == "on" || bare == "um" || len(words) == 1 && !alone.MatchString(bare):
		return m, false
	case !leads[bare] && !strings.ContainsFunc(first+last, unicode.IsDigit):
		return m, false
	}
	if slices.ContainsFunc(words[:len(words)-1], func(w string) bool {
		return strings.HasSuffix(w, ".") && !digits.MatchString(w) || strings.HasSuffix(w, ":")
	}) {
		return m, false // a sentence ends between
	}
	m.Words = strings.Trim(strings.Join(words, " "), ",.:'’")
	s := spelled(unify.Text(m.Words))
	if vague.MatchString(s) || strings.HasPrefix(s, "in ") && months[bare] == "" && ahead.MatchString(s) {
		return m, false
	}
	if m.Period, ok = past(s, now); !ok || m.End.Equal(m.Start) {
		return m, false
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "in "), "im ")
	if p, dated := written(s, 2000); dated {
		other, _ := written(s, 2001)
		m.Yearless = p != other
	}
	return m, true
}
