package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

func (a *app) emulate() *cobra.Command {
	cfg := console.EmulateConfig{}
	cmd := &cobra.Command{
		Use:   "emulate --dir folder-or-zip",
		Short: "Serve a folder or a Notion export as a Notion API",
		Long: `Serves a folder of Markdown and CSV, or an export from Notion (Markdown & CSV,
folder or zip), as a Notion API on this machine, to try the other commands with
no integration at all.

  $ mcp-notion emulate --dir Export.zip
  $ mcp-notion search --notion-url http://127.0.0.1:8765 who approves

The types of columns are guessed from their fields. Deals.schema.yaml beside
Deals.csv may declare them, and join tables in one database:

  database: Pipeline
  columns:
    - {name: Stage, type: status, options: [New, Won], groups: {Complete: [Won]}}
    - {name: Account, type: relation, to: Accounts, synced: Deals}
    - {name: ARR, type: rollup, relation: Account, property: ARR, function: sum}

It sends webhooks of changes, as Notion does, once an address has been verified:

  $ curl -d '{"url":"http://127.0.0.1:8080/webhooks/notion"}' http://127.0.0.1:8765/emulator/subscribe
  $ curl -d '{"token":"secret_..."}' http://127.0.0.1:8765/emulator/verify
  $ curl -d '{"path":"Notes.md","markdown":"# Notes"}' http://127.0.0.1:8765/emulator/edit`,
		Args: args(cobra.NoArgs, "emulate takes no arguments; name the folder with --dir"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.LogLevel = a.common.LogLevel
			cfg.PerMinute = max(0, a.common.PerMinute)
			return console.Emulate(cmd.Context(), cfg, a.term)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&cfg.Dir, "dir", "", "`folder` or zip file to serve")
	f.StringVar(&cfg.Addr, "addr", console.DefaultAddr, "`host:port` to listen at")
	f.BoolVar(&cfg.AllowRemote, "allow-remote", false, "let other machines reach it; they can see and change everything")
	f.DurationVar(&cfg.Latency, "latency", 0, "delay every answer, such as 200ms")
	f.StringArrayVar(&cfg.Tokens, "token", nil, "accept this `token` alone; may be repeated")
	emulatorRate(f, a)
	return cmd
}

// emulatorRate is --rate with the meaning that it has here: what the emulator
// allows.
func emulatorRate(f *pflag.FlagSet, a *app) {
	f.Var(rate{n: &a.common.PerMinute}, "rate", "requests a minute that one token may send; 0 for no limit")
}
