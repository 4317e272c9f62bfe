package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is the type of an argument.
type kind string

const (
	text    kind = "string"
	integer kind = "integer"
	list    kind = "array" // of texts
)

// param is one argument of a tool: what the schema shows, and what is checked.
type param struct {
	name     string
	kind     kind
	about    string
	required bool
	min, max int // integer: its range; text: most characters; list: most items
	def      int // integer: what is taken when absent
}

// textLimit is how long a text argument may be where its param names no limit.
const textLimit = 2000

// inputError says in words for a model what to call differently.
type inputError struct{ words string }

func (e inputError) Error() string { return e.words }

func badInput(format string, args ...any) error {
	return inputError{fmt.Sprintf(format, args...)}
}

// decode checks the arguments of a tool and fills in its In struct. Slips that
// can only mean one thing are put right: "5" for 5, "x" for ["x"].
func decode[In any](t tool, raw json.RawMessage) (In, error) {
	var in In
	given, err := object(t, raw)
	if err != nil {
		return in, err
	}
	checked := map[string]any{}
	for _, name := range sortedKeys(given) {
		p, ok := t.param(name)
		if !ok {
			return in, t.unknownArgument(name)
		}
		v, err := p.value(given[name])
		if err != nil {
			return in, err
		}
		if v != nil {
			checked[name] = v
		}
	}
	for _, p := range t.params {
		if checked[p.name] != nil {
			continue
		}
		if p.required {
			return in, badInput("%s needs %q: %s", t.name, p.name, p.about)
		}
		if p.def != 0 {
			checked[p.name] = p.def
		}
	}
	return in, assign(checked, &in)
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

// object reads the arguments as a JSON object, also where a client wrapped it
// in a string.
func object(t tool, raw json.RawMessage) (map[string]any, error) {
	raw = bytes.TrimSpace(raw)
	var wrapped string
	if json.Unmarshal(raw, &wrapped) == nil {
		raw = []byte(wrapped)
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil || d.More() {
		return nil, badInput("%s takes one JSON object with %s.", t.name, t.names())
	}
	return m, nil
}

// value checks one argument; nil means that it is absent.
func (p param) value(v any) (any, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	switch p.kind {
	case integer:
		return p.integer(v)
	case list:
		return p.list(v)
	}
	if many, ok := v.([]any); ok && len(many) == 1 {
		v = many[0]
	}
	s, ok := plain(v)
	if !ok {
		return nil, badInput("%q must be a text, not %s.", p.name, describe(v))
	}
	return p.text(s)
}

func (p param) text(s string) (any, error) {
	most := p.max
	if most == 0 {
		most = textLimit
	}
	if n := utf8.RuneCountInString(s); n > most {
		return nil, badInput("%q is too long: %d characters, at most %d. Shorten it.", p.name, n, most)
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	return s, nil
}

func (p param) integer(v any) (any, error) {
	expected := fmt.Sprintf("%q must be a whole number from %d to %d", p.name, p.min, p.max)
	s, ok := plain(v)
	if !ok {
		return nil, badInput("%s, not %s.", expected, describe(v))
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || f != math.Trunc(f) {
		return nil, badInput("%s, not %s.", expected, describe(v))
	}
	if f < float64(p.min) || f > float64(p.max) {
		return nil, badInput("%s; %s is out of range.", expected, s)
	}
	return int(f), nil
}

func (p param) list(v any) (any, error) {
	many, ok := v.([]any)
	if s, isText := v.(string); isText && !ok {
		if json.Unmarshal([]byte(s), &many) != nil {
			many = []any{s}
		}
		ok = true
	}
	if !ok {
		return nil, badInput("%q must be a list of texts, not %s.", p.name, describe(v))
	}
	if len(many) > p.max {
		return nil, badInput("%q has %d items, at most %d. Keep the best.", p.name, len(many), p.max)
	}
	var out []string
	for _, item := range many {
		s, ok := plain(item)
		if !ok {
			return nil, badInput("%q must be a list of texts; one of its items is %s.", p.name, describe(item))
		}
		if s, err := p.item(s); err != nil {
			return nil, err
		} else if s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (p param) item(s string) (string, error) {
	const most = 500
	if n := utf8.RuneCountInString(s); n > most {
		return "", badInput("An item of %q is too long: %d characters, at most %d.", p.name, n, most)
	}
	return strings.TrimSpace(s), nil
}

// plain is the text of a JSON string or number.
func plain(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// describe names a JSON value of the wrong type.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case json.Number:
		return v.String()
	case string:
		if utf8.RuneCountInString(v) <= 40 {
			return strconv.Quote(v)
		}
	}
	return "a text"
}

func (t tool) param(name string) (param, bool) {
	i := slices.IndexFunc(t.params, func(p param) bool { return p.name == name })
	if i < 0 {
		return param{}, false
	}
	return t.params[i], true
}

func (t tool) names() string {
	var names []string
	for _, p := range t.params {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// unknownArgument lists what is allowed, and the name that was probably meant.
func (t tool) unknownArgument(name string) error {
	best, distance := "", 3
	for _, p := range t.params {
		d := editDistance(strings.ToLower(name), p.name)
		if strings.Contains(name, p.name) {
			d = min(d, 1)
		}
		if d < distance {
			best, distance = p.name, d
		}
	}
	hint := ""
	if best != "" {
		hint = fmt.Sprintf(" Did you mean %q?", best)
	}
	if len(name) > 40 {
		name = strings.ToValidUTF8(name[:40], "") + "..."
	}
	return badInput("%s has no argument %q. It takes %s.%s", t.name, name, t.names(), hint)
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
