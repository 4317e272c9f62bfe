package console

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/server"
)

// Whoever asks how much is indexed leaves nothing behind, whatever the token, and
// is told the same as of an index that is empty.
func TestStatusMakesNothing(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	data := filepath.Join(t.TempDir(), "data")
	cfg := StatusConfig{Config: Config{NotionURL: url, Data: data, Getenv: environment("NOTION_TOKEN", secret)}}
	s := newScreen(t)
	if err := Status(t.Context(), cfg, s.Terminal); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.out.String(), "0 pages") || !strings.Contains(s.out.String(), data) || !strings.Contains(s.err.String(), "mcp-notion sync") {
		t.Errorf("got %q and %q", s.out.String(), s.err.String())
	}
	var none, empty server.Status
	statusJSON(t, cfg, &none)
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the data folder: %v, want none", err)
	}
	if err := cfg.withSession(s.Terminal, server.MirrorNever, func(*server.Session) error { return nil }); err != nil {
		t.Fatal(err)
	}
	statusJSON(t, cfg, &empty)
	if none.Folder != empty.Folder || none.Coverage.State() != empty.Coverage.State() || none.Progress != empty.Progress || none.Progress.Phase != ingest.Idle {
		t.Errorf("without an index %+v\nwith an empty one %+v", none, empty)
	}
}

func statusJSON(t *testing.T, cfg StatusConfig, to *server.Status) {
	t.Helper()
	s := newScreen(t)
	cfg.Form = FormJSON
	if err := Status(t.Context(), cfg, s.Terminal); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(s.out.String()), to); err != nil {
		t.Fatal(err)
	}
	if key := regexp.MustCompile(`"[^"]*[A-Z -][^"]*":`).FindString(s.out.String()); key != "" {
		t.Errorf("%s is spelt otherwise than the keys of all other answers", key)
	}
}
