package sample

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed types
var types embed.FS

// Types returns a workspace of one database with two data sources, Deals and
// Accounts, which are related and have a column of every type. Of three deals
// the first one has a value in all columns, and the last one in none but those
// that cannot be empty.
func Types() fs.FS {
	sub, err := fs.Sub(types, "types")
	if err != nil {
		panic(err) // the path is constant and valid
	}
	return sub
}

//go:embed filters.txt
var filters string

// Filter is a filter of the deals of Types, in the words of the API with names
// in angle brackets in the place of ids.
type Filter struct {
	JSON string
	// Deals are the first letters of those that pass on the 10th of March 2026,
	// where Ann Lee asks.
	Deals string
}

// Filters are filters with all operators of all types of column.
func Filters() []Filter {
	var out []Filter
	for line := range strings.Lines(filters) {
		if deals, filter, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			out = append(out, Filter{JSON: filter, Deals: strings.Trim(deals, "-")})
		}
	}
	return out
}
