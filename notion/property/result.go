package property

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// result is what a formula or rollup gives.
type result struct {
	kind string // type of property that it is like
	each bool   // several of these
}

// give makes t a test of such results.
func (t *test) give(r result) {
	t.family, t.each, t.result = familyOf(r.kind), r.each, r.kind
	switch r.kind {
	case "title":
		t.result = "rich_text"
	case "created_time", "last_edited_time":
		t.result = "date"
	case "rich_text":
		if t.kind == "formula" {
			t.result = "string"
		}
	}
}

// resultOf is the result of a formula or rollup as rows show it. The schema
// does not say; without rows it is guessed from what it is compared with.
func resultOf(s notion.Schema, c Condition, cfg Config) result {
	for i := range cfg.Rows {
		if r, ok := shownResult(cfg.Rows[i].Properties[s.Name]); ok {
			return r
		}
	}
	kind := likeType(c, cfg.Now)
	return result{kind: kind, each: s.Type == "rollup" && kind != "number" && kind != "date"}
}

// shownResult is what the value in one row says; false if it says nothing.
func shownResult(p notion.Property) (result, bool) {
	if f := p.Formula; f != nil {
		kind := map[string]string{"string": "rich_text", "number": "number", "boolean": "checkbox", "date": "date"}[f.Type]
		return result{kind: kind}, kind != ""
	}
	if r := p.Rollup; r != nil {
		switch r.Type {
		case "number", "date":
			return result{kind: r.Type}, true
		case "array":
			if all := gathered(p); len(all) > 0 {
				return result{kind: all[0].Type, each: true}, familyOf(all[0].Type) != computed
			}
		}
	}
	return result{}, false
}

// likeType is the type that a condition fits.
func likeType(c Condition, now time.Time) string {
	v := values(c.Value)
	if len(v) == 0 {
		return "rich_text"
	}
	if _, ok := v[0].(bool); ok {
		return "checkbox"
	}
	w := word(v[0])
	if _, err := strconv.ParseFloat(w, 64); err == nil && w != "" {
		return "number"
	}
	if _, ok := ParsePeriod(w, now); ok {
		return "date"
	}
	return "rich_text"
}

// gathered are the values that a rollup gathers.
func gathered(p notion.Property) []notion.Property {
	if p.Rollup == nil {
		return nil
	}
	return p.Rollup.Array
}

// asShown spells an option as rows do.
func asShown(rows []notion.Page, property, name string) string {
	for i := range rows {
		for _, p := range gathered(rows[i].Properties[property]) {
			all := keys(p)
			if j := slices.IndexFunc(all, func(k string) bool { return suggest.Plain(k) == suggest.Plain(name) }); j >= 0 {
				return all[j]
			}
		}
	}
	return name
}

// group are the options in a group of a status.
func group(s notion.Schema, name string) []string {
	if s.Status == nil {
		return nil
	}
	var all []string
	for _, g := range s.Status.Groups {
		if suggest.Plain(g.Name) != suggest.Plain(name) {
			continue
		}
		for _, o := range s.Status.Options {
			if slices.Contains(g.OptionIDs, o.ID) {
				all = append(all, o.Name)
			}
		}
	}
	return all
}

// verifiedValue is a state of verification as filters name it.
func verifiedValue(s notion.Schema, v any) (any, error) {
	switch suggest.Plain(word(v)) {
	case "verified", "true", "yes":
		return "verified", nil
	case "expired":
		return "expired", nil
	case "none", "unverified", "notverified", "false", "no":
		return "none", nil
	}
	return nil, misfit("%q is a verification: its value is verified, expired or none, not %q.", s.Name, clip(word(v)))
}

// stateOf is the state of verification of a row.
func stateOf(p notion.Property) string {
	if p.Verification == nil || p.Verification.State == "unverified" {
		return "none"
	}
	return cmp.Or(p.Verification.State, "none")
}
