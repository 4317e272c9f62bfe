package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

func (a *app) query() *cobra.Command {
	cfg := console.QueryConfig{}
	cmd := &cobra.Command{
		Use:   "query database",
		Short: "List the rows of a database that meet conditions",
		Long: `Lists rows of a database, named by link, id or title, as the tool
query_database does.

  $ mcp-notion query Customers --where "Renewal date in Q1 2027" --sort Name
  $ mcp-notion query Customers --describe      # its columns`,
		Args: args(cobra.ExactArgs(1), "query needs one link, id or title of a database"),
		RunE: func(cmd *cobra.Command, names []string) error {
			cfg.Config, cfg.Database = a.common, names[0]
			return console.Query(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&cfg.Where, "where", nil, "`condition` such as \"Status is Open\"; may be repeated")
	f.BoolVar(&cfg.Any, "any", false, "one of the conditions is enough")
	f.StringArrayVar(&cfg.Sort, "sort", nil, "`column` to sort by, with \" desc\" for the other way round; may be repeated")
	f.StringArrayVar(&cfg.Columns, "column", nil, "`column` to show; may be repeated")
	f.Var(number{&cfg.Limit}, "limit", "most `rows`")
	f.Var(filled{&cfg.Cursor}, "cursor", "where to go on, from the last line of the part before")
	f.BoolVar(&cfg.Describe, "describe", false, "show the columns instead of rows")
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) create() *cobra.Command {
	cfg := console.CreateConfig{}
	cmd := &cobra.Command{
		Use:   "create --in link-or-title title...",
		Short: "Make a page or a row, visible to others",
		Long: `Makes a page below a page, or a row in a database, as the tool create_page
does. The same is not made twice within ten minutes.

  $ mcp-notion create --in "Support log" --set Status=Open Call from Corvane`,
		RunE: func(cmd *cobra.Command, words []string) error {
			cfg.Config, cfg.Title = a.common, question(words)
			return console.Create(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(filled{&cfg.Parent}, "in", "page or database (`link, id or title`)")
	f.StringToStringVar(&cfg.Values, "set", nil, "`column=value` of a row; may be repeated")
	f.Var(filled{&cfg.Content}, "content", "body as `Markdown`")
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) pending() *cobra.Command {
	cfg := console.PendingConfig{}
	cmd := &cobra.Command{
		Use:   "pending",
		Short: "Show the writes that wait because Notion was busy",
		Args:  args(cobra.NoArgs, "pending takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Config = a.common
			return console.Pending(cmd.Context(), cfg, a.term)
		},
	}
	cmd.Flags().Var(filled{&cfg.Cancel}, "cancel", "drop the write of this `id`")
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

// startsWithFlag says whether a problem is that of a flag.
func startsWithFlag(problem, flag string) bool {
	rest, ok := strings.CutPrefix(problem, "--"+flag)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " :"))
}

// located says of a setting that turns out to be wrong where it was made, and
// leaves nobody without a next step.
func (a *app) located(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, given []string) error {
		err := run(cmd, given)
		if u, ok := err.(*console.Usage); ok {
			hint := cmp.Or(u.Hint, "`"+cmd.CommandPath()+" --help` says how it is called")
			err = &console.Usage{Problem: u.Problem, Hint: hint}
			for _, s := range a.shown {
				if s.From != "" && startsWithFlag(u.Problem, s.Name) {
					return &console.Usage{Problem: s.From + ": " + u.Problem, Hint: hint}
				}
			}
		}
		return err
	}
}
