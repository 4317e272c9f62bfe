package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools"
)

// PoolConfig says how the connections of many users are kept in one process.
type PoolConfig struct {
	Data      string            // folder of the indexes, one subfolder per connection
	NotionURL string            // "" means Notion itself
	Broker    tokens.Keeper     // where tokens come from; see tokens.Cached
	Pacer     *notion.Pacer     // shared by all connections
	Transport http.RoundTripper // of requests to Notion; nil means http.DefaultTransport
	Poll      time.Duration     // between polls of a connection that was asked lately; 0 means one minute
	Confirm   time.Duration     // how long a page counts as readable after Notion last showed it; 0 means ten minutes
	Idle      time.Duration     // until a connection that nobody asks is closed; 0 means 15 minutes
	Forget    time.Duration     // until the index of a connection that nobody asks is deleted; 0 means 30 days, below 0 never
	Passes    int               // mirror passes at once; 0 means 16
	Slice     time.Duration     // longest turn of one pass; 0 means two minutes
	ReadOnly  bool              // nothing that is kept is written
	Audit     *audit.Log        // told of every write; nil means none
	Version   string
	Telemetry *telemetry.Telemetry // nil records nothing
	Log       *slog.Logger         // nil means no log; names connections by their opaque keys alone

	Embeddings Embeddings // finds passages by meaning too; zero is off
}

// Pool serves the connections of many users from one process. Each has its own
// index, engine and token; what they share holds no content: the pacers and
// the turns of the mirror.
type Pool struct {
	cfg   PoolConfig
	store *index.Store

	notices chan notice // of the broker

	mu      sync.Mutex
	tenants map[string]*tenant // by connection key
	stop    context.CancelFunc
	running background
}

// tenant is a connection that was asked lately.
type tenant struct {
	conn tokens.Connection

	opening sync.Mutex // held while the engine is opened or purged
	mu      sync.Mutex
	engine  *engine       // nil while closed
	users   int           // calls and passes under way
	asked   time.Time     // by a user
	dated   time.Time     // what the file of the last use says; see Pool.date
	caller  tokens.Caller // who asked last; the mirror works on their behalf
	next    time.Time     // pass due
	left    bool          // at the last pass the connection did not stand
	passing bool
	hints   hints // what is said to have changed
}

// OpenPool opens the data folder and begins to mirror for those who ask.
func OpenPool(cfg PoolConfig) (*Pool, error) {
	cfg.defaults()
	store, err := index.OpenStore(cfg.Data, index.Config{Log: cfg.Log, IdleClose: cfg.Idle})
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	p := &Pool{cfg: cfg, store: store, tenants: map[string]*tenant{}, notices: make(chan notice, maxNotices)}
	ctx, stop := context.WithCancel(context.Background()) // ends with Close
	p.stop = stop
	p.resume()
	cfg.Telemetry.Watch(p.gauges)
	p.running.start(cfg.Log, "schedule", func() { p.schedule(ctx) })
	for range lookers {
		p.running.start(cfg.Log, "notices", func() { p.heed(ctx) })
	}
	return p, nil
}

func (c *PoolConfig) defaults() {
	setDefault(&c.Poll, time.Minute)
	setDefault(&c.Idle, 15*time.Minute)
	setDefault(&c.Forget, 30*24*time.Hour)
	setDefault(&c.Slice, 2*time.Minute)
	if c.Passes <= 0 {
		c.Passes = 16
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Pacer == nil {
		c.Pacer = notion.NewPacer(notion.PacerConfig{})
	}
	if c.Embeddings.Pacer == nil {
		c.Embeddings.Pacer = embed.NewPacer(embed.PacerConfig{})
	}
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// Call calls a tool on behalf of a connection. The error is
// tokens.ErrNotConnected or tokens.ErrNeedsReauthorization where the user has
// to act, and then whatever was indexed for the connection is gone.
func (p *Pool) Call(ctx context.Context, conn tokens.Connection, tool string, args json.RawMessage) (tools.Answer, error) {
	ctx, end := p.cfg.Telemetry.Tool(ctx, toolName(tool), conn.Key())
	a, err := p.call(ctx, conn, tool, args)
	how := outcome(a, err)
	end(how)
	requestOf(ctx).worked(tool, conn.Key(), how)
	return a, err
}

func (p *Pool) call(ctx context.Context, conn tokens.Connection, tool string, args json.RawMessage) (tools.Answer, error) {
	if err := p.granted(ctx, conn); err != nil {
		return tools.Answer{}, err
	}
	t := p.tenant(conn, time.Now())
	t.setLeft(false)
	if who, ok := tokens.CallerFor(ctx, conn); ok {
		t.actFor(who)
	}
	var a tools.Answer
	err := p.with(ctx, t, func(e *engine) error {
		if _, err := e.clients.get(ctx); err != nil {
			return err
		}
		var err error
		tools.Watch(ctx, progressOf(e))
		a, err = e.Call(ctx, tool, args)
		t.planWrite()
		if err != nil || !a.IsError {
			return err
		}
		return e.gone(ctx) // the tool has put a failure into words
	})
	return a, err
}

// granted asks the broker before anything is made or opened for a connection,
// so that those who have none cost nothing.
func (p *Pool) granted(ctx context.Context, conn tokens.Connection) error {
	_, err := p.cfg.Broker.Token(ctx, conn)
	if !disconnected(err) {
		return err
	}
	p.mu.Lock()
	t := p.tenants[conn.Key()]
	p.mu.Unlock()
	if t == nil {
		if _, serr := os.Stat(p.store.Dir(conn)); errors.Is(serr, fs.ErrNotExist) {
			return err
		}
		t = p.tenant(conn, time.Time{}) // of an earlier process; others may come to it meanwhile
	}
	t.leave()
	if perr := p.purge(ctx, t, nil); perr != nil {
		return errors.Join(err, perr)
	}
	return err
}

// actFor lets the mirror work for who has just asked, unless they have come by a
// page and without a bearer token, and who asked before has one that is good.
func (t *tenant) actFor(who tokens.Caller) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if end := t.caller.Bearer.Expires(); who.Bearer.Reveal() == "" && t.caller.Bearer.Reveal() != "" && (end.IsZero() || time.Now().Before(end)) {
		return
	}
	t.caller = who
}

// lastCaller is for whom the mirror works: without their bearer token once it
// has ended, which would look as if they were not connected any more.
func (t *tenant) lastCaller(now time.Time) tokens.Caller {
	t.mu.Lock()
	defer t.mu.Unlock()
	if end := t.caller.Bearer.Expires(); !end.IsZero() && !now.Before(end) {
		t.caller.Bearer = tokens.Token{}
	}
	return t.caller
}

// Status tells how far the mirror of a connection is.
func (p *Pool) Status(ctx context.Context, conn tokens.Connection) (Status, error) {
	t := p.tenant(conn, time.Now())
	var st Status
	err := p.with(ctx, t, func(e *engine) (err error) {
		st, err = e.Status(ctx)
		return err
	})
	return st, err
}

// Purge deletes whatever is indexed for a connection. It is not mirrored again
// before somebody asks.
func (p *Pool) Purge(ctx context.Context, conn tokens.Connection) error {
	t := p.tenant(conn, time.Time{})
	t.leave()
	return p.purge(ctx, t, nil)
}

// leave makes a tenant one that nobody asks for.
func (t *tenant) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = time.Time{}
}

// wanted says whether anybody has asked since the last purge.
func (t *tenant) wanted() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.asked.IsZero()
}

// tenant finds or makes a tenant, and notes that its user asked.
func (p *Pool) tenant(conn tokens.Connection, asked time.Time) *tenant {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tenants[conn.Key()]
	if t == nil {
		t = &tenant{conn: conn}
		if p.tenants != nil { // else the pool is closed, and so is its store
			p.tenants[conn.Key()] = t
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if asked.After(t.asked) {
		t.asked = asked
	}
	return t
}

// purges is how many purges one after the other a call outlives, its own or those
// of other calls.
const purges = 5

// with runs do with the engine of a tenant. When the user has disconnected, or
// has connected another workspace, what was indexed is purged; in the second
// case do is run again on an empty index.
func (p *Pool) with(ctx context.Context, t *tenant, do func(*engine) error) (err error) {
	for range purges {
		err = p.once(ctx, t, do)
		if !errors.Is(err, errSwitched) && !errors.Is(err, index.ErrClosed) {
			return err
		}
	}
	return err
}

// once is with, without the second time.
func (p *Pool) once(ctx context.Context, t *tenant, do func(*engine) error) error {
	e, err := p.acquire(ctx, t)
	if err != nil {
		return err
	}
	err = guard.Call(func() error { return do(e) })
	if errors.Is(err, notion.ErrUnauthorized) {
		err = cmp.Or(e.gone(ctx), err)
	}
	p.release(t)
	if errors.Is(err, index.ErrClosed) {
		p.discard(t, e)
	}
	if errors.Is(err, errSwitched) || disconnected(err) {
		if perr := p.purge(ctx, t, e); perr != nil {
			return errors.Join(err, perr)
		}
	}
	return err
}

// discard drops an engine whose index was closed under it, so that the next use
// opens a new one.
func (p *Pool) discard(t *tenant, e *engine) {
	t.opening.Lock()
	defer t.opening.Unlock()
	t.mu.Lock()
	current := t.engine == e
	if current {
		t.engine = nil
	}
	t.mu.Unlock()
	if current {
		_ = e.close() // its index is closed
	}
}

// gone says whether the connection is at its end, after a failure. If Notion
// refused the token, the broker has learned of it meanwhile.
func (e *engine) gone(ctx context.Context) error {
	if _, err := e.clients.get(ctx); disconnected(err) {
		return err
	}
	return nil
}

func disconnected(err error) bool {
	return errors.Is(err, tokens.ErrNotConnected) || errors.Is(err, tokens.ErrNeedsReauthorization)
}

// acquire opens the engine of a tenant if need be. Opening one makes nobody
// wait but its own users.
func (p *Pool) acquire(ctx context.Context, t *tenant) (*engine, error) {
	t.opening.Lock()
	defer t.opening.Unlock()
	if e := t.use(nil); e != nil {
		return e, nil
	}
	e, err := newEngine(ctx, p.engineConfig(t.conn), p.store)
	if err != nil {
		return nil, err
	}
	p.date(t)
	return t.use(e), nil
}

// use counts one more user of the engine, after setting it if one is given.
func (t *tenant) use(opened *engine) *engine {
	t.mu.Lock()
	defer t.mu.Unlock()
	if opened != nil {
		t.engine, t.next, t.hints = opened, time.Time{}, hints{} // what changed meanwhile, a poll finds
	}
	if t.engine != nil {
		t.users++
	}
	return t.engine
}

func (p *Pool) engineConfig(conn tokens.Connection) Config {
	return Config{
		Data: p.cfg.Data, NotionURL: p.cfg.NotionURL, Broker: p.cfg.Broker, Connection: conn, Shared: true,
		Embeddings: p.cfg.Embeddings, Mirror: MirrorNever, ReadOnly: p.cfg.ReadOnly, Audit: p.cfg.Audit, Confirm: p.cfg.Confirm, Pacer: p.cfg.Pacer, Transport: p.cfg.Transport, Version: p.cfg.Version,
		Telemetry: p.cfg.Telemetry, Log: p.cfg.Log.With("connection", conn.Key()),
	}
}

func (p *Pool) release(t *tenant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.users--
}

// purge closes the engine of a tenant, whoever uses it, and deletes its index.
// Calls that are under way get index.ErrClosed. If an engine is given and is
// not the tenant's any more, somebody has purged it already.
func (p *Pool) purge(ctx context.Context, t *tenant, seen *engine) error {
	t.opening.Lock()
	defer t.opening.Unlock()
	t.mu.Lock()
	e := t.engine
	if seen != nil && seen != e {
		t.mu.Unlock()
		return nil
	}
	t.engine, t.next, t.hints = nil, time.Time{}, hints{}
	t.mu.Unlock()
	if e != nil {
		if err := e.close(); err != nil {
			p.cfg.Log.Warn("close a purged index", "connection", t.conn.Key(), "err", err)
		}
	}
	if err := p.store.Delete(ctx, t.conn); err != nil {
		return fmt.Errorf("delete the index of a connection that is gone: %w", err)
	}
	_ = os.Remove(p.usedFile(t.conn.Key())) // only a date
	return nil
}

// Close ends the mirrors and closes all indexes. Calls must have ended.
func (p *Pool) Close() error {
	p.stop()
	p.running.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, t := range p.tenants {
		t.mu.Lock()
		if t.engine != nil {
			err = errors.Join(err, t.engine.close())
			t.engine = nil
		}
		t.mu.Unlock()
		p.date(t)
	}
	p.tenants = nil
	return errors.Join(err, p.store.Close())
}

// Open says whether the pool takes calls.
func (p *Pool) Open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tenants != nil
}
