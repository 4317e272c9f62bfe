package wire

import (
	"maps"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
)

// Block writes a block. hasChildren is given because copies of synced blocks
// and child pages have their children elsewhere.
func (v View) Block(b *block.Block, parent Object, hasChildren bool) Object {
	typ := b.Type
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

func (v View) content(b *block.Block) Object {
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
	if file, ok := out["file"].(Object); ok && out["type"] == "file" {
		out["file"] = Object{"url": file["url"], "expiry_time": expiry(v.Now)}
	}
	return out
}

// textTypes are the blocks whose payload is rich text that clients may write.
const textTypes = " paragraph heading_1 heading_2 heading_3 heading_4 bulleted_list_item numbered_list_item quote to_do toggle callout template code "

// otherTypes are the other blocks that clients may create.
const otherTypes = " synced_block equation divider breadcrumb table_of_contents tab column_list column link_to_page table table_row embed bookmark image video pdf file audio "

// ParseBlock reads one block that a client wants to create, with its children
// down to depth more levels.
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
	children := payload["children"]
	if children == nil {
		children = o["children"]
	}
	if children == nil {
		return b, nil
	}
	if depth == 0 {
		return nil, Invalid("body failed validation: %s.%s.children should be not present, instead was `%s`.", where, typ, Brief(children))
	}
	var err error
	b.Children, err = ParseBlocks(children, where+"."+typ+".children", depth-1)
	return b, err
}

// blockType is the type that an object names, or whose payload it holds.
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

// ParseBlocks reads the blocks that a client wants to create: at most 100.
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
// does not name stays.
func Update(b *block.Block, payload Object, where string) error {
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
