package console

import "testing"

func TestConditions(t *testing.T) {
	for line, want := range map[string][3]string{
		"Status is Open":                    {"Status", "is", "Open"},
		"Status = Open":                     {"Status", "is", "Open"},
		"Renewal date in Q3 2026":           {"Renewal date", "in", "Q3 2026"},
		"Days in stage >= 5":                {"Days in stage", ">=", "5"},
		"Days in stage > 5":                 {"Days in stage", ">", "5"},
		"What is missing contains cable":    {"What is missing", "contains", "cable"},
		"Is in use is not empty":            {"Is in use", "is not empty", ""},
		"Status IS NOT Open":                {"Status", "is not", "Open"},
		`"Checked in" = yes`:                {"Checked in", "is", "yes"},
		`'Time before launch' in 2027`:      {"Time before launch", "in", "2027"},
		`"Note" is it contains a key`:       {"Note", "is", "it contains a key"},
		"Team's mood starts with well":      {"Team's mood", "starts with", "well"},
		"Price between 5 and 10":            {"Price", "between", "5 and 10"},
		"Summary does not contain a secret": {"Summary", "does not contain", "a secret"},
	} {
		c, ok := condition(line)
		value, _ := c["value"].(string)
		if !ok || c["property"] != want[0] || c["operator"] != want[1] || value != want[2] {
			t.Errorf("condition(%q) = %v, want %q", line, c, want)
		}
	}
	for _, line := range []string{"", "Status", "Status Open", "is Open", "Status is", "Income total", `"Status" Open is shut`} {
		if c, ok := condition(line); ok {
			t.Errorf("condition(%q) = %v", line, c)
		}
	}
}
