package column

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Functions are those that a rollup may have. count_per_group and
// percent_per_group are missing, because the API does not tell their values.
var Functions = []string{
	"count", "count_values", "empty", "not_empty", "unique", "show_unique", "percent_empty", "percent_not_empty",
	"sum", "average", "median", "min", "max", "range", "earliest_date", "latest_date", "date_range",
	"checked", "unchecked", "percent_checked", "percent_unchecked", "show_original",
}

// Rolled is what a rollup shows in one row.
type Rolled struct {
	// Type is number, date, array or unsupported, and says which of the other
	// fields count.
	Type   string
	Number *float64
	// Start and End are as in a Value.
	Start, End string
	// Items are the values of the column Of, one for each related row, also
	// where it is empty; show_unique leaves equal and empty ones out.
	Of    *Column
	Items []Value
}

// RolledType is the type of what a function shows, as in Rolled.
func RolledType(function string) string {
	switch function {
	case "show_original", "show_unique":
		return "array"
	case "earliest_date", "latest_date", "date_range":
		return "date"
	}
	return "number"
}

// Roll computes a rollup from the values of the column of in the related rows.
// A function that does not go with the type of the column gives null, as one
// without any values does.
func Roll(function string, of *Column, values []Value) Rolled {
	filled := slices.DeleteFunc(slices.Clone(values), of.Empty)
	switch {
	case function == "show_original":
		return Rolled{Type: "array", Of: of, Items: values}
	case function == "show_unique":
		return Rolled{Type: "array", Of: of, Items: distinct(of, filled)}
	case RolledType(function) == "date":
		return rollDates(function, filled)
	}
	if n, ok := count(function, of, values, filled); ok {
		return Rolled{Type: "number", Number: n}
	}
	return Rolled{Type: "number", Number: arithmetic(function, numbers(of, filled))}
}

// count has the functions that fit every column; ok is false for others.
func count(function string, of *Column, values, filled []Value) (n *float64, ok bool) {
	part := func(some int) *float64 {
		if len(values) == 0 {
			return nil
		}
		f := float64(some) / float64(len(values))
		return &f
	}
	whole := func(some int) *float64 { f := float64(some); return &f }
	ticked := 0
	for _, v := range values {
		if v.Checked {
			ticked++
		}
	}
	switch function {
	case "count":
		return whole(len(values)), true
	case "count_values":
		all := 0
		for _, v := range filled {
			all += max(len(v.Keys(of)), 1)
		}
		return whole(all), true
	case "unique":
		return whole(len(distinct(of, filled))), true
	case "empty":
		return whole(len(values) - len(filled)), true
	case "not_empty":
		return whole(len(filled)), true
	case "percent_empty":
		return part(len(values) - len(filled)), true
	case "percent_not_empty":
		return part(len(filled)), true
	case "checked":
		return whole(ticked), true
	case "unchecked":
		return whole(len(values) - ticked), true
	case "percent_checked":
		return part(ticked), true
	case "percent_unchecked":
		return part(len(values) - ticked), true
	}
	return nil, false
}

func numbers(of *Column, values []Value) []float64 {
	var out []float64
	for _, v := range values {
		if v.Number != nil && of.ValueType() == "number" {
			out = append(out, *v.Number)
		}
	}
	slices.Sort(out)
	return out
}

// arithmetic has the functions of numbers, which are in order; nil for none.
func arithmetic(function string, all []float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	sum := 0.0
	for _, n := range all {
		sum += n
	}
	first, last := all[0], all[len(all)-1]
	out := map[string]float64{
		"sum": sum, "average": sum / float64(len(all)), "min": first, "max": last, "range": last - first,
		"median": (all[(len(all)-1)/2] + all[len(all)/2]) / 2,
	}[function]
	return &out
}

// rollDates has the functions of dates. Of a range the end counts where the
// latest date is wanted.
func rollDates(function string, values []Value) Rolled {
	out := Rolled{Type: "date"}
	var from, to []string
	for _, v := range values {
		if v.Start != "" {
			from, to = append(from, v.Start), append(to, cmp.Or(v.End, v.Start))
		}
	}
	if len(from) == 0 {
		return out
	}
	byTime := func(a, b string) int {
		x, _ := Moment(a)
		y, _ := Moment(b)
		return x.Compare(y)
	}
	switch function {
	case "earliest_date":
		out.Start = slices.MinFunc(from, byTime)
	case "latest_date":
		out.Start = slices.MaxFunc(to, byTime)
	default:
		out.Start, out.End = slices.MinFunc(from, byTime), slices.MaxFunc(to, byTime)
	}
	return out
}

// distinct keeps the first of equal values.
func distinct(of *Column, values []Value) []Value {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(values), func(v Value) bool {
		key := strings.Join(v.Keys(of), "\x00")
		was := seen[key]
		seen[key] = true
		return was
	})
}

// Keys are what tells a value from others: its options, ids, files or names, of
// which there may be several, or else the one text, number or date that it is.
func (v Value) Keys(c *Column) []string {
	switch c.ValueType() {
	case "number", "unique_id":
		if v.Number == nil {
			return nil
		}
		return []string{strconv.FormatFloat(*v.Number, 'g', -1, 64)}
	case "checkbox":
		return []string{strconv.FormatBool(v.Checked)}
	case "date", "created_time", "last_edited_time":
		return []string{v.Start + "/" + v.End}
	case "select", "status", "multi_select":
		return v.Options
	case "people", "relation", "created_by", "last_edited_by":
		return v.IDs
	case "files":
		var out []string
		for _, f := range v.Files {
			out = append(out, f.Name)
		}
		return out
	case "verification":
		return []string{v.State}
	}
	return []string{block.Plain(v.Text)}
}

// ValueType is the type of a column's values: its own, or for a formula that of
// its result, in the words of the other types.
func (c *Column) ValueType() string {
	if c.Type != "formula" {
		return c.Type
	}
	if typ := map[string]string{"number": "number", "boolean": "checkbox", "date": "date"}[c.Result]; typ != "" {
		return typ
	}
	return "rich_text"
}

// Empty says whether a value has nothing in it. A checkbox is never empty:
// without a tick it is false. Nor are numbers and times that every row has.
func (c *Column) Empty(v Value) bool {
	switch c.ValueType() {
	case "created_time", "last_edited_time", "created_by", "last_edited_by", "checkbox", "unique_id":
		return false
	}
	return len(v.Text) == 0 && v.Number == nil && len(v.Options) == 0 && v.Start == "" && len(v.IDs) == 0 &&
		len(v.Files) == 0 && v.State == ""
}
