package property

import (
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Limits of the API on what is written. Source: the API reference, "Request
// limits".
const (
	maxText    = 2000
	maxTexts   = 100 // runs of one property
	maxItems   = 100 // options, people or pages of one property
	maxAddress = 2000
	maxContact = 200 // mail address or telephone number
)

// Encode turns plain values by property name into what the API takes for a new
// row. Names and options match whatever their case; an option that does not
// exist, a computed property or a value that does not fit is a Misfit that says
// what would fit. A nil or empty value is left out.
func Encode(schema map[string]notion.Schema, values map[string]any, cfg Config) (map[string]any, error) {
	out := map[string]any{}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s, err := Find(schema, name)
		if _, twice := out[s.Name]; twice {
			err = misfit("%q is given twice, in two spellings.", s.Name)
		}
		if err == nil && nothing(values[name]) {
			continue
		}
		var v any
		if err == nil {
			v, err = encode(s, values[name], cfg)
		}
		wrong, out[s.Name] = append(wrong, err), map[string]any{s.Type: v}
	}
	if err := Misfits(wrong...); err != nil {
		return nil, err
	}
	return out, nil
}

func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// writable says whether a value of that type can be given to a row.
func writable(kind string) bool {
	switch kind {
	case "title", "rich_text", "number", "checkbox", "date", "select", "status", "multi_select",
		"people", "relation", "files", "url", "email", "phone_number":
		return true
	}
	return false
}

func encode(s notion.Schema, v any, cfg Config) (any, error) {
	v = unquoted(s.Type, v)
	switch s.Type {
	case "title", "rich_text":
		return encodeText(s, v)
	case "number":
		return numberValue(s, v)
	case "checkbox":
		return yesNoValue(s, v)
	case "date":
		return encodeDate(s, v, cfg.Now)
	case "select", "status":
		name, err := Option(s, word(single(v)))
		return map[string]any{"name": name}, err
	case "multi_select":
		return encodeList(s, v, func(w string) (any, error) {
			name, err := Option(s, w)
			return map[string]any{"name": name}, err
		})
	case "people", "relation":
		return encodeList(s, v, func(w string) (any, error) { return encodeReference(s, w, cfg) })
	case "files":
		return encodeList(s, v, func(w string) (any, error) { return encodeFile(s, w) })
	case "url", "email", "phone_number":
		return encodeContact(s, word(single(v)))
	}
	return nil, misfit("%q is a %s, which Notion fills in by itself. Leave it out.", s.Name, kindWords(s.Type))
}

// single is the one item of a list.
func single(v any) any {
	if many, ok := v.([]any); ok && len(many) == 1 {
		return many[0]
	}
	return v
}

func encodeText(s notion.Schema, v any) (any, error) {
	text, ok := v.(string)
	if !ok {
		if text = word(single(v)); text == "" {
			return nil, misfit("%q takes a text.", s.Name)
		}
	}
	var runs []any
	for text != "" {
		piece := text
		if utf8.RuneCountInString(text) > maxText {
			piece = string([]rune(text)[:maxText])
		}
		runs = append(runs, map[string]any{"type": "text", "text": map[string]any{"content": piece}})
		text = text[len(piece):]
	}
	if len(runs) > maxTexts {
		return nil, misfit("The text for %q is too long: at most %d characters. Put it into the page.", s.Name, maxText*maxTexts)
	}
	return runs, nil
}

// encodeDate writes a day, a moment or a span of these. A month or a quarter is
// a span from its first day to its last.
func encodeDate(s notion.Schema, v any, now time.Time) (any, error) {
	if m, ok := v.(map[string]any); ok {
		from, to := word(m["start"]), word(m["end"])
		v = from
		if to != "" {
			v = from + " to " + to
		}
	}
	given := word(single(v))
	first, last, ok := ends(given, now)
	if m := span.FindStringSubmatch(given); !ok && m != nil {
		var ok2 bool
		first, _, ok = ends(m[1], now)
		_, last, ok2 = ends(m[2], now)
		if first.moment != last.moment { // Notion wants a time at both ends or at none
			first, last = first.timed(last, 0), last.timed(first, 24*time.Hour-time.Minute)
		}
		ok = ok && ok2 && !last.at.Before(first.at)
	}
	switch {
	case !ok:
		return nil, misfit("%q is a date, and %q is none. Write a day (2026-07-01), a time (2026-07-01T09:00+02:00), a span (2026-07-01 to 2026-07-15), or words such as today or next month.", s.Name, clip(given))
	case first == last:
		return map[string]any{"start": first.String()}, nil
	}
	return map[string]any{"start": first.String(), "end": last.String()}, nil
}

// end is a day or a moment, at one end of a date.
type end struct {
	at     time.Time
	moment bool
}

func (e end) String() string {
	if e.moment {
		return e.at.Format(time.RFC3339) // with the zone that was written
	}
	return e.at.Format(time.DateOnly)
}

// timed is a day as a moment so far into it, in the zone of the other end.
func (e end) timed(other end, into time.Duration) end {
	if e.moment {
		return e
	}
	y, m, d := e.at.Date()
	return end{time.Date(y, m, d, 0, 0, 0, 0, other.at.Location()).Add(into), true}
}

// ends are the first and the last day of a period, or the moment that it is.
func ends(s string, now time.Time) (first, last end, ok bool) {
	if t, ok := writtenMoment(s); ok {
		return end{t, true}, end{t, true}, true
	}
	p, ok := ParsePeriod(s, now)
	if !ok || span.MatchString(s) && !dayOf(p.Start).Equal(p.Start) || span.MatchString(s) && !dayOf(p.End).Equal(p.End) {
		return first, last, false // a span of moments: its ends are read one by one
	}
	if p.Start.Equal(p.End) {
		return end{p.Start, true}, end{p.End, true}, true
	}
	return end{at: p.Start}, end{at: p.End.AddDate(0, 0, -1)}, true
}

// encodeList writes each of several values, given as a list or as one text with
// commas.
func encodeList(s notion.Schema, v any, one func(string) (any, error)) (any, error) {
	many, err := items(s, v, one)
	if err != nil {
		return nil, err
	}
	if len(many) > maxItems {
		return nil, misfit("%q has %d values, and Notion takes at most %d.", s.Name, len(many), maxItems)
	}
	return many, nil
}

func items(s notion.Schema, v any, one func(string) (any, error)) ([]any, error) {
	list, isList := v.([]any)
	if !isList {
		whole := word(v)
		if item, err := one(whole); err == nil { // names may have commas of their own
			return []any{item}, nil
		} else if !strings.ContainsAny(whole, ",;") {
			return nil, err
		}
		for _, part := range strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == ';' }) {
			list = append(list, part)
		}
	}
	out := []any{}
	for _, item := range list {
		w := word(item)
		if w == "" {
			return nil, misfit("%q takes texts, not objects or empty values.", s.Name)
		}
		one, err := one(w)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// encodeReference names one person or page. An ambiguous name is refused.
func encodeReference(s notion.Schema, name string, cfg Config) (any, error) {
	ids, err := lookUp(s, name, cfg)
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 1:
		return map[string]any{"id": string(ids[0])}, nil
	case len(ids) > 1:
		return nil, misfit("%q for %q is ambiguous: %d are called that. Give an id or link%s.", clip(name), s.Name, len(ids), map[bool]string{false: ", or a mail address"}[s.Type == "relation"])
	case s.Type == "relation":
		return nil, misfit("No page called %q was found in the table that %q is related to. Give its exact title, its link or its id.", clip(name), s.Name)
	}
	return nil, misfit("Nobody called %q was found for %q. Give the full name, the mail address or the id of a member of the workspace.", clip(name), s.Name)
}

func encodeFile(s notion.Schema, w string) (any, error) {
	u, err := url.Parse(w)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(w) > maxAddress {
		return nil, misfit("%q takes files by their https:// address; %q is none.", s.Name, clip(w))
	}
	name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if name == "" {
		name = u.Host
	}
	return map[string]any{"type": "external", "name": clip(name), "external": map[string]any{"url": w}}, nil
}

var telephone = regexp.MustCompile(`^[+0-9(][-+0-9()./ x#*]{2,}$`)

func encodeContact(s notion.Schema, w string) (any, error) {
	fits, limit, example := false, maxContact, ""
	switch s.Type {
	case "url":
		u, err := url.Parse(w)
		fits, limit, example = err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != ""), maxAddress, "https://example.com"
	case "email":
		a, err := mail.ParseAddress(w)
		fits, example = err == nil && a.Address == w, "kim@example.com"
	default:
		fits, example = telephone.MatchString(w), "+49 30 1234567"
	}
	if !fits || len(w) > limit {
		return nil, misfit("%q is a %s such as %s, and %q is none.", s.Name, kindWords(s.Type), example, clip(w))
	}
	return w, nil
}
