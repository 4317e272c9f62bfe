package column

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxOptions is how many different values a select or multi_select may have
// when its type is inferred. An export does not say which type a column had, so
// it has to be guessed.
const maxOptions = 12

// peopleNames are the headings under which names are people. Values alone
// cannot tell: a person's name looks like any choice.
var peopleNames = regexp.MustCompile(`(?i)^(owners?|assignees?|assigned to|person|people|authors?|csm|account (manager|owner|executive))$`)

// Infer guesses a type from the heading and the values. All values must
// fit; a column without any is text, and what is not sure is text, which loses
// nothing.
//
//	Created time, Last edited time     by the heading alone
//	Owner, Assignee, CSM and the like  people
//	Yes, No                            checkbox
//	1,200   $5.50   20%                number
//	2026-01-31   January 31, 2026      date; two with → in between are a range
//	01/31/2026   31.01.2026 5:00 PM    date, if one order of month and day fits all of the column
//	https://example.com                url
//	ann@example.com                    email
//	+49 30 1234567                     phone_number
//	few short values                   select, status, multi_select
//	all else                           rich_text
func Infer(name string, values []string) string {
	switch strings.ToLower(name) {
	case "created time":
		return "created_time"
	case "last edited time":
		return "last_edited_time"
	}
	if len(values) == 0 {
		return "rich_text"
	}
	// Before the types of values: names look like choices.
	if peopleNames.MatchString(name) {
		return "people"
	}
	// Before phone numbers, which have dashes too.
	if areDates(values) {
		return "date"
	}
	for _, t := range []struct {
		name string
		is   func(string) bool
	}{{"checkbox", isCheckbox}, {"number", isNumber}, {"url", isURL}, {"email", isEmail}, {"phone_number", isPhone}} {
		if all(values, t.is) {
			return t.name
		}
	}
	return choiceType(name, values)
}

// choiceType tells choices from free text: few different short values, and in
// lists some that come more than once. Only a column called Status becomes a
// status, since nothing else tells it from a select.
func choiceType(name string, values []string) string {
	whole, parts, lists, total := map[string]bool{}, map[string]bool{}, 0, 0
	for _, v := range values {
		whole[v] = true
		list := List(v)
		if len(list) > 1 {
			lists++
		}
		for _, p := range list {
			// A choice is a label. What is longer was written as text.
			if len(p) > 40 {
				return "rich_text"
			}
			parts[p] = true
			total++
		}
	}
	switch {
	// A list in which nothing comes twice is more likely a sentence with
	// commas.
	case lists > 0 && len(parts) <= maxOptions && len(parts) < total:
		return "multi_select"
	// As many values as rows are names or notes and not choices.
	case lists > 0 || len(whole) > maxOptions || len(values) > 3 && len(whole) == len(values):
		return "rich_text"
	case strings.EqualFold(name, "status"):
		return "status"
	}
	return "select"
}

func all(values []string, is func(string) bool) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !is(v) })
}

// List is how exports write several values in one field.
func List(v string) []string {
	var out []string
	for _, p := range strings.Split(v, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// isCheckbox knows the two words of an export. Others, such as 1 and 0, are
// some other type.
func isCheckbox(v string) bool { return v == "Yes" || v == "No" }

func isNumber(v string) bool { _, ok := number(v); return ok }

var (
	// A number may have a currency before it, thousands in commas, and % behind
	// it.
	numeric = regexp.MustCompile(`^[-+]?[$€£]?\d{1,3}(,\d{3})+(\.\d+)?%?$|^[-+]?[$€£]?\d+(\.\d+)?%?$`)
	email   = regexp.MustCompile(`^[^\s@,]+@[^\s@,]+\.[a-z]+$`)
	phone   = regexp.MustCompile(`^\+?[\d() -]{7,20}$`)
)

// number reads a number as Notion shows it. 20% is 0.2, as the API has it.
func number(v string) (float64, bool) {
	if !numeric.MatchString(v) {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "$", "", "€", "", "£", "", "%", "").Replace(v), 64)
	// Notion keeps a percentage as a fraction and shows it by the column's
	// format.
	if strings.HasSuffix(v, "%") {
		n /= 100
	}
	return n, err == nil
}

// areDates says whether all values are dates in one order of month and day.
func areDates(values []string) bool {
	o, _, ok := OrderOf(values)
	return ok && all(values, func(v string) bool { start, _ := Dates(v, o); return start != "" })
}

// isURL takes only whole web addresses, and not several in one field.
func isURL(v string) bool {
	u, err := url.Parse(v)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(v, " ,")
}

func isEmail(v string) bool { return email.MatchString(strings.ToLower(v)) }

func isPhone(v string) bool { return phone.MatchString(v) }
