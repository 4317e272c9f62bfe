package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-notion/mcp-notion/internal/console"
	"github.com/mcp-notion/mcp-notion/internal/console/settings"
)

// app is what all commands get from the process, and the flags they share.
type app struct {
	term   console.Terminal
	in     io.Reader
	common console.Config
	config string             // file of settings
	shown  []settings.Setting // what is in force, once a command runs
}

// newRoot makes the command tree.
func newRoot(t console.Terminal, in io.Reader, getenv func(string) string) *cobra.Command {
	a := &app{term: t, in: in, common: console.Config{Version: console.Version(), Getenv: getenv}}
	root := &cobra.Command{
		Use:   "mcp-notion",
		Short: "Answers from your Notion pages, cited down to the block",
		Long: `Answers from your Notion pages, cited down to the block.

  $ mcp-notion demo                       # a sample workspace; needs no account
  $ mcp-notion init                       # tell your assistants of it
  $ export NOTION_TOKEN=ntn_…             # notion.so/profile/integrations
  $ mcp-notion doctor                     # is everything in place?
  $ mcp-notion stdio                      # serve your pages to an assistant

The token is read from NOTION_TOKEN, or from the file named by
NOTION_TOKEN_FILE, and from nowhere else.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          a.noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(t.Out)
	root.SetErr(t.Err)
	root.SetIn(in)
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(flagError)
	group(root, "Without an account:", a.demo(), a.emulate())
	group(root, "With your pages:", a.init(), a.doctor(), a.stdio(), a.serve(), a.sync(), a.status(), a.search(), a.read(), a.query(), a.check(), a.comment(), a.create(), a.pending())
	root.AddCommand(a.eval(getenv), a.health(), a.version())
	for _, c := range root.Commands() {
		c.RunE = a.located(c.RunE)
	}
	a.borrowed(root)
	root.Version = console.VersionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	a.globals(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.settle(cmd, getenv) }
	return root
}

// borrowed has the commands that cobra adds take wrong arguments as ours do.
func (a *app) borrowed(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, given []string) error {
				if found, _, err := root.Find(given); found == nil || err != nil || found == root {
					return a.noSuchCommand(root, given)
				}
				return nil
			}
		case "completion":
			c.Args = args(cobra.NoArgs, "completion is for bash, fish, powershell or zsh")
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range c.Commands() {
				shell.Args = args(cobra.NoArgs, "completion "+shell.Name()+" takes no arguments")
			}
		}
	}
}

// group adds commands under a title of the help text.
func group(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
		root.AddCommand(c)
	}
}

func (a *app) globals(root *cobra.Command) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVar(&a.common.Data, "data", "", "`folder` of the indexes (MCP_NOTION_DATA)")
	f.StringVar(&a.common.NotionURL, "notion-url", "", "`address` of the Notion API, such as an emulator's (MCP_NOTION_URL)")
	f.StringVar(&a.common.Handle, "handle", "", "`name` of the connection, where one token has several indexes")
	f.Var(rate{&a.common.PerMinute, 180}, "rate", "requests to Notion a minute; 0 for no limit, as for an address of this machine")
	embedFlags(f, &a.common.Embeddings)
	f.StringVar(&a.common.LogLevel, "log-level", "", "log to stderr from this `level` up: debug, info, warn, error (default info for serve, warn for stdio,\nelse error)")
	f.StringVar(&a.common.LogFormat, "log-format", "text", "`form` of the log: text or json")
	f.StringVar(&a.config, "config", "", "`file` of flags, one \"name: value\" a line, for those not given (MCP_NOTION_CONFIG)")
}

// noSuchCommand says which command was probably meant.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "`mcp-notion help` lists the commands"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean `mcp-notion " + strings.Join(near, "` or `mcp-notion ") + "`?"
	}
	return &console.Usage{Problem: fmt.Sprintf("there is no command %q", args[0]), Hint: hint}
}

func flagError(cmd *cobra.Command, err error) error {
	return &console.Usage{Problem: err.Error(), Hint: "`" + cmd.CommandPath() + " --help` lists the flags"}
}

// args turns a check of arguments into one whose failure is a Usage.
func args(check cobra.PositionalArgs, usage string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if check(cmd, given) == nil {
			return nil
		}
		return &console.Usage{Problem: usage, Hint: "`" + cmd.CommandPath() + " --help` says how it is called"}
	}
}

// rate is a flag that says what is normal where a Config says 0, and 0 where it
// says -1.
type rate struct {
	n      *int
	normal int
}

func (r rate) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return fmt.Errorf("must be a number of requests a minute, 0 for no limit")
	}
	if n == 0 {
		n = -1
	}
	*r.n = n
	return nil
}

func (r rate) String() string {
	switch {
	case r.n == nil || *r.n == 0:
		return strconv.Itoa(r.normal)
	case *r.n < 0:
		return "0"
	}
	return strconv.Itoa(*r.n)
}

func (r rate) Type() string { return "number" }

// question joins the words of a question, so that it needs no quotes.
func question(words []string) string { return strings.TrimSpace(strings.Join(words, " ")) }
