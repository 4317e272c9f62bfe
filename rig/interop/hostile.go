package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
)

// hostilePage is a generated page that tries to be more than text.
type hostilePage struct {
	Title   string               `json:"title"`
	Comment string               `json:"comment"`
	Blocks  []markdowntest.Block `json:"blocks"`
}

// hostilePages is how many pages are generated.
const hostilePages = 80

// writeHostile writes the pages to a file in dir. What blocks say is written
// without white space and what nobody sees.
func writeHostile(dir string) (name string, err error) {
	var all []hostilePage
	for seed := range uint64(hostilePages) {
		d := markdowntest.Seeded(seed)
		p := hostilePage{Title: d.Text(), Comment: d.Text(), Blocks: d.Blocks(3)}
		squeeze(p.Blocks)
		all = append(all, p)
	}
	data, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	name = filepath.Join(dir, "hostile.json")
	return name, os.WriteFile(name, data, 0o600)
}

func squeeze(all []markdowntest.Block) {
	for i := range all {
		all[i].Says = strings.Join(strings.Fields(markdown.Clean(all[i].Says)), "")
		squeeze(all[i].Children)
	}
}
