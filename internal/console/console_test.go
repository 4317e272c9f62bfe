package console

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/emulator"
)

// secret is the token of all tests; no test may find it in any output.
const secret = "ntn_secret0123456789012345678901234567890123456789"

// fakeNotion serves a small workspace.
func fakeNotion(t *testing.T, cfg emulator.Config, files fstest.MapFS) (*emulator.Server, string) {
	t.Helper()
	if files == nil {
		files = fstest.MapFS{}
		for _, name := range []string{"Policies", "Travel", "Roadmap", "Notes"} {
			files[name+".md"] = &fstest.MapFile{Data: []byte("# " + name + "\n\nAbout " + name + ".\n")}
		}
	}
	w, err := emulator.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	e := emulator.New(w, cfg)
	return e, listening(t, e)
}

// listening is the address of a server that ends with the test.
func listening(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// screen is a Terminal whose output a test can read while it is written.
type screen struct {
	Terminal
	out, err buffer
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newScreen(t *testing.T) *screen {
	s := &screen{}
	s.Terminal = Terminal{Out: &s.out, Err: &s.err, Screen: true, Width: 200}
	t.Cleanup(func() {
		if strings.Contains(s.out.String()+s.err.String(), "secret0") {
			t.Errorf("the token is shown:\n%s\n%s", s.out.String(), s.err.String())
		}
	})
	return s
}

// discardLog is for servers that are meant to see broken connections.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// shortFolder is a temporary folder whose path leaves room for a socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	base := os.TempDir()
	if runtime.GOOS == "darwin" {
		base = "/tmp" // where the usual one is long
	}
	dir, err := os.MkdirTemp(base, "mn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
