// Command interop runs real clients from other languages, at pinned versions,
// against mcp-notion and what stands in for others in its tests: the official
// SDKs of the Notion API and of WorkOS, Notion's own MCP server, the MCP
// inspector, both generations of the TypeScript client of MCP, the conformance
// suite, and readers of Markdown. It needs npm once, and Node comes with it on Linux.
//
//	go run ./rig/interop [-run REGEXP]
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

// suiteTime is how long one suite may take before it counts as hanging.
const suiteTime = 5 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("interop", flag.ContinueOnError)
	only := flags.String("run", "", "run only the suites whose name matches this regular expression")
	if err := flags.Parse(args); err != nil {
		return err
	}
	root, err := toolchain.Root()
	if err != nil {
		return err
	}
	tools, err := toolchain.Install(ctx, root, out)
	if err != nil {
		return err
	}
	scripts, err := find(tools.Dir, *only)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "interop")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	r := runner{tools, filepath.Join(temp, "mcp-notion"), temp, out}
	if err := toolchain.Build(ctx, root, r.binary); err != nil {
		return err
	}
	return runAll(ctx, scripts, r)
}

// find returns the suites, which are the scripts named *.test.mjs.
func find(dir, only string) ([]string, error) {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	all, err := filepath.Glob(filepath.Join(dir, "*.test.mjs"))
	if err != nil {
		return nil, err
	}
	var scripts []string
	for _, script := range all {
		if wanted.MatchString(suiteName(script)) {
			scripts = append(scripts, script)
		}
	}
	if len(scripts) == 0 {
		return nil, fmt.Errorf("no suite in %s matches %q", dir, only)
	}
	return scripts, nil
}

func suiteName(script string) string {
	return strings.TrimSuffix(filepath.Base(script), ".test.mjs")
}

// A runner has what all suites share.
type runner struct {
	tools  toolchain.Toolchain
	binary string
	temp   string
	out    io.Writer
}

// runAll runs every suite, whatever the others do, and reports at the end.
func runAll(ctx context.Context, scripts []string, r runner) error {
	var summary strings.Builder
	var all counts
	for _, script := range scripts {
		fmt.Fprintf(r.out, "--- %s\n", suiteName(script))
		c, err := r.runSuite(ctx, script)
		if err != nil {
			fmt.Fprintf(r.out, "%s: %v\n", suiteName(script), err)
		}
		fmt.Fprintf(&summary, "%-16s %3d passed, %d failed\n", suiteName(script), c.passed, c.failed)
		all.passed += c.passed
		all.failed += c.failed
	}
	fmt.Fprintf(r.out, "---\n%s%-16s %3d passed, %d failed\n", summary.String(), "all", all.passed, all.failed)
	if all.failed > 0 {
		return fmt.Errorf("%d failed", all.failed)
	}
	return nil
}

// runSuite runs one script in a world of its own. An error counts as a failure
// at least.
func (r runner) runSuite(ctx context.Context, script string) (c counts, err error) {
	ctx, cancel := context.WithTimeout(ctx, suiteTime)
	defer cancel()
	home := filepath.Join(r.temp, suiteName(script))
	if err := os.Mkdir(home, 0o700); err != nil {
		return counts{failed: 1}, err
	}
	w, err := newWorld(r.binary, home)
	if err != nil {
		return counts{failed: 1}, err
	}
	defer func() {
		if cerr := w.Close(); cerr != nil {
			c.failed++
			err = errors.Join(err, cerr)
		}
	}()
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, r.tools.Node, "--test-reporter=spec", script)
	cmd.Dir = r.tools.Dir
	cmd.Env = r.environment(w, home)
	cmd.Stdout = io.MultiWriter(r.out, &output)
	cmd.Stderr = r.out
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	c = count(output.String())
	if err != nil && c.failed == 0 {
		c.failed = 1
	}
	return c, err
}

// environment is all that a script knows of the machine, so that neither a
// proxy nor a person's own configuration takes part.
func (r runner) environment(w *world, home string) []string {
	env := []string{
		"PATH=" + filepath.Dir(r.tools.Node) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + home,
		"INTEROP_BINARY=" + r.binary,
		"INTEROP_DATA_DIR=" + filepath.Join(home, "data"),
	}
	for name, value := range w.env {
		env = append(env, name+"="+value)
	}
	return env
}
