package server

import (
	"log/slog"

	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// background is work that goes on beside the calls, each piece apart. The zero
// value works.
type background struct{ group guard.Group }

func (b *background) start(log *slog.Logger, what string, do func()) {
	b.group.Go(func() error {
		apart(log, what, do)
		return nil
	})
}

// wait returns when all that was started has ended.
func (b *background) wait() { _ = b.group.Wait() }

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
