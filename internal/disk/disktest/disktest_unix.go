//go:build !windows

// Package disktest runs a test out of room on its disk.
package disktest

import (
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const child = "MCP_NOTION_TEST_FULL_DISK"

// Alone runs the rest of a test, which must be one at the top, in a process of its
// own, since a limit of the size of files is one of the process.
func Alone(t *testing.T, rest func(*testing.T)) {
	if os.Getenv(child) != "" {
		signal.Ignore(syscall.SIGXFSZ) // the error alone, as from a full disk
		rest(t)
		return
	}
	t.Parallel()
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), child+"=1", "TMPDIR="+t.TempDir())
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
}

// Room is how many bytes a file may have from now on.
func Room(t *testing.T, size uint64) {
	t.Helper()
	limit := unix.Rlimit{Cur: size, Max: math.MaxUint64}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
