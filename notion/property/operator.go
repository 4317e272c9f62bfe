package property

import (
	"slices"
	"strings"
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
	case "formula", "rollup":
		return computed
	}
	return other
}

// words are the operators of a family as they are named to a model.
var words = map[family][]string{
	text:      {"is", "is not", "contains", "does not contain", "starts with", "ends with", "is empty", "is not empty"},
	number:    {"is", "is not", ">", ">=", "<", "<=", "is empty", "is not empty"},
	yesNo:     {"is", "is not"},
	choice:    {"is", "is not", "is empty", "is not empty"},
	choices:   {"contains", "does not contain", "is empty", "is not empty"},
	day:       {"is", "before", "after", "on or before", "on or after", "is empty", "is not empty"},
	reference: {"contains", "does not contain", "is empty", "is not empty"},
	files:     {"is empty", "is not empty"},
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
}

// synonyms are other words for the operators, as people and models write them.
var synonyms = map[string]string{
	"": "is", "=": "is", "==": "is", "equals": "is", "equal": "is", "eq": "is", "equal to": "is", "on": "is", "in": "is", "is in": "is", "within": "is", "during": "is", "any of": "is", "is any of": "is", "one of": "is", "is one of": "is", "has": "contains", "includes": "contains", "include": "contains",
	"!=": "is not", "<>": "is not", "≠": "is not", "not": "is not", "neq": "is not", "ne": "is not", "does not equal": "is not", "not equal": "is not", "not equals": "is not", "isnt": "is not", "not in": "is not", "is not in": "is not",
	"contain": "contains", "like": "contains", "not contains": "does not contain", "doesnt contain": "does not contain", "excludes": "does not contain", "does not include": "does not contain",
	"startswith": "starts with", "begins with": "starts with", "endswith": "ends with",
	"gt": ">", "greater than": ">", "more than": ">", "over": ">", "above": ">",
	"gte": ">=", "≥": ">=", "at least": ">=", "greater than or equal to": ">=", "greater than or equal": ">=",
	"lt": "<", "less than": "<", "under": "<", "below": "<",
	"lte": "<=", "≤": "<=", "at most": "<=", "less than or equal to": "<=", "less than or equal": "<=",
	"earlier than": "before", "until": "on or before", "by": "on or before", "up to": "on or before",
	"later than": "after", "since": "on or after", "from": "on or after",
	"empty": "is empty", "isempty": "is empty", "is blank": "is empty", "is null": "is empty", "not set": "is empty", "is not set": "is empty", "is unset": "is empty",
	"not empty": "is not empty", "isnotempty": "is not empty", "exists": "is not empty", "is set": "is not empty", "is not null": "is not empty", "is not blank": "is not empty",
	"checked": "is checked", "unchecked": "is not checked", "is unchecked": "is not checked",
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
	w := strings.Join(strings.Fields(strings.ToLower(strings.NewReplacer("_", " ", "'", "", "’", "").Replace(word))), " ")
	if s, ok := synonyms[w]; ok {
		w = s
	}
	if s, ok := fitted[f][w]; ok {
		w = s
	}
	return w, slices.Contains(words[f], w)
}
