package emulator

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/notion/emulator/query"
	"github.com/mcp-notion/mcp-notion/notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// maxRows is how many rows one query gives before it is cut off.
const maxRows = 10000

func (s *Server) getDatabase(r *request) (any, error) {
	d := s.store.databases[r.id]
	if d == nil || !s.store.sees(r.token, d.ID) {
		return nil, notFound("database", r.id, r.token)
	}
	return s.store.database(s.view(r), d), nil
}

func (s *Server) visibleSource(r *request) (*workspace.Database, error) {
	d := s.store.dataSources[r.id]
	if d == nil || !s.store.sees(r.token, d.ID) {
		return nil, notFound("data_source", r.id, r.token)
	}
	return d, nil
}

func (s *Server) getDataSource(r *request) (any, error) {
	d, err := s.visibleSource(r)
	if err != nil {
		return nil, err
	}
	return s.store.dataSource(s.view(r), d), nil
}

func (s *Server) getTemplates(r *request) (any, error) {
	if _, err := s.visibleSource(r); err != nil {
		return nil, err
	}
	return wire.Object{"templates": []any{}, "has_more": false, "next_cursor": nil}, nil
}

// queryDataSource lists the rows of a data source that pass a filter.
func (s *Server) queryDataSource(r *request) (any, error) {
	d, err := s.visibleSource(r)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(r, d)
	if err != nil {
		return nil, err
	}
	status := wire.Object{"type": "complete"}
	if len(rows) > maxRows {
		rows = rows[:maxRows]
		status = wire.Object{"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
	}
	cut, err := s.offsetSlice(r, len(rows))
	if err != nil {
		return nil, err
	}
	var results []any
	v := s.view(r)
	for _, p := range rows[cut.from:cut.to] {
		o := s.store.page(v, p)
		filterProperties(o, r.query)
		results = append(results, o)
	}
	out := list("page_or_data_source", results, cut)
	if cut.next == nil || status["type"] == "complete" {
		out["request_status"] = status
	}
	return out, nil
}

// rows are the rows that a query asks for, in its order.
func (s *Server) rows(r *request, d *workspace.Database) ([]*workspace.Page, error) {
	match := func(*workspace.Page) bool { return true }
	if f := r.body["filter"]; f != nil {
		m, err := query.Filter(f, d, s.cfg.Now())
		if err != nil {
			return nil, err
		}
		match = m
	}
	want, _ := r.body["in_trash"].(bool)
	rows := slices.DeleteFunc(slices.Clone(s.store.rows[d.ID]), func(p *workspace.Page) bool {
		return s.store.trashed(p.ID) != want || !match(p)
	})
	return rows, query.Sort(rows, r.body["sorts"], d)
}
