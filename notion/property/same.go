package property

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Equal says whether a row has exactly the values that Encode made: the same
// text with its marks and links, number, day, options, people and pages, and no
// others. What Notion computes is no matter, and neither is the status that a
// new row begins with. A value that Notion shows the beginning of is none that
// is known to be equal.
func Equal(schema map[string]notion.Schema, row *notion.Page, encoded map[string]any) (bool, error) {
	given := map[string]notion.Property{}
	for name, v := range encoded {
		raw, err := json.Marshal(v)
		if err != nil {
			return false, fmt.Errorf("compare property %q: %w", name, err)
		}
		var want notion.Property
		if err := json.Unmarshal(raw, &want); err != nil {
			return false, fmt.Errorf("compare property %q: %w", name, err)
		}
		given[name] = want
	}
	for name, s := range schema {
		have := row.Properties[name]
		want, ok := given[name]
		if !writable(s.Type) || !ok && begins(s, have) {
			continue
		}
		if !same(have, want) {
			return false, nil
		}
	}
	return true, nil
}

// begins says whether a status is the one that new rows get: the first of the
// first group.
func begins(s notion.Schema, p notion.Property) bool {
	if p.Status == nil || s.Status == nil || len(s.Status.Groups) == 0 || len(s.Status.Groups[0].OptionIDs) == 0 {
		return false
	}
	first := s.Status.Groups[0].OptionIDs[0]
	return slices.ContainsFunc(s.Status.Options, func(o notion.Option) bool { return o.ID == first && o.Name == p.Status.Name })
}

func same(a, b notion.Property) bool {
	x, y := keys(a), keys(b)
	slices.Sort(x)
	slices.Sort(y)
	m, n := numberOf(a), numberOf(b)
	return !a.HasMore && !a.Unread && slices.Equal(x, y) && a.Checkbox == b.Checkbox && sameDay(dayIn(a), dayIn(b)) && sameDay(endOf(a), endOf(b)) &&
		notion.SameText(slices.Concat(a.Title, a.RichText), slices.Concat(b.Title, b.RichText)) &&
		a.URL == b.URL && a.Email == b.Email && a.PhoneNumber == b.PhoneNumber && slices.Equal(addresses(a), addresses(b)) &&
		(m == nil) == (n == nil) && (m == nil || *m == *n)
}

func endOf(p notion.Property) string {
	if p.Date == nil {
		return ""
	}
	return p.Date.End
}

// sameDay does not mind how a moment is written. A day is no moment.
func sameDay(a, b string) bool {
	s, ok := moment(a)
	t, ok2 := moment(b)
	return a == b || ok && ok2 && s.Equal(t) && strings.Contains(a, "T") == strings.Contains(b, "T")
}

// addresses are those of files; one that was uploaded has none.
func addresses(p notion.Property) []string {
	var all []string
	for _, f := range p.Files {
		at := ""
		if f.External != nil {
			at = f.External.URL
		}
		all = append(all, at)
	}
	return all
}
