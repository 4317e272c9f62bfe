package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console"
	"github.com/mcp-notion/mcp-notion/internal/console/settings"
)

const printConfig = "print-config"

// settle gives the flags of a command that were not given the values of the
// environment and of the file.
func (a *app) settle(cmd *cobra.Command, getenv func(string) string) error {
	root := cmd.Root()
	if !takesSettings(cmd) {
		return nil
	}
	if a.config == "" {
		a.config = getenv(settings.Variable("config"))
	}
	src := settings.Sources{Getenv: getenv, Path: a.config}
	var here []*pflag.Flag
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if settable(f) && cmd.Flags().Lookup(f.Name) == f { // and not one of the command's own of that name
			here = append(here, f)
		} else {
			src.Others = append(src.Others, f.Name)
		}
	})
	for _, served := range root.Commands() {
		if served.Name() != "serve" && served.Name() != "stdio" {
			continue
		}
		served.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if settable(f) && served == cmd {
				here = append(here, f)
			} else if settable(f) {
				src.Others = append(src.Others, f.Name)
			}
		})
	}
	names := append([]string(nil), src.Others...)
	for _, f := range here {
		names = append(names, f.Name)
	}
	for _, remark := range settings.Unknown(os.Environ(), names) {
		fmt.Fprintln(a.term.Err, "warning: "+remark)
	}
	var err error
	if a.shown, err = settings.Fill(here, src); err != nil {
		return &console.Usage{Problem: err.Error(), Hint: "`mcp-notion serve --help` lists the settings"}
	}
	return nil
}

// settable leaves out the flags that are about one run of the program.
func settable(f *pflag.Flag) bool {
	return f.Name != "help" && f.Name != "config" && f.Name != printConfig
}

// takesSettings says whether a command works with the common flags, as all do
// but those that explain the program.
func takesSettings(cmd *cobra.Command) bool {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd.GroupID != "" || cmd.Name() == "eval"
}
