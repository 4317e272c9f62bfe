package property

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Holds says whether a row has all of the values that Encode made: the same
// text, number, day, options, people and pages.
func Holds(row *notion.Page, encoded map[string]any) (bool, error) {
	for name, v := range encoded {
		raw, err := json.Marshal(v)
		if err != nil {
			return false, fmt.Errorf("compare property %q: %w", name, err)
		}
		var want notion.Property
		if err := json.Unmarshal(raw, &want); err != nil {
			return false, fmt.Errorf("compare property %q: %w", name, err)
		}
		have := row.Properties[name]
		want.Type = have.Type
		if !same(have, want) {
			return false, nil
		}
	}
	return true, nil
}

func same(a, b notion.Property) bool {
	x, y := keys(a), keys(b)
	slices.Sort(x)
	slices.Sort(y)
	m, n := numberOf(a), numberOf(b)
	return slices.Equal(x, y) && a.Checkbox == b.Checkbox && sameDay(dayIn(a), dayIn(b)) && sameDay(endOf(a), endOf(b)) &&
		slices.Equal(strings.Fields(written(a)), strings.Fields(written(b))) &&
		(m == nil) == (n == nil) && (m == nil || *m == *n)
}

func endOf(p notion.Property) string {
	if p.Date == nil {
		return ""
	}
	return p.Date.End
}

// sameDay does not mind how a moment is written.
func sameDay(a, b string) bool {
	s, ok := moment(a)
	t, ok2 := moment(b)
	return a == b || ok && ok2 && s.Equal(t)
}

// written is the text of a property, also of one that has just been made and
// that Notion has not shown yet.
func written(p notion.Property) string {
	var b strings.Builder
	for _, r := range slices.Concat(p.Title, p.RichText) {
		switch {
		case r.PlainText != "":
			b.WriteString(r.PlainText)
		case r.Text != nil:
			b.WriteString(r.Text.Content)
		}
	}
	for _, f := range p.Files {
		if f.External != nil {
			b.WriteString(" " + f.External.URL)
		}
	}
	return b.String() + p.URL + p.Email + p.PhoneNumber
}
