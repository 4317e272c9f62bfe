// Package sample holds the demo workspace: the handbook, specs, runbooks,
// accounts and databases of the invented company Fennimark, as the Markdown
// and CSV files that the emulator loads. questions.jsonl beside it has
// questions with known answers; the tests prove that both still agree.
package sample

import (
	"embed"
	"io/fs"
)

// all: keeps files whose names begin with a dot or an underscore, so that the
// embedded workspace is always the folder as it is.
//
//go:embed all:workspace
var files embed.FS

// FS returns the workspace as a read-only file system. Its top level holds
// the top-level pages.
func FS() fs.FS {
	sub, err := fs.Sub(files, "workspace")
	if err != nil {
		panic(err) // the path is constant and valid
	}
	return sub
}
