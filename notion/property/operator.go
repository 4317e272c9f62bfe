package property

import (
	"slices"
	"strings"
	"unicode"
)

// family is a group of types that take the same operators.
type family int

const (
	text family = iota
	number
	yesNo
	choice // one of some options
	choices
	day
	reference // people and related pages
	files
	verified // whether a wiki page is verified
	computed // formula and rollup: by their result
	other
)

func familyOf(kind string) family {
	switch kind {
	case "title", "rich_text", "url", "email", "phone_number":
		return text
	case "number", "unique_id":
		return number
	case "checkbox":
		return yesNo
	case "select", "status":
		return choice
	case "multi_select":
		return choices
	case "date", "created_time", "last_edited_time":
		return day
	case "people", "created_by", "last_edited_by", "relation":
		return reference
	case "files":
		return files
	case "verification":
		return verified
	case "formula", "rollup":
		return computed
	}
	return other
}

// words are the operators of a family as they are named to a model.
var words = map[family][]string{
	text:      {"is", "is not", "contains", "does not contain", "starts with", "ends with", "is empty", "is not empty"},
	number:    {"is", "is not", ">", ">=", "<", "<=", "between", "is empty", "is not empty"},
	yesNo:     {"is", "is not"},
	choice:    {"is", "is not", "is empty", "is not empty"},
	choices:   {"contains", "does not contain", "is empty", "is not empty"},
	day:       {"is", "before", "after", "on or before", "on or after", "between", "is empty", "is not empty"},
	reference: {"contains", "does not contain", "is empty", "is not empty"},
	files:     {"is empty", "is not empty"},
	verified:  {"is"},
}

// api is what the API calls an operator of a family.
var api = map[family]map[string]string{
	text: {"is": "equals", "is not": "does_not_equal", "contains": "contains", "does not contain": "does_not_contain",
		"starts with": "starts_with", "ends with": "ends_with"},
	number: {"is": "equals", "is not": "does_not_equal", ">": "greater_than", ">=": "greater_than_or_equal_to",
		"<": "less_than", "<=": "less_than_or_equal_to"},
	yesNo:     {"is": "equals", "is not": "does_not_equal"},
	choice:    {"is": "equals", "is not": "does_not_equal"},
	choices:   {"contains": "contains", "does not contain": "does_not_contain"},
	day:       {"is": "equals", "before": "before", "after": "after", "on or before": "on_or_before", "on or after": "on_or_after"},
	reference: {"contains": "contains", "does not contain": "does_not_contain"},
	verified:  {"is": "status"},
}

// synonyms are other words for the operators, as people and models write them,
// by operator and separated by "|".
var synonyms = byWord(map[string]string{
	"is":               "|=|==|equals|equal|eq|equal to|equals to|on|at|in|within|during|any of|one of|in list",
	"is not":           "!=|<>|≠|not|neq|ne|does not equal|doesnt equal|not equal|not equals|not equal to|isnt|not in|none of|not any of|not one of|not on",
	"contains":         "contain|has|have|includes|include|including|like|matches|contains any of|includes any of|has any of|containing",
	"does not contain": "not contains|not contain|doesnt contain|excludes|exclude|does not include|doesnt include|does not have|not like|contains none of|has none of|does not contain any of",
	"starts with":      "startswith|begins with|start with|prefix",
	"ends with":        "endswith|end with|suffix",
	">":                "gt|greater than|more than|over|above|larger than|higher than|exceeds",
	">=":               "gte|ge|≥|at least|greater than or equal to|greater than or equal|minimum|not less than|no less than",
	"<":                "lt|less than|under|below|fewer than|smaller than|lower than",
	"<=":               "lte|le|≤|at most|less than or equal to|less than or equal|maximum|not more than|no more than",
	"before":           "earlier than|prior to",
	"after":            "later than",
	"on or before":     "until|by|up to|before or on|no later than|not after",
	"on or after":      "since|from|after or on|starting|not before|no earlier than",
	"between":          "in range|range|from to|in between",
	"is empty":         "empty|isempty|is blank|blank|null|is null|is none|missing|not set|is not set|is unset|does not exist|has no value",
	"is not empty":     "not empty|isnotempty|exists|exist|is set|set|is not null|not null|is not blank|is present|present|has value|has any value",
	"is checked":       "checked|is true|true",
	"is not checked":   "unchecked|is unchecked|not checked|is false|false",
})

func byWord(by map[string]string) map[string]string {
	all := map[string]string{}
	for operator, words := range by {
		for w := range strings.SplitSeq(words, "|") {
			all[w] = operator
		}
	}
	return all
}

// fitted are operators that mean another one for some families.
var fitted = map[family]map[string]string{
	day:       {">": "after", ">=": "on or after", "<": "before", "<=": "on or before", "contains": "is"},
	number:    {"after": ">", "before": "<", "on or after": ">=", "on or before": "<=", "contains": "is"},
	choice:    {"contains": "is", "does not contain": "is not"},
	choices:   {"is": "contains", "is not": "does not contain"},
	reference: {"is": "contains", "is not": "does not contain"},
}

// canonical is the operator of a family that a word means; false if it has no
// such one.
func canonical(f family, word string) (string, bool) {
	w := spaced(word)
	for _, try := range []string{w, strings.TrimPrefix(w, "is "), strings.TrimPrefix(w, "was ")} {
		if s, ok := synonyms[try]; ok {
			try = s
		}
		if s, ok := fitted[f][try]; ok {
			try = s
		}
		if slices.Contains(words[f], try) {
			return try, true
		}
		if f == yesNo && (try == "is checked" || try == "is not checked") {
			return try, true
		}
	}
	return w, false
}

// spaced is a word as it is spoken: does_not_equal, Does Not Equal and
// doesNotEqual are the same.
func spaced(word string) string {
	var b strings.Builder
	lower := false
	for _, r := range word {
		switch {
		case r == '_' || r == '-':
			r = ' '
		case r == '\'' || r == '’':
			continue
		case lower && unicode.IsUpper(r):
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
