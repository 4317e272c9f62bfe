package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/server"
)

// StatusConfig is the Config of Status.
type StatusConfig struct {
	Config
	Form Form
}

// Status tells how much is indexed, and where. Where nothing is, it makes no
// index to look into.
func Status(ctx context.Context, cfg StatusConfig, t Terminal) error {
	sc, err := cfg.quiet(t)
	if err != nil {
		return err
	}
	sc.Mirror = server.MirrorNever
	folder := index.Dir(sc.Data, sc.Connection)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return t.showStatus(unread(folder), cfg.Form)
	}
	return session(sc, func(s *server.Session) error {
		st, err := s.Status(ctx)
		if err != nil {
			return err
		}
		return t.showStatus(st, cfg.Form)
	})
}

// unread is the status of a connection of which nothing has been read.
func unread(folder string) server.Status {
	return server.Status{
		Folder: folder, Coverage: ingest.Coverage{Phase: ingest.Idle}, Progress: ingest.Progress{Phase: ingest.Idle},
	}
}

func (t Terminal) showStatus(st server.Status, form Form) error {
	if form != FormJSON {
		t.status(st)
		return nil
	}
	raw, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("write the status as JSON: %w", err)
	}
	return t.json(raw)
}

func (t Terminal) status(st server.Status) {
	c := st.Coverage
	t.say("Pages     %s", pagesLine(c))
	t.say("Text      %s in %s", counted(c.Passages, "passage"), counted(c.Blocks, "block"))
	t.say("Complete  %s", completeLine(c))
	if st.Progress.Phase != "" && st.Progress.Phase != ingest.Idle {
		t.say("Now       %s, %s of %s%s", st.Progress.Phase, thousands(st.Progress.Done), pagesAndTables(st.Progress.Known), left(st.Progress))
	}
	t.meaning(st.Vectors)
	t.say("Index     %s", st.Folder)
	if st.Shared {
		t.say("Kept by   process %d", st.Owner)
	}
	if c.Recovered != "" {
		t.say("Recovered %s", printable(c.Recovered))
	}
	if c.Error != "" {
		t.say("Stopped   %s", printable(c.Error))
	}
	t.missing(c)
	if c.Known == 0 && !c.Settled() {
		t.tell("Nothing has been read yet; `mcp-notion sync` reads all shared pages.")
	}
}
