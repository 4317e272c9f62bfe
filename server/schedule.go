package server

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	tick = 200 * time.Millisecond // between looks for due passes

	// remember is how long a connection is kept in step after it was asked.
	remember = 24 * time.Hour

	sweep = time.Minute // between looks for idle connections, at most
)

// schedule gives the mirrors of all tenants their turns, and closes and
// forgets those that nobody asks.
func (p *Pool) schedule(ctx context.Context) {
	turns := make(chan struct{}, p.cfg.Passes)
	look, clean := time.NewTicker(tick), time.NewTicker(p.sweep())
	defer look.Stop()
	defer clean.Stop()
	apart(p.cfg.Log, "forget", func() { p.forget(ctx, time.Now()) })
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-clean.C:
			apart(p.cfg.Log, "clean", func() {
				p.closeIdle(now)
				p.forget(ctx, now)
			})
		case now := <-look.C:
			apart(p.cfg.Log, "look", func() { p.begin(ctx, now, turns) })
		}
	}
}

// begin starts a pass for everybody who is due and gets a turn.
func (p *Pool) begin(ctx context.Context, now time.Time, turns chan struct{}) {
	for _, t := range p.due(now) {
		select {
		case turns <- struct{}{}:
		default: // all turns are taken; who is due stays due
			t.waitOn()
			continue
		}
		p.running.start(p.cfg.Log, "pass", func() {
			defer func() { <-turns }()
			p.passFor(ctx, t)
		})
	}
}

// sweep is the time between looks for connections to close or to forget.
func (p *Pool) sweep() time.Duration {
	return max(min(sweep, p.cfg.Idle, p.remember()), time.Millisecond)
}

// remember is how long a connection that is not asked any more is kept in step.
func (p *Pool) remember() time.Duration {
	if p.cfg.Forget > 0 {
		return min(remember, p.cfg.Forget)
	}
	return remember
}

// ahead is how far those who were asked lately go before those who were not.
// Whoever is overdue for longer goes before everybody, so that nobody waits for
// ever while others come and ask.
const ahead = 5 * time.Minute

// due returns the tenants whose pass is due, in the order of their turns, and
// marks them as passing.
func (p *Pool) due(now time.Time) []*tenant {
	type candidate struct {
		t    *tenant
		rank time.Time
	}
	var all []candidate
	p.mu.Lock()
	for _, t := range p.tenants {
		t.mu.Lock()
		if !t.passing && !t.asked.IsZero() && now.Sub(t.asked) < p.remember() && (!now.Before(t.next) || t.hinted(now)) {
			t.passing = true
			all = append(all, candidate{t, t.rank(now)})
		}
		t.mu.Unlock()
	}
	p.mu.Unlock()
	slices.SortFunc(all, func(a, b candidate) int { return a.rank.Compare(b.rank) })
	tenants := make([]*tenant, len(all))
	for i, c := range all {
		tenants[i] = c.t
	}
	return tenants
}

// rank is when a tenant's pass was due, later by how long nobody has asked. Its
// lock is held.
func (t *tenant) rank(now time.Time) time.Time {
	since := t.next
	if since.IsZero() { // it never had a turn
		since = t.asked
	}
	return since.Add(min(now.Sub(t.asked), ahead))
}

// waitOn takes back that a tenant is passing.
func (t *tenant) waitOn() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passing = false
}

// endPass plans the next turn, earlier if something that is kept is due and can
// be written.
func (t *tenant) endPass(next time.Time, stuck bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passing, t.next = false, next
	if !stuck {
		t.writeSoon()
	}
}

// passFor gives one tenant its turn: a pass that takes longer goes on in a
// later turn, from where it was.
func (p *Pool) passFor(ctx context.Context, t *tenant) {
	slice, cancel := context.WithTimeout(tokens.WithCaller(ctx, t.lastCaller(time.Now())), p.cfg.Slice)
	defer cancel()
	hints, poll := t.takeHints(time.Now())
	ready, stuck := false, poll
	slice, end := p.cfg.Telemetry.Pass(slice, t.conn.Key())
	err := guard.Call(func() error { return p.stillGranted(slice, t, poll) })
	if err == nil {
		err = p.once(slice, t, func(e *engine) error {
			if !t.wanted() {
				return tokens.ErrNotConnected // purged meanwhile, and this is a new index, which goes too
			}
			err := e.look(slice, hints)
			if err == nil && poll {
				stuck, err = e.pass(slice)
			}
			ready = e.syncer.Coverage().Ready()
			return err
		})
	}
	end(err)
	now := time.Now()
	t.mu.Lock()
	asked, next := t.asked, t.next
	t.mu.Unlock()
	wait := p.interval(now.Sub(asked))
	switch {
	case ctx.Err() != nil:
	case asked.IsZero():
		defer t.setLeft(true) // purged under this pass
	case err == nil:
	case errors.Is(err, errSwitched), errors.Is(err, index.ErrClosed):
		wait = 0 // it begins anew
	case errors.Is(err, context.DeadlineExceeded) && !ready:
		wait = time.Second // its turn was too short; others first
	case disconnected(err), errors.Is(err, notion.ErrUnauthorized):
		wait = p.interval(remember) // until its user asks again, and is connected
		defer t.setLeft(true)
		p.cfg.Log.Info("connection is gone", "connection", t.conn.Key())
	default:
		p.cfg.Log.Warn("mirror pass stopped", "connection", t.conn.Key(), "err", err)
		wait *= 2
	}
	if poll || err != nil {
		next = now.Add(wait)
	}
	t.endPass(next, stuck)
}

// pass polls, or goes on with the first mirror, after what is kept has been
// written. That is stuck if it cannot be.
func (e *engine) pass(ctx context.Context) (stuck bool, err error) {
	if err := e.set.DeliverDue(ctx); err != nil {
		stuck = true
		if ctx.Err() == nil {
			e.cfg.Log.Error("cannot write what is kept", "err", err)
		}
	}
	pass := e.syncer.Sync
	if e.syncer.Coverage().Ready() {
		pass = e.syncer.Poll
	}
	if _, err = pass(ctx); err == nil && e.cfg.Shared {
		err = e.clients.remember(ctx)
	}
	return stuck, err
}

// stillGranted asks the broker, before an index is opened for a poll, whether a
// connection stands, though a token of it may be remembered. If not, what was
// indexed is purged.
func (p *Pool) stillGranted(ctx context.Context, t *tenant, poll bool) error {
	if !t.wanted() {
		return tokens.ErrNotConnected // purged meanwhile
	}
	if !poll {
		return nil
	}
	t.mu.Lock()
	seen := t.engine
	t.mu.Unlock()
	err := p.cfg.Broker.Check(ctx, t.conn)
	switch {
	case !disconnected(err):
		return err
	case seen != nil: // and not one that was opened after they connected again
		return errors.Join(err, p.purge(ctx, t, seen))
	}
	if _, serr := os.Stat(p.store.Dir(t.conn)); errors.Is(serr, fs.ErrNotExist) {
		return err
	}
	return nil // what is there is opened, and purged by the pass, which is refused too
}

// setLeft notes that a connection does not stand, or that it does. Its next pass
// does not wait once it stands again.
func (t *tenant) setLeft(left bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left && !left {
		t.next = time.Time{}
	}
	t.left = left
}

// interval is the time between polls of a connection that was last asked so
// long ago.
func (p *Pool) interval(since time.Duration) time.Duration {
	switch {
	case since < 15*time.Minute:
		return p.cfg.Poll
	case since < 2*time.Hour:
		return 5 * p.cfg.Poll
	}
	return 30 * p.cfg.Poll
}

// closeIdle closes the engines that nobody uses, and drops tenants that were
// not asked for long.
func (p *Pool) closeIdle(now time.Time) {
	p.mu.Lock()
	tenants := maps.Clone(p.tenants)
	p.mu.Unlock()
	for key, t := range tenants {
		if !t.opening.TryLock() {
			continue // in use
		}
		if e := t.idle(now, p.cfg.Idle); e != nil {
			if err := e.close(); err != nil {
				p.cfg.Log.Warn("close an idle index", "connection", key, "err", err)
			}
		}
		p.date(t)
		t.opening.Unlock()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.tenants, func(_ string, t *tenant) bool { return t.forgotten(now, p.remember()) })
}

// idle takes the engine away from a tenant that has not been asked for long.
func (t *tenant) idle(now time.Time, after time.Duration) *engine {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users > 0 || t.passing || now.Sub(t.asked) <= after {
		return nil
	}
	e := t.engine
	t.engine = nil
	return e
}

func (t *tenant) forgotten(now time.Time, after time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.users == 0 && !t.passing && t.engine == nil && now.Sub(t.asked) > after
}
