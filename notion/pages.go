package notion

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// Page reads a page's properties; its body is under Children.
func (c *Client) Page(ctx context.Context, id ID) (*Page, error) {
	var p Page
	err := c.do(ctx, call{op: "read page " + string(id), method: "GET", path: []string{"pages", string(id)}, out: &p})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// CreatePage is a page to create. Children and Markdown exclude each other.
type CreatePage struct {
	Parent     Parent
	Properties map[string]any // property values as the API takes them
	Children   []NewBlock     // at most 100
	Markdown   string
	Icon       *Icon
}

// CreatePage makes a page, or a row if the parent is a data source.
func (c *Client) CreatePage(ctx context.Context, req CreatePage) (*Page, error) {
	body := map[string]any{"parent": req.Parent.request(), "properties": req.Properties}
	if req.Properties == nil {
		body["properties"] = map[string]any{}
	}
	if len(req.Children) > 0 {
		body["children"] = req.Children
	}
	if req.Markdown != "" {
		body["markdown"] = req.Markdown
	}
	if req.Icon != nil {
		body["icon"] = req.Icon
	}
	var p Page
	err := c.do(ctx, call{op: "create page", method: "POST", path: []string{"pages"}, body: body, write: true, out: &p})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// UpdatePage is a change of a page; what is nil stays as it is.
type UpdatePage struct {
	Properties map[string]any
	InTrash    *bool
}

// UpdatePage changes properties, or moves to the trash and back.
func (c *Client) UpdatePage(ctx context.Context, id ID, req UpdatePage) (*Page, error) {
	body := map[string]any{}
	if req.Properties != nil {
		body["properties"] = req.Properties
	}
	if req.InTrash != nil {
		body["in_trash"] = *req.InTrash
	}
	var p Page
	err := c.do(ctx, call{op: "update page " + string(id), method: "PATCH", path: []string{"pages", string(id)}, body: body, write: true, out: &p})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// MovePage hangs a page under another page or into a data source.
func (c *Client) MovePage(ctx context.Context, id ID, to Parent) (*Page, error) {
	var p Page
	body := map[string]any{"parent": to.request()}
	err := c.do(ctx, call{op: "move page " + string(id), method: "POST", path: []string{"pages", string(id), "move"}, body: body, write: true, out: &p})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// PropertyItems is the full value of one property, which a page object cuts at
// 25 references. Each item has one element of the value.
type PropertyItems struct {
	ID         string
	Type       string
	Items      []Property
	Rollup     *Rollup // of a rollup: its result so far
	NextCursor string
	HasMore    bool
}

// PageProperty reads one page of a property's value. A property whose value is
// no list comes as a single item.
func (c *Client) PageProperty(ctx context.Context, page ID, property, cursor string) (*PropertyItems, error) {
	if raw, err := url.PathUnescape(property); err == nil {
		property = raw // the API gives property ids in escaped form
	}
	out := propertyAnswer{cursor: cursor}
	k := call{
		op: fmt.Sprintf("read property %s of page %s", echo.Quote(property), page), method: "GET",
		path: []string{"pages", string(page), "properties", property}, query: pageQuery(cursor), out: &out,
	}
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	return out.items, nil
}

// propertyAnswer is a list, or a single item.
type propertyAnswer struct {
	cursor string // that was asked with
	items  *PropertyItems
}

// UnmarshalJSON refuses a list that would end too early or never.
func (a *propertyAnswer) UnmarshalJSON(raw []byte) (err error) {
	a.items, err = parsePropertyItems(raw, a.cursor)
	return err
}

func parsePropertyItems(raw json.RawMessage, cursor string) (*PropertyItems, error) {
	var l struct {
		list[Property]
		Object string `json:"object"`
		Item   struct {
			ID     string  `json:"id"`
			Type   string  `json:"type"`
			Rollup *Rollup `json:"rollup"`
		} `json:"property_item"`
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, err
	}
	if l.Object != "list" {
		var one Property
		err := json.Unmarshal(raw, &one)
		return &PropertyItems{ID: one.ID, Type: one.Type, Items: []Property{one}, Rollup: one.Rollup}, err
	}
	return &PropertyItems{
		ID: l.Item.ID, Type: l.Item.Type, Items: l.Results, Rollup: l.Item.Rollup,
		NextCursor: l.NextCursor, HasMore: l.HasMore,
	}, l.checkCursor(cursor)
}

// shownReferences is how many references of a property a page object has.
const shownReferences = 25

// Cut says whether a page object may have the beginning of a value alone. Of
// relations Notion says so, of people it does not.
func (p *Property) Cut() bool { return p.HasMore || len(p.People) >= shownReferences }

// Complete reads the references of a property of a page beyond those that the
// page object has, up to most of them; whole says whether to their end.
func (c *Client) Complete(ctx context.Context, page ID, p *Property, most int) (whole bool, err error) {
	var full Property
	err = Walk(func(cursor string) (string, error) {
		got, err := c.PageProperty(ctx, page, p.ID, cursor)
		if err != nil {
			return "", err
		}
		if cursor == "" {
			full = Property{}
		}
		for _, item := range got.Items {
			full.Relation = append(full.Relation, item.Relation...)
			full.People = append(full.People, item.People...)
		}
		whole = got.NextCursor == ""
		if len(full.Relation)+len(full.People) >= most {
			return "", nil
		}
		return got.NextCursor, nil
	})
	if err != nil {
		return false, err
	}
	if len(full.Relation) >= len(p.Relation) && len(full.People) >= len(p.People) {
		p.Relation, p.People, p.HasMore = full.Relation, full.People, !whole
	}
	return whole, nil
}

// PageMarkdown reads a page's body, with all that is nested, as Markdown
// without block ids. With transcript the transcripts of meeting notes are in
// it too.
func (c *Client) PageMarkdown(ctx context.Context, id ID, transcript bool) (*PageMarkdown, error) {
	query := url.Values{}
	if transcript {
		query.Set("include_transcript", "true")
	}
	var m PageMarkdown
	err := c.do(ctx, call{op: "read markdown of page " + string(id), method: "GET", path: []string{"pages", string(id), "markdown"}, query: query, out: &m})
	if err != nil {
		return nil, err
	}
	return &m, nil
}
