package tools

import (
	"context"
	"errors"
	"fmt"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools/database"
)

// rows are what lies directly in a table or database, by title.
type rows struct {
	list  []index.Page
	asOf  string // how old the list is, in words; "" if it is what Notion shows now
	notes []markdown.Text
}

// rows lists the rows of a table. Notion is asked for the hundred that were
// edited last, in one request: of most tables that is all of them. Where it is
// not, or Notion cannot be asked in time, the index fills in and the rows say so.
func (s *Set) rows(ctx context.Context, client *notion.Client, r *ingest.Reading) (rows, error) {
	known := database.RowsOf(s.cfg.Index, r.Page)
	switch {
	case r.Stale != "" && len(known) > 0:
		return s.indexed(known, 0), nil
	case r.Stale != "", r.Page.Kind != index.KindDataSource:
		return rows{list: known}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.ReadWithin/4)
	defer cancel()
	got, err := client.QueryDataSource(ctx, r.Page.ID, notion.QueryRequest{
		Sorts: []notion.Sort{{Timestamp: "last_edited_time", Direction: "descending"}},
	})
	switch {
	case refused(err):
		return rows{}, fmt.Errorf("list the rows of table %s: %w", r.Page.ID, err)
	case err != nil:
		out := s.indexed(known, 0)
		out.notes = append(out.notes, "The rows could not be asked for: "+markdown.Line(ingest.Explain(err))+".")
		return out, nil
	}
	newest := database.RowsIn(got)
	if !got.HasMore && got.Incomplete == "" {
		return rows{list: database.ByTitle(newest)}, nil
	}
	return s.indexed(merged(known, newest), len(newest)), nil
}

// refused says whether an error forbids to show the rows from the index.
func refused(err error) bool {
	return errors.Is(err, notion.ErrUnauthorized) || errors.Is(err, notion.ErrRestricted) || errors.Is(err, notion.ErrNotFound)
}

// indexed are rows as the index has them, which may lack some, but for the
// live ones that were edited last.
func (s *Set) indexed(list []index.Page, live int) rows {
	out := rows{list: list, asOf: "as far as known"}
	var words markdown.Text = "The index has not gone through all of Notion yet, so that rows may be missing"
	if at := s.cfg.Syncer.Coverage().AsOf; !at.IsZero() {
		out.asOf = "as of " + prompts.Clock(at, s.cfg.Now())
		words = "Rows " + markdown.Line(out.asOf) + ": some may be missing by now, or gone"
	}
	if live > 0 {
		words += markdown.Sprintf("; the %s in Notion now", markdown.Counted(live, "edited last is as it is", "edited last are as they are"))
	}
	out.notes = []markdown.Text{words + "."}
	unread := 0
	for _, p := range list {
		if p.Level == index.Listed {
			unread++
		}
	}
	if unread > 0 {
		out.notes = append(out.notes, markdown.Sprintf("The text of %d of these %s is not read yet.", unread, markdown.Count(len(list), "row")))
	}
	return out
}

// merged brings the newest rows into those that are known.
func merged(known, newest []index.Page) []index.Page {
	at := map[notion.ID]int{}
	for i, p := range known {
		at[p.ID] = i
	}
	for _, p := range newest {
		if i, ok := at[p.ID]; ok {
			known[i].Title, known[i].URL, known[i].LastEdited = p.Title, p.URL, p.LastEdited
			continue
		}
		p.Level = index.Listed
		known = append(known, p)
	}
	return database.ByTitle(known)
}

// rowURL is what to pass to read_page: a table shares its database's address,
// so that its id is the better name.
func rowURL(p index.Page) string {
	if p.Kind == index.KindDataSource {
		return p.ID.Compact()
	}
	return notion.BlockURL(p.URL, "")
}
