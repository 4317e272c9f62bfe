// Package block holds the blocks and rich text of the emulator, as they are
// between a Markdown file and the wire: ids that depend on content alone, and
// the place in the file that each block came from.
package block

import (
	"strings"
	"time"
)

// Block is one block with its children. Content is the payload that the wire
// keeps under a key named like Type. Rich text in it is []Text; the cells of a
// table row are [][]Text; everything else is plain JSON.
type Block struct {
	ID       string
	Type     string
	Content  map[string]any
	Children []*Block
	Parent   *Block // nil directly below the page
	Page     string // id of the page that holds the block

	Created, Edited     time.Time
	CreatedBy, EditedBy string
	InTrash             bool
	Opaque              bool   // has children, but the API refuses to list them
	SyncName            string // original: its name in the files; copy: the name of its original
	Source              Source
}

// Source is the place in a file that the own text of a block came from. Lines
// count from 1 and include both ends. Blocks written through the API have no
// Path.
type Source struct {
	Path      string `json:"path"`
	LineStart int    `json:"line_start"`
	LineEnd   int    `json:"line_end"`
	Text      string `json:"text"`
}

// New makes a block of a type with its payload.
func New(typ string, content map[string]any) *Block {
	if content == nil {
		content = map[string]any{}
	}
	return &Block{Type: typ, Content: content}
}

// Adopt sets the parent of the children and the page of the whole subtree.
func Adopt(page string, parent *Block, children []*Block) {
	for _, c := range children {
		c.Page, c.Parent = page, parent
		Adopt(page, c, c.Children)
	}
}

// Walk calls f for every block, parents before children.
func Walk(blocks []*Block, f func(*Block)) {
	for _, b := range blocks {
		f(b)
		Walk(b.Children, f)
	}
}

// Live returns the children that are not in the trash.
func Live(blocks []*Block) []*Block {
	var out []*Block
	for _, b := range blocks {
		if !b.InTrash {
			out = append(out, b)
		}
	}
	return out
}

// PlainText is all own text of the block as a reader sees it, without that of
// its children.
func (b *Block) PlainText() string {
	var parts []string
	for _, key := range []string{"title", "rich_text", "cells", "expression", "caption", "url", "name", "block_type"} {
		switch v := b.Content[key].(type) {
		case string:
			parts = append(parts, v)
		case []Text:
			parts = append(parts, Plain(v))
		case [][]Text:
			for _, cell := range v {
				parts = append(parts, Plain(cell))
			}
		}
	}
	return strings.Join(parts, "\n")
}
