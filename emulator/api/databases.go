package api

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/emulator/query"
	"github.com/mcp-notion/mcp-notion/emulator/wire"
	"github.com/mcp-notion/mcp-notion/emulator/workspace"
)

// maxRows is how many rows one query gives before it is cut off. Notion stops
// there without an error: has_more becomes false, and only request_status tells
// that rows are missing. The way round is to ask again by created_time.
const maxRows = 10000

// getDatabase gives the container. Since 2025-09-03 it has neither schema nor
// rows; both belong to its data source, which has an id of its own.
func (a *API) getDatabase(r *request) (any, error) {
	d := a.store.Databases[r.id]
	if d == nil || d.Of != "" || !a.store.Sees(r.caller.Roots, d.ID) {
		return nil, notFound("database", r.id, r.caller)
	}
	return a.store.Database(a.view(r), d), nil
}

// visibleSource is the database of a data source that the caller may see, or
// 404. The id of the database is not taken here: in Notion, too, the two are
// different objects.
func (a *API) visibleSource(r *request) (*workspace.Database, error) {
	d := a.store.DataSources[r.id]
	if d == nil || !a.store.Sees(r.caller.Roots, d.ID) {
		return nil, notFound("data_source", r.id, r.caller)
	}
	return d, nil
}

// getDataSource gives the schema, with the options of every column.
func (a *API) getDataSource(r *request) (any, error) {
	d, err := a.visibleSource(r)
	if err != nil {
		return nil, err
	}
	return a.store.DataSource(a.view(r), d), nil
}

// getTemplates lists none: files have no templates.
func (a *API) getTemplates(r *request) (any, error) {
	if _, err := a.visibleSource(r); err != nil {
		return nil, err
	}
	return wire.Object{"templates": []any{}, "has_more": false, "next_cursor": nil}, nil
}

// queryDataSource lists the rows of a data source that pass a filter, as whole
// pages. It is complete where search is not, up to maxRows.
func (a *API) queryDataSource(r *request) (any, error) {
	d, err := a.visibleSource(r)
	if err != nil {
		return nil, err
	}
	if err := r.only("sorts", "filter", "start_cursor", "page_size", "in_trash", "archived", "result_type"); err != nil {
		return nil, err
	}
	rows, err := a.rows(r, d)
	if err != nil {
		return nil, err
	}
	status := wire.Object{"type": "complete"}
	if len(rows) > maxRows {
		rows = rows[:maxRows]
		status = wire.Object{"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
	}
	cut, err := a.offsetSlice(r, len(rows))
	if err != nil {
		return nil, err
	}
	var results []any
	v := a.view(r)
	for _, p := range rows[cut.from:cut.to] {
		o := a.store.Page(v, p)
		filterProperties(o, r.query)
		results = append(results, o)
	}
	out := list("page_or_data_source", results, cut)
	// Notion tells that a query was cut off with its last page only.
	if cut.next == nil || status["type"] == "complete" {
		out["request_status"] = status
	}
	return out, nil
}

// rows are the rows that a query asks for, in its order: those in the trash or
// those that are not, never both.
func (a *API) rows(r *request, d *workspace.Database) ([]*workspace.Page, error) {
	table := query.Table{W: a.store.W, D: d, Now: a.Now(), Me: r.caller.Bot, Seen: a.sees(r)}
	match := func(*workspace.Page) bool { return true }
	if f := r.body["filter"]; f != nil {
		m, err := table.Filter(f)
		if err != nil {
			return nil, err
		}
		match = m
	}
	want, _ := trashFlag(r.body)
	// Only wikis have data sources among their rows.
	if r.body["result_type"] == "data_source" {
		return nil, nil
	}
	all := a.store.Trashed(d.ID)
	rows := slices.DeleteFunc(slices.Clone(a.store.Rows[d.ID]), func(p *workspace.Page) bool {
		return (all || p.InTrash) != want || !match(p)
	})
	return rows, table.Sort(rows, r.body["sorts"])
}
