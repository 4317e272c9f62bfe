package wire

import (
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/column"
)

const (
	// maxItems is how many values one property takes in a request.
	maxItems = 100
	// maxContact is the length of an email address or telephone number.
	maxContact = 200
	// maxName is the length of the name of an option or file.
	maxName = 100
)

// list reads each item of an array, and keeps the first of equal ones.
func list[T comparable](raw any, where string, item func(item any, where string) (T, error)) ([]T, error) {
	items, ok := raw.([]any)
	if !ok {
		return nil, wrong(where, "an array", raw)
	}
	if len(items) > maxItems {
		return nil, Invalid("body failed validation: %s.length should be ≤ `%d`, instead was `%d`.", where, maxItems, len(items))
	}
	var out []T
	for i, raw := range items {
		v, err := item(raw, where+index(i))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, nil
}

func parseNumber(raw any, where string) (*float64, error) {
	n, ok := raw.(float64)
	if !ok {
		return nil, wrong(where, "a number or `null`", raw)
	}
	return &n, nil
}

// parseOption reads a choice, named or by id. A select takes new ones, which
// become part of the schema; a status does not.
func parseOption(c *column.Column, raw any, where string) (string, error) {
	o, ok := raw.(Object)
	if !ok {
		return "", wrong(where, "an object", raw)
	}
	if id := String(o, "id"); id != "" {
		for _, name := range c.Options {
			if optionID(name) == id {
				return name, nil
			}
		}
		return "", Invalid("%s is an invalid %s option %q.", c.ID, c.Type, id)
	}
	name, ok := o["name"].(string)
	switch {
	case !ok:
		return "", wrong(where+".name", "a string", o["name"])
	case slices.Contains(c.Options, name):
		return name, nil
	case c.Type == "status":
		return "", Invalid("Invalid status option. Status option %q does not exist.", name)
	case name == "":
		return "", Invalid("body failed validation: %s.name.length should be ≥ `1`, instead was `0`.", where)
	case strings.Contains(name, ","):
		return "", Invalid("Invalid select option, commas not allowed: %s", name)
	}
	return name, tooLong(name, maxName, where+".name")
}

// person reads one of the people of a property.
func (r Reader) person(raw any, where string) (string, error) {
	id, err := parseReference(raw, where)
	if err != nil {
		return "", err
	}
	return id, r.Person(id)
}

// row reads one of the rows of a relation.
func (r Reader) row(c *column.Column, raw any, where string) (string, error) {
	id, err := parseReference(raw, where)
	if err != nil {
		return "", err
	}
	return id, r.Row(id, c.Relation)
}

func parseReference(raw any, where string) (string, error) {
	o, ok := raw.(Object)
	if !ok {
		return "", wrong(where, "an object", raw)
	}
	id, ok := block.ParseID(String(o, "id"))
	if !ok {
		return "", wrong(where+".id", "a valid uuid", o["id"])
	}
	return id, nil
}

// parseContact reads an address or number. The empty one is null and not "".
func parseContact(kind string, raw any, where string) ([]block.Text, error) {
	s, ok := raw.(string)
	if !ok {
		return nil, wrong(where, "a string or `null`", raw)
	}
	if s == "" {
		return nil, Invalid("body failed validation: %s.length should be ≥ `1`, instead was `0`.", where)
	}
	limit := maxContact
	if kind == "url" {
		limit = block.MaxText
	}
	return block.PlainRuns(s), tooLong(s, limit, where)
}

// parseFile reads a file by its address. One that Notion hosts is sent back by
// the address that it was read from; uploads are not emulated.
func parseFile(raw any, where string) (column.File, error) {
	o, ok := raw.(Object)
	if !ok {
		return column.File{}, wrong(where, "an object", raw)
	}
	f := column.File{Name: String(o, "name"), URL: String(o, "external", "url")}
	if err := tooLong(f.Name, maxName, where+".name"); err != nil {
		return f, err
	}
	switch {
	case o["file_upload"] != nil:
		return f, &Error{Status: 404, Code: "object_not_found", Message: "Could not find file_upload with ID: " + String(o, "file_upload", "id") + "."}
	case f.Name == "":
		return f, wrong(where+".name", "defined", o["name"])
	case String(o, "file", "url") != "":
		return column.File{Name: f.Name}, nil
	case f.URL == "":
		return f, wrong(where+".external.url", "a string", f.URL)
	}
	return f, tooLong(f.URL, block.MaxText, where+".external.url")
}

// parseDate reads a day, a time or a range of either. Times are kept to the
// millisecond with their offset from UTC, as the API tells them.
func parseDate(raw any, where string) (v column.Value, err error) {
	o, ok := raw.(Object)
	if !ok {
		return v, wrong(where, "an object or `null`", raw)
	}
	zone := time.UTC
	if v.Zone = String(o, "time_zone"); v.Zone != "" {
		if zone, err = time.LoadLocation(v.Zone); err != nil {
			return v, wrong(where+".time_zone", "a valid IANA time zone", o["time_zone"])
		}
	}
	var start, end time.Time
	if start, v.Start, ok = parseMoment(String(o, "start"), zone); !ok {
		return v, wrong(where+".start", "a valid ISO 8601 date string", o["start"])
	}
	if o["end"] == nil {
		return v, nil
	}
	if end, v.End, ok = parseMoment(String(o, "end"), zone); !ok {
		return v, wrong(where+".end", "a valid ISO 8601 date string", o["end"])
	}
	switch {
	case len(v.Start) == len(time.DateOnly) != (len(v.End) == len(time.DateOnly)):
		return v, Invalid("body failed validation: %s should have a time in both of start and end or in neither, instead was `%s`.", where, Brief(raw))
	case end.Before(start):
		return v, Invalid("body failed validation: %s.end should not be before start, instead was `%s`.", where, Brief(raw))
	}
	return v, nil
}

// parseMoment reads a day or a time, which is one of zone if it has no offset
// of its own.
func parseMoment(s string, zone *time.Location) (at time.Time, written string, ok bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, s, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, t.Format("2006-01-02T15:04:05.000-07:00"), true
		}
	}
	return at, "", false
}

// verification reads whether a page is verified, by whoever asks, and until
// when.
func (r Reader) verification(raw any, where string) (v column.Value, err error) {
	o, ok := raw.(Object)
	if !ok {
		return v, wrong(where, "an object", raw)
	}
	switch String(o, "state") {
	case "unverified":
		return v, nil
	case "verified":
		if o["date"] != nil {
			v, err = parseDate(o["date"], where+".date")
		}
		v.State, v.IDs = "verified", []string{r.Me}
		return v, err
	}
	return v, wrong(where+".state", "`\"verified\"` or `\"unverified\"`", o["state"])
}
