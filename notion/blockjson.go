package notion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// blockJSON is what all blocks have on the wire, beside the payload.
type blockJSON struct {
	Object         string     `json:"object,omitempty"`
	ID             ID         `json:"id,omitempty"`
	Parent         *Parent    `json:"parent,omitempty"`
	Type           string     `json:"type,omitempty"`
	CreatedTime    *time.Time `json:"created_time,omitempty"`
	LastEditedTime *time.Time `json:"last_edited_time,omitempty"`
	HasChildren    bool       `json:"has_children"`
	InTrash        bool       `json:"in_trash"`
	Archived       bool       `json:"archived,omitempty"` // before 2026-03-11
}

// UnmarshalJSON reads a block of any type, also of types that came after this
// code. A block in which something has a wrong JSON type becomes one of type
// unsupported with its real type in BlockType, so that its siblings survive.
func (b *Block) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	var wire blockJSON
	err := json.Unmarshal(data, &wire)
	*b = Block{
		ID: wire.ID, Type: wire.Type, HasChildren: wire.HasChildren, InTrash: wire.InTrash || wire.Archived,
		CreatedTime: timeOf(wire.CreatedTime), LastEditedTime: timeOf(wire.LastEditedTime),
	}
	if wire.Parent != nil {
		b.Parent = *wire.Parent
	}
	payload := fields[b.Type]
	if b.Type == "transcription" { // its name before 2026-03-11
		b.Type = "meeting_notes"
	}
	if err == nil && b.payloadKey() {
		err = b.Content.decode(payload)
	}
	if err != nil || !b.payloadKey() {
		b.Type, b.Content = "unsupported", Content{BlockType: b.Type}
	}
	return nil
}

// MarshalJSON writes the shape in which the API gives blocks.
func (b Block) MarshalJSON() ([]byte, error) {
	wire := blockJSON{
		Object: "block", ID: b.ID, Type: b.Type, HasChildren: b.HasChildren, InTrash: b.InTrash,
		CreatedTime: optionalTime(b.CreatedTime), LastEditedTime: optionalTime(b.LastEditedTime),
	}
	if b.Parent != (Parent{}) {
		wire.Parent = &b.Parent
	}
	envelope, err := json.Marshal(wire)
	if err != nil || !b.payloadKey() {
		return envelope, err
	}
	payload, err := b.Content.encode(b.Type)
	if err != nil {
		return nil, err
	}
	key, err := json.Marshal(b.Type)
	if err != nil {
		return nil, err
	}
	out := append(envelope[:len(envelope)-1], ',')
	out = append(append(out, key...), ':')
	return append(append(out, payload...), '}'), nil
}

// payloadKey says whether the type can be the key of a payload. encoding/json
// does not tell upper from lower case in keys.
func (b *Block) payloadKey() bool {
	return b.Type != "" && !slices.ContainsFunc(envelopeKeys, func(key string) bool { return strings.EqualFold(key, b.Type) })
}

// envelopeKeys are the keys that all blocks have.
var envelopeKeys = []string{"object", "id", "parent", "type", "created_time", "last_edited_time", "has_children", "in_trash", "archived"}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// plainContent has Content's fields without its methods; the two that differ
// by type on the wire shadow Content's.
type plainContent struct {
	Content
	Title    json.RawMessage `json:"title,omitempty"`
	Children json.RawMessage `json:"children,omitempty"`
}

func (c *Content) decode(payload json.RawMessage) error {
	if len(payload) == 0 {
		return nil
	}
	var p plainContent
	if err := json.Unmarshal(payload, &p); err != nil {
		return err
	}
	*c = p.Content
	var err error
	if c.Title, err = decodeTitle(p.Title); err != nil {
		return err
	}
	if len(p.Children) > 0 && p.Children[0] == '{' {
		return json.Unmarshal(p.Children, &c.Children)
	}
	return nil
}

// decodeTitle reads rich text, or the bare string of child_page and
// child_database.
func decodeTitle(raw json.RawMessage) ([]RichText, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if raw[0] != '"' {
		var runs []RichText
		err := json.Unmarshal(raw, &runs)
		return runs, err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	return []RichText{Plain(s)}, nil
}

func (c Content) encode(kind string) ([]byte, error) {
	p := plainContent{Content: c}
	var err error
	switch {
	case kind == "child_page" || kind == "child_database":
		p.Title, err = json.Marshal(PlainText(c.Title))
	case c.Title != nil:
		p.Title, err = json.Marshal(c.Title)
	}
	if err == nil && c.Children != nil {
		p.Children, err = json.Marshal(c.Children)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// UnmarshalJSON reads a page and accepts the trash flag's older name.
func (p *Page) UnmarshalJSON(data []byte) error {
	type plain Page
	wire := struct {
		*plain
		Archived bool `json:"archived"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	p.InTrash = p.InTrash || wire.Archived
	return nil
}

// UnmarshalJSON reads a table and keeps the order of its properties.
func (d *DataSource) UnmarshalJSON(data []byte) error {
	type plain DataSource
	if err := json.Unmarshal(data, (*plain)(d)); err != nil || len(d.Order) > 0 {
		return err
	}
	var wire struct {
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(wire.Properties))
	for _, err := dec.Token(); err == nil && dec.More(); {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		d.Order = append(d.Order, fmt.Sprint(name))
		if err := dec.Decode(&json.RawMessage{}); err != nil {
			return err
		}
	}
	return nil
}

// Columns are the names of all properties: as Notion listed them, else by name.
func (d *DataSource) Columns() []string {
	all := slices.DeleteFunc(slices.Clone(d.Order), func(name string) bool {
		_, ok := d.Properties[name]
		return !ok
	})
	for _, name := range slices.Sorted(maps.Keys(d.Properties)) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// UnmarshalJSON reads a property value. A value of a wrong JSON type becomes
// one of type unsupported, so that the rest of the page survives. The single
// elements of a property item are lists of one here.
func (p *Property) UnmarshalJSON(data []byte) error {
	type plain Property
	var v plain
	if json.Unmarshal(data, &v) == nil {
		*p = Property(v)
		p.Unread = p.Unread || !slices.Contains(propertyTypes, p.Type) && holds(data, p.Type)
		return nil
	}
	v = plain{}
	if json.Unmarshal(listed(data), &v) == nil {
		*p = Property(v)
		return nil
	}
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	*p = Property{Type: "unsupported", Unread: true}
	if json.Unmarshal(data, &head) == nil {
		_ = json.Unmarshal(head.ID, &p.ID) // the id may be what is wrong
	}
	return nil
}

// propertyTypes are the types of values that a Property can hold, and button,
// which has none.
var propertyTypes = []string{
	"title", "rich_text", "number", "url", "select", "multi_select", "status", "date", "email", "phone_number", "checkbox", "files",
	"people", "relation", "rollup", "formula", "created_by", "created_time", "last_edited_by", "last_edited_time", "unique_id",
	"verification", "place", "button",
}

// holds says whether an object has something under a name.
func holds(data []byte, name string) bool {
	var fields map[string]json.RawMessage
	if name == "" || json.Unmarshal(data, &fields) != nil {
		return false
	}
	switch v := string(fields[name]); v {
	case "", "null", "{}", "[]", `""`:
		return false
	}
	return true
}

// listed wraps the object that a property item has where a page has a list.
func listed(data []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return data
	}
	for _, name := range []string{"title", "rich_text", "people", "relation"} {
		if v := fields[name]; len(v) > 0 && v[0] == '{' {
			fields[name] = slices.Concat([]byte{'['}, v, []byte{']'})
		}
	}
	out, err := json.Marshal(fields)
	if err != nil {
		return data
	}
	return out
}

// UnmarshalJSON reads a mention of any type, also of types that came after this
// code: of those it keeps a name and an id, if there is one.
func (m *Mention) UnmarshalJSON(data []byte) error {
	type plain Mention
	var fields map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(data, (*plain)(m)), json.Unmarshal(data, &fields)); err != nil {
		return err
	}
	switch m.Type {
	case "user", "date", "page", "database", "data_source", "link_preview", "link_mention":
		return nil
	}
	var found struct {
		Name  string          `json:"name"`
		ID    json.RawMessage `json:"id"`
		Agent json.RawMessage `json:"agent_id"`
	}
	if json.Unmarshal(fields[m.Type], &found) != nil {
		return nil // it stays a mention of its type
	}
	other := Other{Name: found.Name}
	for _, raw := range []json.RawMessage{found.ID, found.Agent} {
		if other.ID == "" {
			_ = json.Unmarshal(raw, &other.ID) // it may be of another form
		}
	}
	if other != (Other{}) {
		m.Other = &other
	}
	return nil
}
