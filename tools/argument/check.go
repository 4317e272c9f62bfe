package argument

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// textLimit is how long a text argument may be where its Param names no limit.
const textLimit = 2000

// How long a name and a number may be before anything compares them with others,
// and a text whose column alone says what it may be.
const (
	nameLimit   = 300
	numberLimit = 400
	wordsLimit  = 20_000
)

// bounded refuses names and numbers that are too long, however deep they stand.
// How long a text may be, its Param says.
func bounded(v any) error {
	switch v := v.(type) {
	case json.Number:
		if len(v) > numberLimit {
			return Errorf("A number has %d digits, at most %d.", len(v), numberLimit)
		}
	case []any:
		for _, item := range v {
			if err := bounded(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, item := range v {
			if utf8.RuneCountInString(name) > nameLimit {
				return Errorf("There is no argument %s: no name is longer than %d characters.", echo.Quote(name), nameLimit)
			}
			if err := bounded(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// wordy says whether a text in a value is longer than wordsLimit.
func wordy(v any) bool {
	switch v := v.(type) {
	case string:
		return utf8.RuneCountInString(v) > wordsLimit
	case []any:
		return slices.ContainsFunc(v, wordy)
	case map[string]any:
		for _, item := range v {
			if wordy(item) {
				return true
			}
		}
	}
	return false
}

// value checks one argument; nil means that it is absent.
func (p Param) value(v any) (any, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	switch p.Kind {
	case Integer:
		return p.integer(v)
	case Boolean:
		return p.boolean(v)
	case Texts:
		return p.texts(v)
	case Objects:
		return p.objects(v)
	case Map:
		return p.object(v)
	case Value:
		return p.any(v)
	}
	if many, ok := v.([]any); ok && len(many) == 1 {
		v = many[0]
	}
	s, ok := plain(v)
	if !ok {
		return nil, Errorf("%q must be a text, not %s.", p.Name, Describe(v))
	}
	return p.text(s)
}

func (p Param) text(s string) (any, error) {
	most := p.Max
	if most == 0 {
		most = textLimit
	}
	if n := utf8.RuneCountInString(s); n > most {
		return nil, Errorf("%q is too long: %d characters, at most %d. Shorten it.", p.Name, n, most)
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	return p.oneOf(s)
}

// oneOf holds a text against those that are allowed, whatever their case.
func (p Param) oneOf(s string) (any, error) {
	if p.Enum == nil {
		return s, nil
	}
	for _, allowed := range p.Enum {
		if strings.EqualFold(allowed, strings.TrimSpace(s)) {
			return allowed, nil
		}
	}
	return nil, Errorf("%q must be one of %s, not %s.", p.Name, strings.Join(p.Enum, ", "), Describe(s))
}

func (p Param) boolean(v any) (any, error) {
	if s, ok := v.(string); ok {
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true", "yes":
			return true, nil
		case "false", "no":
			return false, nil
		}
	}
	if b, ok := v.(bool); ok {
		return b, nil
	}
	return nil, Errorf("%q must be true or false, not %s.", p.Name, Describe(v))
}

// any takes a text, a number, true or false, or a list of these.
func (p Param) any(v any) (any, error) {
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	for _, item := range many {
		switch item.(type) {
		case []any, map[string]any, nil:
			return nil, Errorf("%q must be a text, a number, true or false, not %s.", p.Name, Describe(item))
		}
		if s, ok := item.(string); ok && utf8.RuneCountInString(s) > textLimit {
			return nil, Errorf("%q is too long: at most %d characters.", p.Name, textLimit)
		}
	}
	if len(many) > maxItems {
		return nil, Errorf("%q has %d items, at most %d.", p.Name, len(many), maxItems)
	}
	return v, nil
}

// maxItems bounds the list in a Value.
const maxItems = 100

// objects checks a list of objects, each by Fields. One object stands for a
// list of one.
func (p Param) objects(v any) (any, error) {
	many, ok := unquoted(v).([]any)
	if one, isObject := unquoted(v).(map[string]any); isObject {
		many, ok = []any{one}, true
	}
	if !ok {
		return nil, Errorf("%q must be a list of objects with %s, not %s.", p.Name, Params(p.Fields).Names(), Describe(v))
	}
	if len(many) > p.Max {
		return nil, Errorf("%q has %d items, at most %d.", p.Name, len(many), p.Max)
	}
	out := []map[string]any{}
	for i, item := range many {
		o, ok := unquoted(item).(map[string]any)
		if !ok {
			return nil, Errorf("%q must be a list of objects with %s; item %d is %s.", p.Name, Params(p.Fields).Names(), i+1, Describe(item))
		}
		checked, err := Params(p.Fields).check(fmt.Sprintf("%s[%d]", p.Name, i+1), o)
		if err != nil {
			return nil, err
		}
		out = append(out, checked)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// unquoted is a list or an object that a client sent as text.
func unquoted(v any) any {
	var inner any
	if s, ok := v.(string); ok && unwrap([]byte(s), &inner) && bounded(inner) == nil {
		return inner
	}
	return v
}

// pairs are what a Map is shown as a list of.
var pairs = Params{{Name: "property", Kind: Text, Required: true}, {Name: "value", Kind: Value}}

// object checks names with values that only the tool can judge: a list of
// pairs, or an object.
func (p Param) object(v any) (any, error) {
	m, isObject := unquoted(v).(map[string]any)
	if many, ok := unquoted(v).([]any); ok {
		var err error
		if m, err = p.paired(many); err != nil {
			return nil, err
		}
	} else if !isObject {
		return nil, Errorf("%q must be a list of objects with %s, not %s.", p.Name, pairs.Names(), Describe(v))
	}
	if len(m) > p.Max {
		return nil, Errorf("%q has %d names, at most %d.", p.Name, len(m), p.Max)
	}
	if err := bounded(m); err != nil { // the names of pairs
		return nil, err
	}
	if wordy(m) {
		return nil, Errorf("A text in %q is too long: at most %d characters.", p.Name, wordsLimit)
	}
	if len(m) == 0 {
		return nil, nil
	}
	return m, nil
}

// paired are the values of pairs by their names. An object without these two
// fields gives values by name itself.
func (p Param) paired(many []any) (map[string]any, error) {
	m := map[string]any{}
	for i, item := range many {
		o, ok := unquoted(item).(map[string]any)
		if !ok {
			return nil, Errorf("%q must be a list of objects with %s; item %d is %s.", p.Name, pairs.Names(), i+1, Describe(item))
		}
		if name, ok := o["property"].(string); ok {
			o = map[string]any{name: o["value"]}
		}
		for name, v := range o {
			if _, twice := m[name]; twice {
				return nil, Errorf("%q names %s twice.", p.Name, echo.Quote(name))
			}
			m[name] = v
		}
	}
	return m, nil
}

func (p Param) integer(v any) (any, error) {
	expected := fmt.Sprintf("%q must be a whole number from %d to %d", p.Name, p.Min, p.Max)
	s, ok := plain(v)
	if !ok {
		return nil, Errorf("%s, not %s.", expected, Describe(v))
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || f != math.Trunc(f) {
		return nil, Errorf("%s, not %s.", expected, Describe(v))
	}
	if f < float64(p.Min) || f > float64(p.Max) {
		return nil, Errorf("%s; %s is out of range.", expected, echo.Cut(s))
	}
	return int(f), nil
}

func (p Param) texts(v any) (any, error) {
	many, ok := v.([]any)
	if s, isText := v.(string); isText && !ok {
		if json.Unmarshal([]byte(s), &many) != nil {
			many = []any{s}
		}
		ok = true
	}
	if !ok {
		return nil, Errorf("%q must be a list of texts, not %s.", p.Name, Describe(v))
	}
	if len(many) > p.Max {
		return nil, Errorf("%q has %d items, at most %d. Keep the best.", p.Name, len(many), p.Max)
	}
	var out []string
	for _, item := range many {
		s, ok := plain(item)
		if !ok {
			return nil, Errorf("%q must be a list of texts; one of its items is %s.", p.Name, Describe(item))
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

func (p Param) item(s string) (string, error) {
	const most = 500
	if n := utf8.RuneCountInString(s); n > most {
		return "", Errorf("An item of %q is too long: %d characters, at most %d.", p.Name, n, most)
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

// Describe names a JSON value of the wrong type.
func Describe(v any) string {
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
		return echo.Cut(v.String())
	case string:
		if utf8.RuneCountInString(v) <= 40 {
			return strconv.Quote(v)
		}
	}
	return "a text"
}
