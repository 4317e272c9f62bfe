package notion

import (
	"context"
	"encoding/json"
	"iter"
)

// Database reads a database: where it hangs, and its data sources. The linked
// views of a database are ErrNotFound.
func (c *Client) Database(ctx context.Context, id ID) (*Database, error) {
	var d Database
	err := c.do(ctx, call{op: "read database " + string(id), method: "GET", path: []string{"databases", string(id)}, out: &d})
	if err != nil {
		return nil, err
	}
	return &d, nil
}

// DataSource reads the schema of a data source.
func (c *Client) DataSource(ctx context.Context, id ID) (*DataSource, error) {
	var d DataSource
	err := c.do(ctx, call{op: "read data source " + string(id), method: "GET", path: []string{"data_sources", string(id)}, out: &d})
	if err != nil {
		return nil, err
	}
	return &d, nil
}

// Sort orders rows by a property or by a timestamp.
type Sort struct {
	Property  string `json:"property,omitempty"`
	Timestamp string `json:"timestamp,omitempty"` // created_time, last_edited_time
	Direction string `json:"direction"`           // ascending, descending
}

// QueryRequest asks for rows of a data source; the zero value for all.
type QueryRequest struct {
	Filter   any // as the API takes it
	Sorts    []Sort
	InTrash  bool // only what is in the trash
	Cursor   string
	PageSize int // at most 100; 0 is 100
}

// QueryResult is one page of rows. Notion stops after 10,000 rows; Incomplete
// then says so.
type QueryResult struct {
	Pages       []Page
	DataSources []DataSource // of wikis
	NextCursor  string
	HasMore     bool
	Incomplete  string // why Notion did not give all rows; "" if it did
}

// QueryDataSource reads rows.
func (c *Client) QueryDataSource(ctx context.Context, id ID, req QueryRequest) (*QueryResult, error) {
	var l list[json.RawMessage]
	k := call{
		op: "query data source " + string(id), method: "POST", path: []string{"data_sources", string(id), "query"},
		body: req.body(), cursor: req.Cursor, out: &l,
	}
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	var found SearchResult
	for _, raw := range l.Results {
		if err := found.add(raw); err != nil {
			return nil, malformed(k.op, err)
		}
	}
	return &QueryResult{
		Pages: found.Pages, DataSources: found.DataSources,
		NextCursor: l.NextCursor, HasMore: l.HasMore, Incomplete: l.incomplete(),
	}, nil
}

func (r QueryRequest) body() map[string]any {
	body := pageBody(r.Cursor, r.PageSize)
	if r.Filter != nil {
		body["filter"] = r.Filter
	}
	if len(r.Sorts) > 0 {
		body["sorts"] = r.Sorts
	}
	if r.InTrash {
		body["in_trash"] = true
	}
	return body
}

// AllRows gives page after page of rows until the last or an error.
func (c *Client) AllRows(ctx context.Context, id ID, req QueryRequest) iter.Seq2[*QueryResult, error] {
	return paged(req.Cursor, func(cursor string) (*QueryResult, string, error) {
		req.Cursor = cursor
		res, err := c.QueryDataSource(ctx, id, req)
		if err != nil {
			return nil, "", err
		}
		return res, res.NextCursor, nil
	})
}
