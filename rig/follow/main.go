//go:build unix

// Command follow does what a document says, word by word, in an empty folder,
// with stand-ins for everybody outside: the marked blocks of the document are
// run as one shell script. See docs.Steps for the marks.
//
//	go run ./rig/follow doc/deploy.md workos
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/docs"
	"github.com/mcp-notion/mcp-notion/rig/interop/toolchain"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "follow:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) != 2 {
		return errors.New("name a document and a route, such as doc/deploy.md workos")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	steps, err := docs.Steps(string(text), args[1])
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	root, err := toolchain.Root()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "follow")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	values, stop, err := standIns(ctx, root, filepath.Join(dir, "standins"), args[1])
	if err != nil {
		return err
	}
	defer stop()
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		return err
	}
	script, err := scriptOf(args[0], steps, values)
	if err != nil {
		return err
	}
	return shell(ctx, root, empty, script)
}

// standIns starts the stand-ins and returns the settings that lead to them.
func standIns(ctx context.Context, root, program, route string) (values string, stop func(), err error) {
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./rig/standins")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("build the stand-ins: %w\n%s", err, out)
	}
	cmd := exec.CommandContext(ctx, program, route)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); values += lines.Text() + "\n" {
		if lines.Text() == "# ready" {
			return values, stop, nil
		}
	}
	stop()
	return "", nil, errors.New("the stand-ins did not start")
}

// scriptOf puts the steps together, with the values of the stand-ins in place
// of those that people fill in. Both have to set the same.
func scriptOf(name string, steps []docs.Step, values string) (string, error) {
	script := "set -euo pipefail\n"
	filled := false
	for _, s := range steps {
		text := s.Text
		if s.Values {
			if missing := docs.Missing(text, values); missing != "" {
				return "", fmt.Errorf("%s:%d: the stand-ins have no value for %s", name, s.Line, missing)
			}
			text, filled = values, true
		}
		script += fmt.Sprintf("echo '--- line %d'\n", s.Line)
		if s.Background {
			script += "{ " + text + "\n} >> background.log 2>&1 &\n" +
				"for _ in $(seq 150); do curl -sf \"$BASE/readyz\" >/dev/null && break; sleep 0.2; done\n" +
				"curl -sf \"$BASE/readyz\" >/dev/null || { cat background.log; exit 1; }\n"
			continue
		}
		script += text + "\n"
	}
	if !filled {
		return "", fmt.Errorf("%s: no block is marked as values for this route", name)
	}
	return script + "echo '--- done'\n", nil
}

// shell runs the script, and ends whatever it has left running. What it clones
// from the public address comes from this repository.
func shell(ctx context.Context, root, dir, script string) error {
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_COUNT=2",
		"GIT_CONFIG_KEY_0=url."+root+".insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/mcp-notion/mcp-notion",
		"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	for range 100 { // until all of them have ended
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}
