package notion

import (
	"context"
	"encoding/json"
	"iter"
)

// SearchRequest asks for pages and data sources by words in their titles; the
// zero value lists all that the token may see.
type SearchRequest struct {
	Query    string
	Kind     string // "page", "data_source", or "" for both
	InTrash  bool   // only what is in the trash, instead of what is not
	Newest   bool   // last edited first
	Cursor   string
	PageSize int // at most 100; 0 is 100
}

// SearchResult is one page of results. Search is no inventory: results lag
// behind sharing and edits, and some objects are never listed.
type SearchResult struct {
	Pages       []Page
	DataSources []DataSource
	Order       []Object // all results as they came
	NextCursor  string
	HasMore     bool
	Incomplete  string // why Notion did not give all results; "" if it did
}

// Search finds pages and data sources by title.
func (c *Client) Search(ctx context.Context, req SearchRequest) (*SearchResult, error) {
	var l list[json.RawMessage]
	k := call{op: "search", method: "POST", path: []string{"search"}, body: req.body(), cursor: req.Cursor, out: &l}
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	res := &SearchResult{NextCursor: l.NextCursor, HasMore: l.HasMore, Incomplete: l.incomplete()}
	for _, raw := range l.Results {
		if err := res.add(raw); err != nil {
			return nil, malformed(k.op, err)
		}
	}
	return res, nil
}

func (r SearchRequest) body() map[string]any {
	body := pageBody(r.Cursor, r.PageSize)
	if r.Query != "" {
		body["query"] = r.Query
	}
	filter := map[string]any{}
	if r.Kind != "" {
		filter["property"], filter["value"] = "object", r.Kind
	}
	if r.InTrash {
		filter["in_trash"] = true
	}
	if len(filter) > 0 {
		body["filter"] = filter
	}
	if r.Newest {
		body["sort"] = map[string]any{"timestamp": "last_edited_time", "direction": "descending"}
	}
	return body
}

// add sorts a result by its kind. Other kinds than the two that this version
// of the API promises are only kept in Order.
func (r *SearchResult) add(raw json.RawMessage) error {
	var o Object
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	r.Order = append(r.Order, o)
	switch o.Object {
	case "page":
		r.Pages = append(r.Pages, Page{})
		return json.Unmarshal(raw, &r.Pages[len(r.Pages)-1])
	case "data_source":
		r.DataSources = append(r.DataSources, DataSource{})
		return json.Unmarshal(raw, &r.DataSources[len(r.DataSources)-1])
	}
	return nil
}

// AllSearch gives page after page of results until the last or an error.
func (c *Client) AllSearch(ctx context.Context, req SearchRequest) iter.Seq2[*SearchResult, error] {
	return paged(req.Cursor, func(cursor string) (*SearchResult, string, error) {
		req.Cursor = cursor
		res, err := c.Search(ctx, req)
		if err != nil {
			return nil, "", err
		}
		return res, res.NextCursor, nil
	})
}
