package tokens

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// Check asks the broker whether a connection stands, though a token of it is
// remembered. The error is ErrNotConnected or ErrNeedsReauthorization, and then
// the token is dropped. A broker that gives no answer changes nothing: the token
// stays good for as long as it was.
func (c *Cache) Check(ctx context.Context, conn Connection) error {
	k := askerOf(ctx, conn)
	c.mu.Lock()
	now := time.Now()
	if c.held(k, now) == nil {
		c.mu.Unlock()
		return onlyRefusal(c.Token(ctx, conn))
	}
	f := c.start(ctx, k, now, true)
	c.mu.Unlock()
	select {
	case <-f.done:
		return onlyRefusal(f.token, f.err)
	case <-ctx.Done():
		return nil // it goes on without us
	}
}

func onlyRefusal(_ Token, err error) error {
	if refused(err) {
		return err
	}
	return nil
}

// ConnectURL asks the broker each time: its links are for one use.
func (c *Cache) ConnectURL(ctx context.Context, conn Connection) (string, error) {
	return within(ctx, c, func(ctx context.Context) (string, error) { return c.broker.ConnectURL(ctx, conn) })
}

// Disconnect asks the broker to forget the grant, and forgets it here in any
// case. The error is errors.ErrUnsupported if the broker is no Disconnecter.
func (c *Cache) Disconnect(ctx context.Context, conn Connection) error {
	defer c.Forget(conn)
	d := c.broker.Disconnecter
	if d == nil {
		return fmt.Errorf("disconnect: %w by this token broker", errors.ErrUnsupported)
	}
	_, err := within(ctx, c, func(ctx context.Context) (struct{}, error) { return struct{}{}, d.Disconnect(ctx, conn) })
	return err
}

// Disconnects says whether the broker is a Disconnecter.
func (c *Cache) Disconnects() bool { return c.broker.Disconnecter != nil }

// Lists says whether the broker is a Lister.
func (c *Cache) Lists() bool { return c.broker.Lister != nil }

// Connections asks the broker. The error is errors.ErrUnsupported if it is no
// Lister.
func (c *Cache) Connections(ctx context.Context, s auth.Subject) ([]Listed, error) {
	l := c.broker.Lister
	if l == nil {
		return nil, fmt.Errorf("list the connections: %w by this token broker", errors.ErrUnsupported)
	}
	return within(ctx, c, func(ctx context.Context) ([]Listed, error) { return l.Connections(ctx, s) })
}

// within returns what ask returns, or ErrUnavailable when the deadline
// passes first, whether ask looks at its context or not. A panic in ask is an
// error, which does not show what was thrown.
func within[T any](parent context.Context, c *Cache, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(parent, c.cfg.Deadline)
	defer cancel()
	var answer, v T
	answered := guard.Go(func() (err error) {
		answer, err = ask(ctx)
		return err
	})
	var err error
	select {
	case err = <-answered:
		v = answer
		if at := guard.Stack(err); at != "" {
			c.cfg.Log.Error("token broker panicked", "err", err, "stack", at)
		}
	case <-ctx.Done():
		err = ctx.Err()
	}
	// The deadline is the broker's, and must not look like the caller's own.
	if err != nil && ctx.Err() != nil && parent.Err() == nil {
		err = fmt.Errorf("%w: no answer within %s", ErrUnavailable, c.cfg.Deadline)
	}
	return v, err
}
