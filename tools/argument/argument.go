// Package argument describes what a tool takes: the schema that a model is
// shown and the checks on what it sends come from the same Params. Slips that
// can only mean one thing are put right; what is wrong is said in words that a
// model understands.
package argument

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/suggest"
)

// Kind is the type of an argument.
type Kind string

// The kinds.
const (
	Text    Kind = "text"
	Integer Kind = "integer"
	Boolean Kind = "boolean"
	Texts   Kind = "texts"   // a list of texts
	Objects Kind = "objects" // a list of objects with the same Fields
	Value   Kind = "value"   // a text, a number, a yes or no, or a list of these
	Map     Kind = "pairs"   // values by names that are known only later: shown as a list of pairs, for some clients refuse objects without properties; an object is taken too
)

// Param is one argument of a tool.
type Param struct {
	Name     string
	Kind     Kind
	About    string
	Required bool
	Min, Max int      // Integer: its range; Text: most characters; lists and Map: most items
	Default  int      // Integer: what is taken when absent
	Enum     []string // Text: what it may be; nil for anything
	Fields   []Param  // Objects: what each one has
}

// Params are the arguments of one tool, in the order in which they are shown.
type Params []Param

// Error says in words for a model what to call differently.
type Error struct{ words markdown.Text }

func (e Error) Error() string { return string(e.words) }

// Text is what Error says.
func (e Error) Text() markdown.Text { return e.words }

// Errorf returns an Error.
func Errorf(format markdown.Text, args ...any) error {
	return Error{markdown.Sprintf(format, args...)}
}

// Decode checks the arguments of a tool and fills in its In struct, whose JSON
// names are those of params. Slips that can only mean one thing are put right:
// "5" for 5, "x" for ["x"]. What is wrong is an Error.
func Decode[In any](tool string, params Params, raw json.RawMessage) (In, error) {
	var in In
	given, ok := object(raw)
	if !ok {
		return in, Errorf("%s takes one JSON object with %s.", tool, params.Names())
	}
	if err := bounded(given); err != nil {
		return in, err
	}
	checked, err := params.check(tool, given)
	if err != nil {
		return in, err
	}
	return in, assign(checked, &in)
}

// check goes through the arguments of owner: a tool, or an item of a list.
func (ps Params) check(owner string, given map[string]any) (map[string]any, error) {
	checked := map[string]any{}
	for _, name := range sortedKeys(given) {
		p, ok := ps.find(name)
		if !ok {
			return nil, ps.unknown(owner, name)
		}
		v, err := p.value(given[name])
		if err != nil {
			return nil, err
		}
		if v != nil {
			checked[name] = v
		}
	}
	for _, p := range ps {
		if checked[p.Name] != nil {
			continue
		}
		if p.Required {
			return nil, Errorf("%s needs %q: %s", owner, p.Name, p.About)
		}
		if p.Default != 0 {
			checked[p.Name] = p.Default
		}
	}
	return checked, nil
}

// assign copies checked arguments into an In struct by way of their names.
func assign(checked map[string]any, in any) error {
	data, err := json.Marshal(checked)
	if err != nil {
		return fmt.Errorf("copy arguments: %w", err)
	}
	if err := json.Unmarshal(data, in); err != nil {
		return fmt.Errorf("copy arguments: %w", err)
	}
	return nil
}

// object reads a JSON object, also where a client wrapped it in a string.
// Nothing at all is an object without arguments.
func object(raw json.RawMessage) (map[string]any, bool) {
	raw = bytes.TrimSpace(raw)
	var wrapped string
	if json.Unmarshal(raw, &wrapped) == nil {
		raw = []byte(wrapped)
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil, true
	}
	var m map[string]any
	return m, unwrap(raw, &m)
}

// unwrap reads one JSON value, with numbers as they are written.
func unwrap(raw []byte, v any) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v) == nil && !d.More()
}

func (ps Params) find(name string) (Param, bool) {
	i := slices.IndexFunc(ps, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}, false
	}
	return ps[i], true
}

// Names lists the arguments in words.
func (ps Params) Names() string {
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// unknown lists what is allowed, and the name that was probably meant.
func (ps Params) unknown(owner, name string) error {
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	hint := ""
	if best := suggest.Meant(name, names); best != "" {
		hint = fmt.Sprintf(" Did you mean %q?", best)
	}
	return Errorf("%s has no argument %s. It takes %s.%s", owner, echo.Quote(name), ps.Names(), hint)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
