package notion

import "encoding/json"

// NewBlock is a block to create. A request takes at most 100 blocks in one
// array and two levels of nesting.
type NewBlock struct {
	Type     string
	Content  Content
	Children []NewBlock
}

// MarshalJSON writes the form that the API accepts.
func (b NewBlock) MarshalJSON() ([]byte, error) {
	payload := requestPayload(b.Type, b.Content)
	if len(b.Children) > 0 {
		payload["children"] = b.Children
	}
	return json.Marshal(map[string]any{"object": "block", "type": b.Type, b.Type: payload})
}

// Plain is unstyled text as a run, for requests and tests. The API takes at
// most 2,000 characters in one run.
func Plain(s string) RichText {
	return RichText{Type: "text", Text: &Text{Content: s}, PlainText: s}
}

// Position says where among its siblings new blocks go. The zero value is the
// end.
type Position struct {
	Start bool // before all others
	After ID   // after this block
}

func (p Position) request() any {
	switch {
	case p.After != "":
		return map[string]any{"type": "after_block", "after_block": map[string]any{"id": p.After}}
	case p.Start:
		return map[string]any{"type": "start"}
	}
	return nil
}

// requestPayload is what the API takes for a type: only what fits the type,
// and nothing that only answers have.
func requestPayload(kind string, c Content) map[string]any {
	p := map[string]any{}
	switch kind {
	case "table":
		p["table_width"] = c.TableWidth
		p["has_column_header"] = c.HasColumnHeader
		p["has_row_header"] = c.HasRowHeader
	case "table_row":
		p["cells"] = requestCells(c.Cells)
	case "equation":
		p["expression"] = c.Expression
	case "bookmark", "embed":
		p["url"] = c.URL
	case "link_to_page":
		linkPayload(p, c)
	case "synced_block":
		syncedPayload(p, c)
	case "image", "video", "pdf", "file", "audio":
		filePayload(p, c)
	case "divider", "breadcrumb", "table_of_contents", "column_list", "column", "tab":
	default:
		textPayload(p, kind, c)
	}
	if len(c.Caption) > 0 {
		p["caption"] = requestRuns(c.Caption)
	}
	if c.Color != "" {
		p["color"] = c.Color
	}
	return p
}

func textPayload(p map[string]any, kind string, c Content) {
	p["rich_text"] = requestRuns(c.RichText)
	switch kind {
	case "to_do":
		p["checked"] = c.Checked
	case "code":
		p["language"] = c.Language
		if c.Language == "" {
			p["language"] = "plain text"
		}
	}
	if c.IsToggleable {
		p["is_toggleable"] = true
	}
	if c.ListStartIndex > 0 {
		p["list_start_index"] = c.ListStartIndex
	}
	if c.Icon != nil && c.Icon.Type == "emoji" {
		p["icon"] = c.Icon
	}
}

func linkPayload(p map[string]any, c Content) {
	if c.DatabaseID != "" {
		p["type"], p["database_id"] = "database_id", c.DatabaseID
		return
	}
	p["type"], p["page_id"] = "page_id", c.PageID
}

func syncedPayload(p map[string]any, c Content) {
	p["synced_from"] = nil
	if c.SyncedFrom != nil {
		p["synced_from"] = map[string]any{"type": "block_id", "block_id": c.SyncedFrom.BlockID}
	}
}

// filePayload can only name external files; uploads are another API.
func filePayload(p map[string]any, c Content) {
	p["type"] = "external"
	p["external"] = c.External
	if c.Name != "" {
		p["name"] = c.Name
	}
}

func requestCells(cells [][]RichText) [][]RichText {
	out := make([][]RichText, len(cells))
	for i, cell := range cells {
		out[i] = requestRuns(cell)
	}
	return out
}

// requestRuns keeps of each run what a request may hold. Mentions that cannot
// be created become the text that a reader saw.
func requestRuns(runs []RichText) []RichText {
	out := make([]RichText, len(runs))
	for i, r := range runs {
		out[i] = requestRun(r)
	}
	return out
}

func requestRun(r RichText) RichText {
	out := RichText{Annotations: r.Annotations}
	switch {
	case r.Equation != nil:
		out.Type, out.Equation = "equation", r.Equation
	case r.Mention != nil && canMention(r.Mention):
		out.Type, out.Mention = "mention", requestMention(r.Mention)
	case r.Text != nil:
		out.Type, out.Text = "text", r.Text
	default:
		out.Type, out.Text = "text", &Text{Content: r.PlainText}
		if r.Href != "" {
			out.Text.Link = &Link{URL: r.Href}
		}
	}
	return out
}

func canMention(m *Mention) bool {
	return m.User != nil || m.Date != nil || m.Page != nil || m.Database != nil
}

func requestMention(m *Mention) *Mention {
	switch {
	case m.User != nil:
		return &Mention{Type: "user", User: &User{ID: m.User.ID}}
	case m.Date != nil:
		return &Mention{Type: "date", Date: m.Date}
	case m.Page != nil:
		return &Mention{Type: "page", Page: &Object{ID: m.Page.ID}}
	}
	return &Mention{Type: "database", Database: &Object{ID: m.Database.ID}}
}

// request is the parent as requests take it: the one field that its type
// names.
func (p Parent) request() any {
	kind := p.Type
	if kind == "" {
		kind = p.setField()
	}
	if kind == "workspace" {
		return map[string]any{"type": kind, "workspace": true}
	}
	p.Type = kind
	return map[string]any{"type": kind, kind: p.ID()}
}

func (p Parent) setField() string {
	switch {
	case p.PageID != "":
		return "page_id"
	case p.BlockID != "":
		return "block_id"
	case p.DataSourceID != "":
		return "data_source_id"
	case p.DatabaseID != "":
		return "database_id"
	}
	return "workspace"
}
