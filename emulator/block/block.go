// Package block holds the blocks and rich text of the emulator, as they are
// between a Markdown file and the wire: ids that depend on content alone, and
// the place in the file that each block came from.
package block

import (
	"strings"
	"time"
)

// Block is one block with its children.
type Block struct {
	// ID is "" until AssignIDs, except for child pages and databases, whose
	// block has their own id.
	ID   string
	Type string
	// Content is the payload that the wire keeps under a key named like Type.
	// Rich text in it is []Text, the cells of a table row are [][]Text, and
	// everything else is plain JSON.
	Content  map[string]any
	Children []*Block
	// Parent is nil directly below the page.
	Parent *Block
	// Page is the id of the page that holds the block.
	Page string

	Created, Edited     time.Time
	CreatedBy, EditedBy string
	// InTrash hides the block from its parent's children. It can still be read
	// by its id.
	InTrash bool
	// Opaque blocks say that they have children, and the API refuses to list
	// them, as it does for some blocks of Notion's own.
	Opaque bool
	// SyncName is, for the original of a synced block, its name in the files,
	// and for a copy the name of its original. For a part of meeting notes it
	// is which part.
	SyncName string
	// Source is where the block's own text stands, without that of its
	// children.
	Source Source
}

// Source is the place in a file that the own text of a block came from. Blocks
// written through the API have no Path.
type Source struct {
	Path string `json:"path"`
	// Lines count from 1, and both ends are included.
	LineStart int `json:"line_start"`
	LineEnd   int `json:"line_end"`
	// Text is those lines as they stand in the file, marks and all.
	Text string `json:"text"`
}

// New makes a block of a type with its payload; nil is an empty one.
func New(typ string, content map[string]any) *Block {
	if content == nil {
		content = map[string]any{}
	}
	return &Block{Type: typ, Content: content}
}

// Adopt sets the parent of the children and the page of the whole subtree. A
// nil parent is the page itself.
func Adopt(page string, parent *Block, children []*Block) {
	for _, c := range children {
		c.Page, c.Parent = page, parent
		Adopt(page, c, c.Children)
	}
}

// Walk calls f for every block, parents before children, in reading order. f
// may change the block that it gets.
func Walk(blocks []*Block, f func(*Block)) {
	for _, b := range blocks {
		f(b)
		Walk(b.Children, f)
	}
}

// PlainText is all own text of the block as a reader sees it, without that of
// its children. Ids and searches for lost text rest on it, so every payload
// that holds words must be named here.
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
