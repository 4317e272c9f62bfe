package console

import (
	"context"
	"strings"

	"github.com/mcp-notion/mcp-notion/tools"
)

// QueryConfig is the Config of Query.
type QueryConfig struct {
	Config
	Database string   // link, id or title
	Where    []string // conditions: COLUMN OPERATOR VALUE
	Any      bool     // one of them is enough
	Sort     []string
	Columns  []string
	Limit    *int
	Cursor   string
	Describe bool
	Form     Form
}

// Query lists what query_database would list.
func Query(ctx context.Context, cfg QueryConfig, t Terminal) error {
	where, err := conditions(cfg.Where)
	if err != nil {
		return err
	}
	args := map[string]any{"database": cfg.Database}
	put(args, "where", where, len(where) > 0)
	put(args, "any", true, cfg.Any)
	put(args, "sort", cfg.Sort, len(cfg.Sort) > 0)
	put(args, "columns", cfg.Columns, len(cfg.Columns) > 0)
	put(args, "limit", cfg.Limit, cfg.Limit != nil)
	put(args, "cursor", cfg.Cursor, cfg.Cursor != "")
	put(args, "describe", true, cfg.Describe)
	return cfg.answered(ctx, t, asking{tools.QueryDatabase, args, cfg.Form, nil})
}

// operators are those of query_database.
func operators() []string {
	return []string{
		"is not empty", "is empty", "is not", "is", "does not contain", "contains", "starts with",
		">=", "<=", ">", "<", "=", "between", "before", "after", "in",
	}
}

// conditions reads conditions as a person writes them: Renewal date in Q3 2026.
func conditions(lines []string) ([]map[string]any, error) {
	var all []map[string]any
	for _, line := range lines {
		c, ok := condition(line)
		if !ok {
			return nil, &Usage{
				Problem: "--where needs a column, an operator and a value",
				Hint:    `--where "Status is Open"; a column with an operator in its name stands in quotes; the operators are ` + strings.Join(operators(), ", "),
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// weight orders operators where a condition has several: a sign is rarely part of
// a column's name, "in" and "is" often are.
func weight(op string) int {
	switch {
	case op == "in", op == "is":
		return 1
	case strings.ContainsAny(op, "<>="):
		return 2
	}
	return len(op)
}

// condition takes the longest operator that stands between blanks, because the
// names of columns have small words in them, and of two as long the first. A
// column in quotes ends where they close.
func condition(line string) (map[string]any, bool) {
	column, rest, quoted := quotedColumn(line)
	words := strings.Fields(rest)
	var found map[string]any
	heaviest := 0
	for i := range words {
		for _, op := range operators() {
			end := i + len(strings.Fields(op))
			if end > len(words) || !strings.EqualFold(strings.Join(words[i:end], " "), op) {
				continue
			}
			name, value := column, strings.Join(words[end:], " ")
			if !quoted {
				name = strings.Join(words[:i], " ")
			}
			whole := name != "" && (value != "") != strings.HasSuffix(op, "empty")
			if whole && weight(op) > heaviest && (!quoted || i == 0) {
				found, heaviest = test(name, op, value), weight(op)
			}
		}
	}
	return found, found != nil
}

func test(column, op, value string) map[string]any {
	if op == "=" {
		op = "is"
	}
	c := map[string]any{"property": column, "operator": op}
	put(c, "value", value, value != "")
	return c
}

// quotedColumn takes a column in quotes off the front of a condition.
func quotedColumn(line string) (column, rest string, quoted bool) {
	line = strings.TrimSpace(line)
	for _, q := range []string{`"`, "'"} {
		if inner, ok := strings.CutPrefix(line, q); ok {
			if column, rest, ok = strings.Cut(inner, q); ok && column != "" {
				return column, rest, true
			}
		}
	}
	return "", line, false
}

// CreateConfig is the Config of Create.
type CreateConfig struct {
	Config
	Parent  string // link, id or title of a page or database
	Title   string
	Values  map[string]string // of a row, by column
	Content string            // Markdown
	Form    Form
}

// Create makes what create_page would make.
func Create(ctx context.Context, cfg CreateConfig, t Terminal) error {
	if cfg.Parent == "" || cfg.Title == "" {
		return &Usage{Problem: "create needs --in and a title", Hint: `mcp-notion create --in LINK "Meeting notes"`}
	}
	args := map[string]any{"parent": cfg.Parent, "title": cfg.Title, "later": false} // nobody would be there to make it
	put(args, "properties", cfg.Values, len(cfg.Values) > 0)
	put(args, "content", cfg.Content, cfg.Content != "")
	return cfg.answered(ctx, t, asking{tools.CreatePage, args, cfg.Form, nil})
}

// PendingConfig is the Config of Pending.
type PendingConfig struct {
	Config
	Cancel string // id of a write that is not to be made; "" for none
	Form   Form
}

// Pending shows what pending_writes would show.
func Pending(ctx context.Context, cfg PendingConfig, t Terminal) error {
	args := map[string]any{}
	put(args, "write_id", cfg.Cancel, cfg.Cancel != "")
	put(args, "cancel", true, cfg.Cancel != "")
	return cfg.answered(ctx, t, asking{tools.PendingWrites, args, cfg.Form, nil})
}
