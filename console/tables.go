package console

import (
	"context"
	"slices"
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
	Form     Form // FormPretty is FormText
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
	return cfg.answered(ctx, t, tools.QueryDatabase, args, cfg.Form)
}

// operators are those of query_database, the longer ones before what they begin
// with.
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
		c, ok := condition(strings.Fields(line))
		if !ok {
			return nil, &Usage{Problem: "--where needs a column, an operator and a value", Hint: `--where "Status is Open"; the operators are ` + strings.Join(operators(), ", ")}
		}
		all = append(all, c)
	}
	return all, nil
}

// condition finds the first operator after at least one word of a column.
func condition(words []string) (map[string]any, bool) {
	for i := 1; i < len(words); i++ {
		for _, op := range operators() {
			parts := strings.Fields(op)
			if !slices.EqualFunc(words[i:min(i+len(parts), len(words))], parts, strings.EqualFold) {
				continue
			}
			c := map[string]any{"property": strings.Join(words[:i], " "), "operator": op}
			if op == "=" {
				c["operator"] = "is"
			}
			value := strings.Join(words[i+len(parts):], " ")
			put(c, "value", value, value != "")
			return c, value != "" || strings.HasSuffix(op, "empty")
		}
	}
	return nil, false
}

// CreateConfig is the Config of Create.
type CreateConfig struct {
	Config
	Parent  string // link, id or title of a page or database
	Title   string
	Values  map[string]string // of a row, by column
	Content string            // Markdown
	Form    Form              // FormPretty is FormText
}

// Create makes what create_page would make.
func Create(ctx context.Context, cfg CreateConfig, t Terminal) error {
	if cfg.Parent == "" || cfg.Title == "" {
		return &Usage{Problem: "create needs --in and a title", Hint: `mcp-notion create --in LINK "Meeting notes"`}
	}
	args := map[string]any{"parent": cfg.Parent, "title": cfg.Title, "later": false} // nobody would be there to make it
	put(args, "properties", cfg.Values, len(cfg.Values) > 0)
	put(args, "content", cfg.Content, cfg.Content != "")
	return cfg.answered(ctx, t, tools.CreatePage, args, cfg.Form)
}

// PendingConfig is the Config of Pending.
type PendingConfig struct {
	Config
	Cancel string // id of a write that is not to be made; "" for none
	Form   Form   // FormPretty is FormText
}

// Pending shows what pending_writes would show.
func Pending(ctx context.Context, cfg PendingConfig, t Terminal) error {
	args := map[string]any{}
	put(args, "id", cfg.Cancel, cfg.Cancel != "")
	put(args, "cancel", true, cfg.Cancel != "")
	return cfg.answered(ctx, t, tools.PendingWrites, args, cfg.Form)
}
