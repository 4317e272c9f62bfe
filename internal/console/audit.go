package console

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/mcp-notion/mcp-notion/internal/audit"
)

// openAudit opens the file that is told of every write, for appending; "" means
// that the log is told. Whatever happens is known before anything is served.
func openAudit(file string, log *slog.Logger) (*audit.Log, io.Closer, error) {
	if file == "" {
		return audit.New(nil, log), io.NopCloser(nil), nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, hinted("name a file in a folder that exists and that you may write", "--audit: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		_ = f.Close()
		return nil, nil, hinted(fmt.Sprintf("chmod 600 %s", shellQuoted(file)), "--audit: others can read %s", file)
	}
	return audit.New(f, log), f, nil
}
