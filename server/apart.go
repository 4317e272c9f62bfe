package server

import (
	"log/slog"

	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// apart does work in the background of a connection, or of all of them. A fault
// ends this piece of work and nothing else.
func apart(log *slog.Logger, what string, do func()) {
	err := guard.Call(func() error {
		do()
		return nil
	})
	if err != nil {
		log.Error("fault in the background", "work", what, "err", err, "stack", guard.Stack(err))
	}
}
