package ingest

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// A draft keeps what has been read of a page that is not complete, so that no
// request is spent twice on it, not even by the next process: the page object
// of a row, for its properties, and the blocks. The blocks are a flat list,
// parents before children, as deflated JSON: nesting has no bound, and
// encoding/json's has.
type draft struct {
	Object *notion.Page `json:"o,omitempty"` // nil where the title is the only property
	Nodes  []draftNode  `json:"n,omitempty"`
	Asked  bool         `json:"a,omitempty"` // for its Markdown
}

type draftNode struct {
	Up       int                  `json:"u"` // index of the parent, -1 at the top
	ID       notion.ID            `json:"i"`
	Type     string               `json:"t"`
	Children bool                 `json:"c,omitempty"`
	Read     bool                 `json:"r,omitempty"`
	Skip     string               `json:"s,omitempty"`
	Rough    bool                 `json:"q,omitempty"`
	Gap      bool                 `json:"g,omitempty"`
	Content  notion.Content       `json:"x"`
	Meeting  *notion.MeetingParts `json:"m,omitempty"`
}

func encodeDraft(pg *reading) ([]byte, error) {
	d := draft{Nodes: flatten(pg.roots), Asked: pg.asked}
	if isRow(pg.object) {
		d.Object = pg.object
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(w).Encode(d); err != nil {
		return nil, fmt.Errorf("encode draft: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func flatten(roots []*passage.Node) []draftNode {
	var flat []draftNode
	type item struct {
		node *passage.Node
		up   int
	}
	level := make([]item, 0, len(roots))
	for _, n := range roots {
		level = append(level, item{n, -1})
	}
	for len(level) > 0 {
		var below []item
		for _, it := range level {
			b := it.node.Block
			flat = append(flat, draftNode{
				Up: it.up, ID: b.ID, Type: b.Type, Children: b.HasChildren,
				Read: it.node.Read, Skip: it.node.Skip, Rough: it.node.Rough, Gap: it.node.Gap, Content: b.Content, Meeting: b.Content.Children,
			})
			for _, child := range it.node.Children {
				below = append(below, item{child, len(flat) - 1})
			}
		}
		level = below
	}
	return flat
}

// decodeDraft gives a reading without a record.
func decodeDraft(data []byte) (*reading, error) {
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("decode draft: %w", err)
	}
	var d draft
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("decode draft: %w", err)
	}
	roots, err := unflatten(d.Nodes)
	return &reading{object: d.Object, roots: roots, asked: d.Asked}, err
}

func unflatten(flat []draftNode) ([]*passage.Node, error) {
	var roots []*passage.Node
	nodes := make([]*passage.Node, len(flat))
	for i, d := range flat {
		d.Content.Children = d.Meeting
		nodes[i] = &passage.Node{
			Block: notion.Block{ID: d.ID, Type: d.Type, HasChildren: d.Children, Content: d.Content},
			Read:  d.Read,
			Skip:  d.Skip,
			Rough: d.Rough,
			Gap:   d.Gap,
		}
		if d.Up < 0 {
			roots = append(roots, nodes[i])
			continue
		}
		if d.Up >= i {
			return nil, fmt.Errorf("decode draft: node %d comes before its parent", i)
		}
		nodes[d.Up].Children = append(nodes[d.Up].Children, nodes[i])
	}
	return roots, nil
}

// resume takes up the draft of a page.
func (s *Syncer) resume(ctx context.Context, rec index.Page) (*reading, error) {
	raw, err := s.cfg.Index.Draft(ctx, rec.ID)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, errors.New("no draft")
	}
	pg, err := decodeDraft(raw)
	if err != nil {
		return nil, err
	}
	if pg.object == nil {
		pg.object = titled(rec)
	}
	pg.rec, pg.known, pg.started = rec, true, rec.Fetched
	return pg, nil
}
