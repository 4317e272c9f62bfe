package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

func (a *app) demo() *cobra.Command {
	cfg := func(words []string) console.DemoConfig {
		return console.DemoConfig{Question: question(words), LogLevel: a.common.LogLevel, Version: a.common.Version}
	}
	cmd := &cobra.Command{
		Use:   "demo [question...]",
		Short: "Ask a sample workspace, with no account and no token",
		Long: `Mirrors the Notion of an invented company, asks it a question and prints
the passages that answer. It needs no account and leaves nothing behind.

  $ mcp-notion demo
  $ mcp-notion demo who signs off a 30,000 euro contract
  $ claude mcp add sample --transport stdio -- mcp-notion demo stdio`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return console.Demo(cmd.Context(), cfg(args), a.term)
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "stdio",
		Short: "Serve the sample workspace to an assistant over MCP",
		Args:  args(cobra.NoArgs, "demo stdio takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return console.DemoStdio(cmd.Context(), cfg(nil), a.in, a.term)
		},
	})
	cmd.Args = cobra.ArbitraryArgs
	return cmd
}

func (a *app) stdio() *cobra.Command {
	cfg := console.StdioConfig{}
	cmd := &cobra.Command{
		Use:   "stdio",
		Short: "Serve your pages to an assistant over MCP",
		Long: `Serves the pages that are shared with your token to an assistant over MCP.
The assistant starts it; it mirrors and keeps up to date while it runs.

  $ claude mcp add notion --transport stdio --env NOTION_TOKEN=ntn_… -- mcp-notion stdio`,
		Args: args(cobra.NoArgs, "stdio takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Config = a.common
			return console.Stdio(cmd.Context(), cfg, a.in, a.term)
		},
	}
	cmd.Flags().BoolVar(&cfg.ReadOnly, "read-only", false, "leave out the tools that write")
	cmd.Flags().StringVar(&cfg.Audit, "audit", "", auditFlag)
	cmd.Flags().StringVar(&cfg.Toolset, "toolset", "", "offer these `tools`: core, databases, write, or chatgpt alone (default the first three)")
	return cmd
}

func (a *app) init() *cobra.Command {
	cfg := console.InitConfig{}
	cmd := &cobra.Command{
		Use:   "init [client...]",
		Short: "Have the assistants on this machine use it",
		Long: `Finds the assistants on this machine (Claude Code, Claude Desktop, Cursor, VS
Code, Codex, Gemini CLI, Windsurf), takes a Notion token and tries it, keeps it
in a file that only you can read, and adds this server to their settings; of a
file that it changes itself, a copy is kept. Where it cannot ask, it only says
what it would do. Flags such as --handle are those of the server.

  $ mcp-notion init
  $ mcp-notion init cursor claude-code
  $ NOTION_TOKEN=ntn_… mcp-notion init --yes`,
		RunE: func(cmd *cobra.Command, names []string) error {
			cfg.Config, cfg.Clients = a.common, names
			cmd.InheritedFlags().Visit(func(f *pflag.Flag) {
				if f.Name != "data" && f.Name != "notion-url" {
					cfg.Flags = append(cfg.Flags, "--"+f.Name+"="+f.Value.String())
				}
			})
			return console.Init(cmd.Context(), cfg, a.in, a.term)
		},
	}
	cmd.Flags().BoolVar(&cfg.Yes, "yes", false, "change the settings without asking; the token comes from NOTION_TOKEN")
	return cmd
}

func (a *app) health() *cobra.Command {
	return &cobra.Command{
		Use:   "health [address]",
		Short: "Ask a server whether it takes calls, for supervisors",
		Long: `Asks the server at an address, http://127.0.0.1:8080 if none is given, and ends
with status 0 if it is ready.`,
		Args: args(cobra.MaximumNArgs(1), "health takes one address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return console.Health(cmd.Context(), strings.Join(args, ""), a.term)
		},
	}
}

func (a *app) sync() *cobra.Command {
	cfg := console.SyncConfig{}
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Read all shared pages into the index now",
		Long: `Reads all shared pages into the index and sums up. It ends with status 0
only if everything is in it. What was read is kept when it is interrupted.

  $ mcp-notion sync`,
		Args: args(cobra.NoArgs, "sync takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Config = a.common
			return console.Sync(cmd.Context(), cfg, a.term)
		},
	}
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) search() *cobra.Command {
	cfg := console.SearchConfig{}
	cmd := &cobra.Command{
		Use:   "search [question...]",
		Short: "Find the passages that answer a question",
		Long: `Finds the passages that answer a question, as the tool search_notion does.

  $ mcp-notion search who approves a purchase order
  $ mcp-notion search --also "spending limits" --also "sign off" who approves
  $ mcp-notion search --text who approves     # what the assistant reads
  $ mcp-notion search                         # the pages edited last`,
		RunE: func(cmd *cobra.Command, words []string) error {
			cfg.Config, cfg.Question = a.common, question(words)
			return console.Search(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&cfg.Also, "also", nil, "rephrasing in the `words` of the documents; may be repeated")
	f.Var(filled{&cfg.Under}, "under", "only below this page or database (`link or id`)")
	f.Var(filled{&cfg.EditedAfter}, "edited-after", "only pages edited since this `day`, such as 2026-01-31")
	f.Var(number{&cfg.Limit}, "limit", "most `passages` (default 8); without words, most pages (default 20)")
	f.Var(number{&cfg.MaxTokens}, "max-tokens", "length of all passages together in `tokens` (default 1310)")
	f.BoolVar(&cfg.Full, "full", false, "show whole passages, not only the lines around what is cited")
	textFlag(cmd, &cfg.Form)
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) read() *cobra.Command {
	cfg := console.ReadConfig{}
	cmd := &cobra.Command{
		Use:   "read link-id-or-title",
		Short: "Read a page",
		Long: `Reads a page, row or database, as the tool read_page does. A link with a block
anchor starts at that block.

  $ mcp-notion read https://app.notion.com/p/Roadmap-1f0e…
  $ mcp-notion read --cursor AQAA… 1f0e…      # the next part of a long page
  $ mcp-notion read --text "Travel policy"    # as Markdown, as the assistant reads it`,
		Args: args(cobra.ExactArgs(1), "read needs one link, id or title of a page"),
		RunE: func(cmd *cobra.Command, pages []string) error {
			cfg.Config, cfg.Page = a.common, pages[0]
			return console.Read(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(filled{&cfg.Section}, "section", "`heading` to start at")
	f.Var(filled{&cfg.Find}, "find", "show the places with these `words`")
	f.BoolVar(&cfg.Comments, "comments", false, "show the open comments too")
	f.Var(filled{&cfg.Cursor}, "cursor", "where to go on, from the last line of the part before")
	f.Var(number{&cfg.MaxTokens}, "max-tokens", "length of this part in `tokens` (default 6000)")
	textFlag(cmd, &cfg.Form)
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) check() *cobra.Command {
	cfg := console.CheckConfig{}
	cmd := &cobra.Command{
		Use:   "check file",
		Short: "Prove the citations of an answer",
		Long: `Looks up every link in an answer, and whether the words quoted before it stand
there, as the tool check_citations does. It ends with status 1 unless all are
proven.

  $ mcp-notion check answer.md
  $ my-assistant "who approves?" | mcp-notion check -`,
		Args: args(cobra.ExactArgs(1), "check needs a file, or - for standard input"),
		RunE: func(cmd *cobra.Command, files []string) error {
			cfg.Config, cfg.File = a.common, files[0]
			return console.Check(cmd.Context(), cfg, cmd.InOrStdin(), a.term)
		},
	}
	cmd.Flags().Var(filled{&cfg.AsOf}, "as-of", "`day` on which they were cited; says whether pages changed since")
	textFlag(cmd, &cfg.Form)
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) comment() *cobra.Command {
	cfg := console.CommentConfig{}
	cmd := &cobra.Command{
		Use:   "comment (--page | --block | --discussion) link-or-id text...",
		Short: "Write a comment, visible to others",
		Long: `Writes a comment on a page or block, or a reply in a discussion, as the tool
append_comment does. The same text is not written twice within ten minutes.

  $ mcp-notion comment --page https://app.notion.com/p/Roadmap-1f0e… Still true.`,
		Args: args(cobra.MinimumNArgs(1), "comment needs a text"),
		RunE: func(cmd *cobra.Command, words []string) error {
			cfg.Config, cfg.Text = a.common, question(words)
			return console.Comment(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(filled{&cfg.Page}, "page", "page to comment on (`link or id`)")
	f.Var(filled{&cfg.Block}, "block", "block to comment on (`link or id`)")
	f.Var(filled{&cfg.Discussion}, "discussion", "discussion to reply in (`link or id`)")
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) status() *cobra.Command {
	cfg := console.StatusConfig{}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell how much is indexed, and where",
		Args:  args(cobra.NoArgs, "status takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Config = a.common
			return console.Status(cmd.Context(), cfg, a.term)
		},
	}
	jsonFlag(cmd, &cfg.Form)
	return cmd
}

func (a *app) doctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong, and what to do",
		Long: `Checks token, network, access, capabilities, sharing, data folder and index, in
the order in which they are needed. It ends with status 1 if one fails.`,
		Args: args(cobra.NoArgs, "doctor takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return console.Doctor(cmd.Context(), a.common, a.term)
		},
	}
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Tell the version",
		Args:  args(cobra.NoArgs, "version takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			console.ShowVersion(a.term)
			return nil
		},
	}
}
