package column

import (
	"path"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
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
		start, end := Dates(s)
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
	for _, part := range List(s) {
		f := File{Name: path.Base(part)}
		if isURL(part) {
			f.URL = part
		}
		v.Files = append(v.Files, f)
	}
	return v
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
	start, end := Dates(when)
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
