package wire

import (
	"maps"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
)

// Block writes a block. hasChildren is given because copies of synced blocks
// and child pages have their children elsewhere. The children themselves are
// never part of a block: Notion lists them with a request of their own.
func (v View) Block(b *block.Block, parent Object, hasChildren bool) Object {
	typ := b.Type
	// The type was renamed with 2026-03-11, and with it the key of the payload.
	if typ == "meeting_notes" && v.Legacy {
		typ = "transcription"
	}
	o := Object{
		"object": "block", "id": b.ID, "parent": parent, "type": typ,
		"created_time": Time(b.Created), "last_edited_time": Time(b.Edited),
		"created_by": PartialUser(b.CreatedBy), "last_edited_by": PartialUser(b.EditedBy),
		"has_children": hasChildren,
		typ:            v.content(b),
	}
	v.trash(o, b.InTrash)
	return o
}

// content is the payload of a block, with its rich text as the caller sees it
// and fresh addresses of its files.
func (v View) content(b *block.Block) Object {
	// The block itself must not change: every caller gets an own view of it.
	out := maps.Clone(b.Content)
	if out == nil {
		out = Object{}
	}
	for key, value := range out {
		switch value := value.(type) {
		case []block.Text:
			out[key] = v.Text(value)
		case [][]block.Text:
			cells := make([]any, 0, len(value))
			for _, cell := range value {
				cells = append(cells, v.Text(cell))
			}
			out[key] = cells
		}
	}
	if _, ok := out["icon"]; !ok && b.Type == "paragraph" {
		out["icon"] = nil // always named: the label of a tab is a paragraph, and may have one
	}
	// Every read signs the address anew, as Notion does.
	if file, ok := out["file"].(Object); ok && out["type"] == "file" {
		out["file"] = Object{"url": file["url"], "expiry_time": expiry(v.Now)}
	}
	return out
}

// textTypes are the blocks whose payload is rich text that clients may write.
// The blanks around the names let Contains find whole words.
const textTypes = " paragraph heading_1 heading_2 heading_3 heading_4 bulleted_list_item numbered_list_item quote to_do toggle callout template code "

// otherTypes are the other blocks that clients may create. Child pages, link
// previews and meeting notes are not among them: Notion makes those in other
// ways.
const otherTypes = " synced_block equation divider breadcrumb table_of_contents tab column_list column link_to_page table table_row embed bookmark image video pdf file audio "

// ParseBlock reads one block that a client wants to create, with its children
// down to depth more levels. where names the place in the body for errors. The
// block has no id and no page yet.
func ParseBlock(value any, where string, depth int) (*block.Block, error) {
	o, ok := value.(Object)
	if !ok {
		return nil, Invalid("body failed validation: %s should be an object, instead was `%s`.", where, Brief(value))
	}
	typ := blockType(o)
	if typ == "" {
		return nil, Invalid("body failed validation: %s should have a block type that can be created, instead was `%s`.", where, Brief(o["type"]))
	}
	payload, ok := o[typ].(Object)
	if !ok {
		return nil, Invalid("body failed validation: %s.%s should be an object, instead was `%s`.", where, typ, Brief(o[typ]))
	}
	b := block.New(typ, nil)
	if err := Update(b, payload, where+"."+typ); err != nil {
		return nil, err
	}
	// Children belong inside the payload; some clients send them beside it.
	children := payload["children"]
	if children == nil {
		children = o["children"]
	}
	if children == nil {
		return b, nil
	}
	// One request takes so many levels; the rest goes into further ones.
	if depth == 0 {
		return nil, Invalid("body failed validation: %s.%s.children should be not present, instead was `%s`.", where, typ, Brief(children))
	}
	var err error
	b.Children, err = ParseBlocks(children, where+"."+typ+".children", depth-1)
	return b, err
}

// blockType is the type that an object names, or whose payload it holds: "type"
// may be left out. It is "" for types that cannot be created.
func blockType(o Object) string {
	if typ := String(o, "type"); typ != "" {
		if strings.Contains(textTypes+otherTypes, " "+typ+" ") {
			return typ
		}
		return ""
	}
	for key := range o {
		if strings.Contains(textTypes+otherTypes, " "+key+" ") {
			return key
		}
	}
	return ""
}

// ParseBlocks reads the blocks that a client wants to create: at most 100, all
// or none.
func ParseBlocks(value any, where string, depth int) ([]*block.Block, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, Invalid("body failed validation: %s should be an array, instead was `%s`.", where, Brief(value))
	}
	if len(list) > 100 {
		return nil, Invalid("body failed validation: %s.length should be ≤ `100`, instead was `%d`.", where, len(list))
	}
	var out []*block.Block
	for i, item := range list {
		b, err := ParseBlock(item, where+index(i), depth)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Update puts the payload that a client sent into a block; what the payload
// does not name stays. b is unchanged if the payload is wrong.
func Update(b *block.Block, payload Object, where string) error {
	// All of the payload is read before the block changes.
	content := maps.Clone(b.Content)
	for key, value := range payload {
		switch key {
		case "children":
			continue
		case "rich_text", "caption", "title":
			runs, err := ParseText(value, where+"."+key)
			if err != nil {
				return err
			}
			content[key] = runs
		case "cells":
			cells, err := parseCells(value, where+".cells")
			if err != nil {
				return err
			}
			content[key] = cells
		default:
			content[key] = value
		}
	}
	if strings.Contains(textTypes, " "+b.Type+" ") {
		if content["rich_text"] == nil {
			return Invalid("body failed validation: %s.rich_text should be defined, instead was `undefined`.", where)
		}
		if content["color"] == nil && b.Type != "code" && b.Type != "template" {
			content["color"] = "default"
		}
	}
	b.Content = content
	return nil
}

// parseCells reads the cells of a table row, each of which is rich text.
func parseCells(value any, where string) ([][]block.Text, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, Invalid("body failed validation: %s should be an array, instead was `%s`.", where, Brief(value))
	}
	cells := make([][]block.Text, 0, len(list))
	for i, item := range list {
		runs, err := ParseText(item, where+index(i))
		if err != nil {
			return nil, err
		}
		cells = append(cells, runs)
	}
	return cells, nil
}
