package sample

import (
	"embed"
	"io/fs"
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
