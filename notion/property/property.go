// Package property says in plain words what the columns of a Notion table hold:
// it describes a schema, and turns conditions on rows into the API's filter and
// into the same test on rows that are at hand.
package property

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Misfit says in words for a model what does not fit the schema, and what
// would.
type Misfit struct {
	words, fitting string
	more           []Misfit // other faults of the same call
}

func (m Misfit) Error() string { return strings.Join(m.Faults(), " ") }

// Faults are the faults one by one, each with what would fit, unless one before
// has said it.
func (m Misfit) Faults() []string {
	var all []string
	said := map[string]bool{}
	for _, one := range append([]Misfit{m}, m.more...) {
		words := one.words
		if !said[one.fitting] {
			words += one.fitting
		}
		if !said[one.words] {
			all = append(all, words)
		}
		said[one.words], said[one.fitting] = true, true
	}
	return all
}

func misfit(format string, args ...any) error { return Misfit{words: fmt.Sprintf(format, args...)} }

// fitting adds to a Misfit what would fit, which it may share with others.
func fitting(err error, format string, args ...any) error {
	return Misfit{words: err.Error(), fitting: fmt.Sprintf(" "+format, args...)}
}

// Misfits are several faults as one, so that all can be mended at once. What is
// no Misfit is returned alone.
func Misfits(errs ...error) error {
	var all []Misfit
	for _, err := range errs {
		var m Misfit
		switch {
		case err == nil:
			continue
		case !errors.As(err, &m):
			return err
		}
		all = append(all, Misfit{words: m.words, fitting: m.fitting})
		all = append(all, m.more...)
	}
	if len(all) == 0 {
		return nil
	}
	return Misfit{all[0].words, all[0].fitting, all[1:]}
}

// shownNames bounds how many names an error lists.
const shownNames = 40

// Lookup finds the page or person that a word names: want is "people", or
// "relation" with the table that is related to. More than one means that the
// word is ambiguous; the error is for Notion's failures.
type Lookup func(want string, table notion.ID, word string) ([]notion.ID, error)

// Find returns the property of that name, whatever its case and spacing, with
// its Name set. Where no property is called name or title, that is the one that
// holds the rows' titles. The error is a Misfit that lists the properties.
func Find(schema map[string]notion.Schema, name string) (notion.Schema, error) {
	s, ok := schema[name]
	if ok {
		s.Name = name
		return s, nil
	}
	for _, have := range slices.Sorted(maps.Keys(schema)) {
		if suggest.Plain(have) == suggest.Plain(name) {
			s := schema[have]
			s.Name = have
			return s, nil
		}
	}
	if plain := suggest.Plain(name); plain == "name" || plain == "title" {
		if title := Title(schema); title != "" {
			return Find(schema, title)
		}
	}
	hint := ""
	if best := suggest.Meant(name, slices.Sorted(maps.Keys(schema))); best != "" {
		hint = fmt.Sprintf(" Did you mean %q?", best)
	}
	return notion.Schema{}, fitting(misfit("The table has no property %q.%s", clip(name), hint), "It has: %s.", Names(schema))
}

// StandsForTitle says whether a name is taken for that of the rows' titles
// without being it.
func StandsForTitle(schema map[string]notion.Schema, name string) bool {
	s, err := Find(schema, name)
	return err == nil && s.Type == "title" && suggest.Plain(s.Name) != suggest.Plain(name)
}

// Title is the name of the property that holds the rows' titles.
func Title(schema map[string]notion.Schema) string {
	for name, s := range schema {
		if s.Type == "title" {
			return name
		}
	}
	return ""
}

// Names lists the properties with their types.
func Names(schema map[string]notion.Schema) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(schema)) {
		all = append(all, fmt.Sprintf("%s (%s)", name, kindWords(schema[name].Type)))
	}
	return listed(all)
}

func kindWords(kind string) string { return strings.ReplaceAll(kind, "_", " ") }

func listed(all []string) string {
	if more := len(all) - shownNames; more > 0 {
		return strings.Join(all[:shownNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(all, ", ")
}

// Options are the names that a select, multi-select or status allows.
func Options(s notion.Schema) []string {
	var all []string
	for _, o := range []*notion.Options{s.Select, s.MultiSelect, s.Status} {
		if o == nil {
			continue
		}
		for _, one := range o.Options {
			all = append(all, one.Name)
		}
	}
	return all
}

// Option finds an option by name, whatever its case and spacing. The error is a
// Misfit that lists those that exist.
func Option(s notion.Schema, name string) (string, error) {
	all := Options(s)
	for _, have := range all {
		if have == name {
			return have, nil
		}
	}
	for _, have := range all {
		if suggest.Plain(have) == suggest.Plain(name) {
			return have, nil
		}
	}
	hint := ""
	if best := suggest.Meant(name, all); best != "" {
		hint = fmt.Sprintf(" Did you mean %q?", best)
	}
	if len(all) == 0 {
		return "", misfit("%q has no options yet.", s.Name)
	}
	return "", fitting(misfit("%q has no option %q.%s", s.Name, clip(name), hint), "Its options are: %s.", listed(all))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
