package main

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// judge says why a run is not right, or "". It looks at the words of the
// answers and at what is in Notion afterwards.
func (w *world) judge(ctx context.Context, t Task, r Run) (string, error) {
	if wrong := words(t.Right, r); wrong != "" {
		return wrong, nil
	}
	made := w.made()
	if t.Right.Row != nil {
		return w.judgeRow(ctx, *t.Right.Row, made)
	}
	if len(made) > 0 {
		return fmt.Sprintf("%d pages were made", len(made)), nil
	}
	if t.Right.Comment != nil {
		return w.judgeComment(ctx, *t.Right.Comment)
	}
	return "", nil
}

func words(right Right, r Run) string {
	holds := right.Holds
	if len(r.Way.Holds) > 0 {
		holds = r.Way.Holds
	}
	for _, p := range holds {
		if !regexp.MustCompile(p).MatchString(r.Text) { // it was compiled when it was read
			return fmt.Sprintf("the answers lack %q", p)
		}
	}
	for _, p := range right.Lacks {
		if regexp.MustCompile(p).MatchString(r.Text) {
			return fmt.Sprintf("the answers have %q", p)
		}
	}
	return ""
}

// made are the pages that were not there at the beginning.
func (w *world) made() []notion.ID {
	var ids []notion.ID
	for _, p := range w.emulator.Pages() {
		if !w.pages[p.ID] {
			ids = append(ids, notion.ID(p.ID))
		}
	}
	return ids
}

func (w *world) judgeRow(ctx context.Context, want Row, made []notion.ID) (string, error) {
	if len(made) != 1 {
		return fmt.Sprintf("%d pages were made instead of one row", len(made)), nil
	}
	page, err := w.notion.Page(ctx, made[0])
	if err != nil {
		return "", err
	}
	found, err := w.notion.Search(ctx, notion.SearchRequest{Query: want.Database, Kind: "data_source"})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(found.DataSources, func(d notion.DataSource) bool { return notion.PlainText(d.Title) == want.Database })
	if i < 0 || found.DataSources[i].ID != page.Parent.ID() {
		return "the page is no row of " + want.Database, nil
	}
	var conditions []property.Condition
	for column, value := range want.Values {
		conditions = append(conditions, property.Condition{Property: column, Value: value})
	}
	where, err := property.Compile(found.DataSources[i].Properties, conditions, property.Config{Now: today})
	if err != nil {
		return "", err
	}
	if !where.Match(page) {
		return "the row has other values", nil
	}
	return "", nil
}

func (w *world) judgeComment(ctx context.Context, want Comment) (string, error) {
	for _, p := range w.emulator.Pages() {
		if p.Title != want.Page {
			continue
		}
		l, err := w.notion.Comments(ctx, notion.ID(p.ID), "")
		if err != nil {
			return "", err
		}
		if len(l.Comments) != 1 || notion.PlainText(l.Comments[0].RichText) != want.Text {
			return fmt.Sprintf("%d comments, or another text", len(l.Comments)), nil
		}
		return "", nil
	}
	return "", fmt.Errorf("there is no page %q", want.Page)
}

var (
	blockLink = regexp.MustCompile(`(?s)https://\S+[0-9a-f]{32}(?:.* )?#[0-9a-f]{32}\b`) // whole, or the page's address and an anchor below it
	pageLink  = regexp.MustCompile(`https://[^\s"]+[0-9a-f]{32}`)
)

// link says what the links of the answers open.
func (r Run) link() string {
	switch {
	case blockLink.MatchString(r.Text):
		return "block"
	case pageLink.MatchString(r.Text):
		return "page"
	}
	return "none"
}

func (r Run) tokens() int { return r.In + r.Out }

func sortRuns(runs []Run) {
	slices.SortStableFunc(runs, func(a, b Run) int {
		if (a.Wrong == "") != (b.Wrong == "") {
			return strings.Compare(a.Wrong, b.Wrong)
		}
		return cmp.Or(cmp.Compare(a.tokens(), b.tokens()), cmp.Compare(a.Calls, b.Calls))
	})
}
