package console

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/audit"
)

func TestAuditFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	for range 2 { // a later process goes on where the earlier one ended
		l, c, err := openAudit(file, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		l.Record(audit.Entry{Action: audit.Page, Outcome: audit.Done})
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	data, err := os.ReadFile(file)
	info, serr := os.Stat(file)
	if err != nil || serr != nil || strings.Count(string(data), "\n") != 2 || info.Mode().Perm() != 0o600 {
		t.Errorf("%s, %v, %v", data, err, info)
	}
}

func TestAuditFileThatWillNotDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := filepath.Join(dir, "open.jsonl")
	if err := os.WriteFile(open, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{open: "others can read", filepath.Join(dir, "none", "x"): "--audit: "} {
		if _, _, err := openAudit(file, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, c, err := openAudit("", nil); err != nil || c.Close() != nil {
		t.Error("no file is not the log:", err)
	}
}
