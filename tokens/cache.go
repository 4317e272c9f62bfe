package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// CacheConfig has what can be set of a Cache. The zero value works.
type CacheConfig struct {
	Life     time.Duration // of a token whose end the broker does not name; 0 means 5 minutes
	MaxLife  time.Duration // of any token, so that a disconnect at the broker is noticed; 0 means 15 minutes
	Margin   time.Duration // a token is not handed out so shortly before its end; 0 means 1 minute
	Refusal  time.Duration // how long an error is remembered, so that a storm stays here; 0 means 3 seconds
	Rejected time.Duration // how long a token that Notion refused is remembered; 0 means 30 seconds
	Deadline time.Duration // for one answer of the broker; 0 means 5 seconds
	Cooldown time.Duration // how long a broken broker is left alone; 0 means 10 seconds
	Failures int           // in a row, from two connections at least, that make a broker broken; 0 means 5
	Max      int           // how many connections are remembered; 0 means 10,000
	Log      *slog.Logger  // nil for none

	// Trace is told of every question to the broker, and of its end; nil for
	// nobody.
	Trace func(context.Context) (context.Context, func(error))
}

func (c CacheConfig) withDefaults() CacheConfig {
	c.Life = cmp.Or(c.Life, 5*time.Minute)
	c.MaxLife = cmp.Or(c.MaxLife, 15*time.Minute)
	c.Margin = cmp.Or(c.Margin, time.Minute)
	c.Refusal = cmp.Or(c.Refusal, 3*time.Second)
	c.Rejected = cmp.Or(c.Rejected, 30*time.Second)
	c.Deadline = cmp.Or(c.Deadline, 5*time.Second)
	c.Cooldown = cmp.Or(c.Cooldown, 10*time.Second)
	c.Failures = cmp.Or(c.Failures, 5)
	c.Max = cmp.Or(c.Max, 10_000)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Trace == nil {
		c.Trace = func(ctx context.Context) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	return c
}

// Cache is a Broker in front of another one that is far away. It holds tokens in
// memory only, asks once for all who wait for the same, remembers refusals
// shortly, and shields its users from a broker that is slow or broken: they get
// an error soon, and nobody else notices. Cached tokens stay good all the while.
type Cache struct {
	broker Source
	cfg    CacheConfig

	mu      sync.Mutex
	entries *recent[asker, *entry]
	flights map[asker]*flight
	breaker breaker
}

var (
	_ Broker       = (*Cache)(nil)
	_ Disconnecter = (*Cache)(nil)
	_ Lister       = (*Cache)(nil)
)

// Cached returns a Cache in front of a broker. There is one Cache for each
// broker, because it judges the health of the whole.
func Cached(b Source, cfg CacheConfig) *Cache {
	cfg = cfg.withDefaults()
	return &Cache{
		broker:  b,
		cfg:     cfg,
		entries: newRecent[asker, *entry](cfg.Max),
		flights: map[asker]*flight{},
		breaker: breaker{limit: cfg.Failures, cooldown: cfg.Cooldown},
	}
}

// An asker is what tokens are remembered by. Members of an organization ask for
// a shared connection each on their own, so that the broker decides for each of
// them, and a refusal of one is not the next one's.
type asker struct {
	connection Connection
	member     auth.Subject // of a shared connection alone
}

func askerOf(ctx context.Context, c Connection) asker {
	k := asker{connection: c}
	if c.shared {
		if who, ok := CallerFor(ctx, c); ok {
			k.member = who.Subject
		}
	}
	return k
}

// An entry is the broker's last answer to an asker, and what Notion thought of
// an earlier one.
type entry struct {
	token Token
	err   error
	until time.Time // when the answer is too old

	rejected      Token
	rejectedUntil time.Time
}

// A flight is one question that is under way, and all who wait for its answer.
type flight struct {
	probe bool          // it decides whether a broken broker has recovered
	check bool          // what is remembered stays good unless the answer is a refusal
	done  chan struct{} // closed when token and err are set
	token Token
	err   error
}

// Token returns the remembered token, or asks the broker. If ctx ends first,
// the question goes on for the others who wait.
func (c *Cache) Token(ctx context.Context, conn Connection) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, fmt.Errorf("get the token of %s: %w", conn.Key(), err)
	}
	k := askerOf(ctx, conn)
	f := c.board(ctx, k)
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, fmt.Errorf("wait for the token of %s: %w", conn.Key(), ctx.Err())
	}
}

// board returns the flight that brings the asker's answer: one that has landed
// where the answer is remembered, the one under way, or a new one.
func (c *Cache) board(ctx context.Context, k asker) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	e, _ := c.entries.get(k)
	if e != nil && now.Before(e.until) {
		return landed(e.token, e.err)
	}
	return c.start(ctx, k, now, false)
}

// start returns the flight that is under way, or a new one.
func (c *Cache) start(ctx context.Context, k asker, now time.Time, check bool) *flight {
	if f := c.flights[k]; f != nil {
		return f
	}
	ok, probe := c.breaker.allow(now)
	if !ok {
		return landed(Token{}, fmt.Errorf("%w: it failed often, and is left alone for a moment", ErrUnavailable))
	}
	f := &flight{probe: probe, check: check, done: make(chan struct{})}
	c.flights[k] = f
	e, _ := c.entries.get(k)
	again := e != nil && now.Before(e.rejectedUntil)
	guard.Go(func() error {
		c.fly(context.WithoutCancel(ctx), k, f, again)
		return nil
	})
	return f
}

func landed(t Token, err error) *flight {
	f := &flight{done: make(chan struct{}), token: t, err: err}
	close(f.done)
	return f
}

// fly asks the broker within the deadline, even a broker that does not look at
// its context.
func (c *Cache) fly(ctx context.Context, k asker, f *flight, again bool) {
	ask := c.broker.Token
	if r := c.broker.Refresher; r != nil && again {
		ask = r.Refresh
	}
	var t Token
	err := guard.Call(func() (err error) {
		ctx, end := c.cfg.Trace(ctx)
		t, err = within(ctx, c, func(ctx context.Context) (Token, error) { return ask(ctx, k.connection) })
		end(err)
		return err
	})
	c.land(k, f, t, err)
}

// land gives the answer to all who wait, and remembers it unless the flight was
// forgotten meanwhile.
func (c *Cache) land(k asker, f *flight, t Token, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if change := c.breaker.record(now, k.connection, f.probe, err); change != "" {
		c.cfg.Log.Warn("token broker", "state", change, "connection", k.connection.Key())
	}
	f.token, f.err = t, err
	if c.flights[k] == f {
		delete(c.flights, k)
		if held := c.held(k, now); held == nil || !f.check || err == nil || refused(err) {
			f.token, f.err = c.remember(now, k, t, err)
		} else {
			f.token, f.err = held.token, nil
		}
	}
	close(f.done)
}

// held is what is remembered of an asker, if that is a token that is good.
func (c *Cache) held(k asker, now time.Time) *entry {
	if e, _ := c.entries.get(k); e != nil && e.err == nil && now.Before(e.until) {
		return e
	}
	return nil
}

// refused says whether an error is the broker's word that there is no grant.
func refused(err error) bool {
	return errors.Is(err, ErrNotConnected) || errors.Is(err, ErrNeedsReauthorization)
}

// remember stores an answer and returns what to make of it.
func (c *Cache) remember(now time.Time, k asker, t Token, err error) (Token, error) {
	e := c.entry(k)
	life := c.cfg.Refusal
	if err == nil {
		life, err = c.judge(now, e, t)
	}
	if err != nil {
		t = Token{}
	}
	e.token, e.err, e.until = t, err, now.Add(life)
	return t, err
}

// entry returns what is remembered of an asker, an empty entry if need be.
func (c *Cache) entry(k asker) *entry {
	e, ok := c.entries.get(k)
	if !ok {
		e = &entry{}
		c.entries.add(k, e)
	}
	return e
}

// judge says how long a token may be used without asking again, or why it may
// not be used at all.
func (c *Cache) judge(now time.Time, e *entry, t Token) (time.Duration, error) {
	end := t.Expires()
	switch {
	case t.Reveal() == "":
		return c.cfg.Refusal, errors.New("the token broker handed out an empty token")
	case now.Before(e.rejectedUntil) && t.Reveal() == e.rejected.Reveal():
		e.rejectedUntil = now.Add(c.cfg.Rejected)
		return c.cfg.Rejected, fmt.Errorf("the broker has no other token than the one that Notion refused: %w", ErrNeedsReauthorization)
	case end.IsZero():
		return min(c.cfg.Life, c.cfg.MaxLife), nil
	case !now.Before(end):
		return c.cfg.Refusal, errors.New("the token broker handed out a token that has ended")
	}
	left := end.Sub(now)
	return min(max(left-c.cfg.Margin, min(left, c.cfg.Refusal)), c.cfg.MaxLife), nil
}

// Invalidate says that Notion answered 401 to a token of the connection. The
// next question goes to the broker. If it answers with the same token, the
// connection needs reauthorization; this is remembered for a while, and then
// the broker is asked again. Invalidate does nothing if the token has been
// replaced already.
func (c *Cache) Invalidate(ctx context.Context, conn Connection, t Token) {
	if t.Reveal() == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	e := c.entry(askerOf(ctx, conn))
	held := e.err == nil && now.Before(e.until)
	if held && e.token.Reveal() != t.Reveal() {
		return
	}
	if now.Before(e.rejectedUntil) && e.rejected.Reveal() == t.Reveal() {
		return
	}
	e.rejected, e.rejectedUntil = t, now.Add(c.cfg.Rejected)
	if held {
		e.token, e.until = Token{}, time.Time{}
	}
}

// Forget drops all that is remembered of a connection, good or bad: for when the
// user has just connected again, or has disconnected.
func (c *Cache) Forget(conn Connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !conn.shared {
		k := asker{connection: conn}
		c.entries.remove(k)
		delete(c.flights, k)
		return
	}
	for k := range c.entries.all() {
		if k.connection == conn {
			c.entries.remove(k)
		}
	}
	for k := range c.flights {
		if k.connection == conn {
			delete(c.flights, k)
		}
	}
}
