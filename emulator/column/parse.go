package column

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Parse reads the text of a field as a value of the column's type. The field
// fits, or the value is empty. People and relations need to know who and what
// there is, and are read elsewhere.
func (c *Column) Parse(s string) Value {
	typ := c.ValueType()
	switch typ {
	case "checkbox":
		return Value{Checked: s == "Yes"}
	case "button", "created_by", "created_time", "last_edited_by", "last_edited_time", "rollup":
		return Value{}
	}
	if s == "" {
		return Value{}
	}
	switch typ {
	case "number":
		return parseNumber(s)
	case "unique_id":
		return parseNumber(s[strings.LastIndex(s, "-")+1:])
	case "date":
		start, end := Dates(s, c.Order)
		return Value{Start: start, End: end}
	case "select", "status":
		return Value{Options: []string{s}}
	case "multi_select":
		return Value{Options: List(s)}
	case "files":
		return parseFiles(s)
	case "verification":
		return parseVerification(s)
	}
	return Value{Text: block.PlainRuns(s)}
}

func parseNumber(s string) Value {
	n, ok := number(s)
	if !ok {
		return Value{}
	}
	return Value{Number: &n}
}

// parseFiles reads a list of addresses and of paths beside the table, which
// stand for files that Notion hosts.
func parseFiles(s string) (v Value) {
	for _, part := range FileParts(s) {
		f := File{Name: FileName(part)}
		if isURL(part) {
			f.URL = part
		}
		v.Files = append(v.Files, f)
	}
	return v
}

// FileParts are the paths and addresses in the field of a files column. A comma
// inside a name has no ending of a file before it.
func FileParts(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if n := len(out); n > 0 && path.Ext(out[n-1]) == "" && !isURL(strings.TrimSpace(out[n-1])) {
			out[n-1] += "," + part
			continue
		}
		out = append(out, part)
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return slices.DeleteFunc(out, func(p string) bool { return p == "" })
}

// FileName is the name at the end of a path or address, in which exports encode
// blanks and letters.
func FileName(part string) string {
	if isURL(part) {
		part, _, _ = strings.Cut(part, "?")
	}
	name := path.Base(part)
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return block.Name(path.Base(name))
}

// parseVerification reads verified or expired, with or without since and until
// when.
//
//	verified
//	verified 2026-01-05 → 2026-07-05
func parseVerification(s string) Value {
	state, when, _ := strings.Cut(s, " ")
	state = strings.ToLower(state)
	if state != "verified" && state != "expired" {
		return Value{}
	}
	start, end := Dates(when, MonthFirst)
	return Value{State: state, Start: start, End: end}
}

// Verified is the state of a verification at a time: verified, expired or none.
// One with an end expires by itself.
func (v Value) Verified(now time.Time) string {
	if v.State == "" {
		return "none"
	}
	if end, ok := Moment(v.End); ok && v.State == "verified" && !now.Before(end) {
		return "expired"
	}
	return v.State
}
