// Command tasks does ten everyday tasks side by side with mcp-notion and with
// Notion's own MCP server, on the same emulated workspace, and holds what they
// take against doc/tasks.md. It needs npm once, and Node comes with it on
// Linux.
//
//	go run ./rig/tasks [-update] [-run REGEXP] [-v]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"

	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tasks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tasks", flag.ContinueOnError)
	update := flags.Bool("update", false, "write doc/tasks.md anew")
	only := flags.String("run", "", "do only the tasks whose name matches this regular expression, and leave the document alone")
	verbose := flags.Bool("v", false, "show all answers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	all, err := readTasks(tasksFile)
	if err != nil {
		return err
	}
	root, err := toolchain.Root()
	if err != nil {
		return err
	}
	both, done, err := prepare(ctx, root, out)
	if err != nil {
		return err
	}
	defer done()
	var r Report
	for _, t := range all {
		if !wanted.MatchString(t.Name) {
			continue
		}
		if err := r.do(ctx, both, t); err != nil {
			return err
		}
		r.show(out, *verbose)
	}
	if *only != "" {
		return r.ours()
	}
	return errors.Join(r.ours(), compare(filepath.Join(root, "doc", "tasks.md"), r.document(), *update))
}

// prepare installs the one server and builds the other. The function that it
// returns removes what was built.
func prepare(ctx context.Context, root string, out io.Writer) (both [2]side, done func(), err error) {
	tools, err := toolchain.Install(ctx, root, out)
	if err != nil {
		return both, nil, err
	}
	temp, err := os.MkdirTemp("", "tasks")
	if err != nil {
		return both, nil, err
	}
	done = func() { _ = os.RemoveAll(temp) }
	binary := filepath.Join(temp, "mcp-notion")
	if err := toolchain.Build(ctx, root, binary); err != nil {
		done()
		return both, nil, err
	}
	return sides(tools, binary), done, nil
}
