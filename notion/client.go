package notion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// Config changes how a Client works. The zero value is right for
// api.notion.com.
type Config struct {
	BaseURL     string        // https://api.notion.com if empty; /v1 at its end is optional
	HTTP        *http.Client  // one with timeouts if nil
	Pacer       *Pacer        // share one between all clients; no budget if nil
	Workspace   string        // the workspace's id, for the budget per workspace
	MaxResponse int64         // largest answer in bytes; 16 MiB if 0
	MaxRetries  int           // how often a read is repeated after a fault; 5 if 0, never if negative
	MaxWait     time.Duration // longest wait that Notion may ask for where ctx has no deadline; 5 min if 0
	Timeout     time.Duration // of one attempt; 65 s if 0, as Notion itself gives up after 60 s
	Log         *slog.Logger  // attempts that failed and are repeated; none if nil
}

// Client calls the Notion API with one token. It is safe for concurrent use,
// and printing it does not show the token.
type Client struct {
	cfg    Config
	secret func() string // a func, so that no way of printing shows it
	lane   lane
	sent   *atomic.Int64
	sizes  *sizes
	behind *atomic.Int64 // how far Notion's clock is behind ours, in nanoseconds
	agent  string
}

// New makes a client for a token.
func New(secret string, cfg Config) *Client {
	cfg.BaseURL = baseURL(cfg.BaseURL)
	cfg.HTTP = httpClient(cfg.HTTP)
	if cfg.Pacer == nil {
		cfg.Pacer = NewPacer(PacerConfig{PerToken: -1})
	}
	if cfg.MaxResponse <= 0 {
		cfg.MaxResponse = 16 << 20
	}
	if cfg.MaxRetries == 0 {
		cfg.MaxRetries = 5
	}
	if cfg.MaxWait <= 0 {
		cfg.MaxWait = 5 * time.Minute
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 65 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{
		cfg:    cfg,
		secret: func() string { return secret },
		lane:   lane{token: tokenKey(secret), workspace: cfg.Workspace},
		sent:   new(atomic.Int64),
		sizes:  &sizes{of: map[string]*size{}},
		behind: new(atomic.Int64),
		agent:  userAgent(),
	}
}

func baseURL(s string) string {
	if s = strings.TrimRight(strings.TrimSpace(s), "/"); s == "" {
		return "https://api.notion.com/v1"
	}
	return strings.TrimRight(strings.TrimSuffix(s, "/v1"), "/") + "/v1"
}

// httpClient never follows a redirect: the API has none, and the token must
// not travel to another host.
func httpClient(given *http.Client) *http.Client {
	if given == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 16
		given = &http.Client{Transport: transport}
	}
	own := *given
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

func userAgent() string {
	version := "dev"
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		version = info.Main.Version
	}
	return "mcp-notion/" + version
}

// Background is a copy of the client whose requests let those of people go
// first.
func (c *Client) Background() *Client {
	out := *c
	out.lane.background = true
	return &out
}

// Spare is a copy of the client whose requests wait for no turn: what the
// budget has no room for at once fails with ErrNoTurn. While background requests
// go on, all spare ones together take at most share of a hundred, so that they
// slow a mirror by no more than that.
func (c *Client) Spare(share int) *Client {
	out := *c
	out.lane.share = share
	return &out
}

// Takes is how long so many requests take within the budget of the token, if
// nothing else uses it; 0 without a budget.
func (c *Client) Takes(n int) time.Duration { return c.cfg.Pacer.takes(n) }

// Free says whether the budget has room for a request of this client right now.
func (c *Client) Free() bool { return c.cfg.Pacer.free(c.lane) }

// WithWorkspace is a copy of the client that also keeps to the budget of a
// workspace.
func (c *Client) WithWorkspace(id string) *Client {
	out := *c
	out.lane.workspace = id
	return &out
}

// Requests counts the requests that were sent by this client and its copies.
func (c *Client) Requests() int64 { return c.sent.Load() }

// Format prints where the client points, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "notion.Client(%s)", c.cfg.BaseURL)
}

// call is one call of the API.
type call struct {
	op     string // for errors
	method string
	path   []string // after /v1
	query  url.Values
	body   any    // JSON; nil for none
	write  bool   // changes something, so that it is never repeated after an unclear end
	cursor string // that a list was asked for with
	out    any    // where the answer goes; nil to drop it
}

// do is the way of all requests: paced, repeated where that is safe, for fewer
// items at once where Notion cannot hand out so many, and typed in its errors.
func (c *Client) do(ctx context.Context, k call) error {
	list := k.asked() > 0
	if list {
		k = k.asking(min(k.asked(), c.sizes.most(k.path[0])))
	}
	for try := 0; ; try++ {
		body, err := k.encode()
		if err != nil {
			return err
		}
		failed := c.attempt(ctx, k, body)
		if failed == nil {
			if list {
				c.sizes.answered(k.path[0])
			}
			return nil
		}
		if list && failed.heavy && c.cfg.MaxRetries > 0 {
			if n, fewer := c.sizes.tooMany(k.path[0], k.asked()); fewer {
				k, try = k.asking(n), 0 // another request, with tries of its own
				failed.again = true
			}
		}
		wait, again := c.wait(ctx, k, failed, try)
		if failed.busy() { // also if this call gives up: the others shall not run into it
			c.cfg.Pacer.pause(c.lane.hitBy(failed.Reason), time.Now().Add(wait), failed.Reason)
		}
		if !again {
			return failed
		}
		c.cfg.Log.InfoContext(ctx, "notion: request is repeated", "op", k.op, "status", failed.Status, "wait", wait, "try", try+1)
		if failed.busy() {
			continue // the pacer makes it wait
		}
		if sleep(ctx, wait) != nil {
			return failed
		}
	}
}

func (k call) encode() ([]byte, error) {
	for _, part := range k.path {
		if part == "" || part == "." || part == ".." {
			return nil, invalid(k.op, "the id is empty or not an id")
		}
	}
	if k.body == nil {
		return nil, nil
	}
	body, err := json.Marshal(k.body)
	if err != nil {
		return nil, &Error{Op: k.op, kinds: []error{ErrValidation}, cause: err}
	}
	return body, nil
}

// attempt waits for its turn and sends one request.
func (c *Client) attempt(ctx context.Context, k call, body []byte) *Error {
	done, err := c.cfg.Pacer.acquire(ctx, c.lane, c.cfg.MaxWait)
	if err != nil {
		return c.interrupted(k, err)
	}
	limited, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := c.request(limited, k, body)
	if err != nil {
		done(false)
		return &Error{Op: k.op, kinds: []error{ErrUnreachable}, cause: err}
	}
	c.sent.Add(1)
	resp, err := c.cfg.HTTP.Do(req)
	done(true)
	if err != nil {
		return c.unreachable(ctx, k, err)
	}
	defer resp.Body.Close()
	c.hearTime(resp.Header.Get("Date"))
	data, err := io.ReadAll(io.LimitReader(resp.Body, c.cfg.MaxResponse+1))
	if resp.StatusCode > 299 {
		return k.refused(resp, c.scrub(data)) // with as much of its body as there is
	}
	if int64(len(data)) > c.cfg.MaxResponse {
		return tooLong(k, resp, c.cfg.MaxResponse)
	}
	if err != nil {
		failed := c.unreachable(ctx, k, fmt.Errorf("the answer was cut off after %d bytes: %w", len(data), err))
		failed.kinds = append(failed.kinds, ErrMalformed)
		return failed
	}
	if err := k.decode(data); err != nil {
		return k.unreadable(resp, c.scrub(data), err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, k call, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	address := c.cfg.BaseURL
	for _, part := range k.path {
		address += "/" + url.PathEscape(part)
	}
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, reader)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.secret())
	req.Header.Set("Notion-Version", Version)
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// scrub takes the token out of what an error may quote: a proxy may echo it.
func (c *Client) scrub(data []byte) []byte {
	if c.secret() == "" {
		return data
	}
	return bytes.ReplaceAll(data, []byte(c.secret()), []byte("[token]"))
}

// unreachable is a request that ended without a whole answer. A write that may
// have arrived is unclear.
func (c *Client) unreachable(ctx context.Context, k call, cause error) *Error {
	e := &Error{Op: k.op, cause: withoutURL(cause), again: ctx.Err() == nil}
	e.heavy = e.again && errors.Is(cause, context.DeadlineExceeded)
	if !errors.Is(ctx.Err(), context.Canceled) {
		e.kinds = []error{ErrUnreachable}
	}
	if k.write && !neverSent(cause) {
		e.kinds = append(e.kinds, ErrUnclear)
	}
	return e
}

// interrupted is a call that ended while it waited for its turn, with nothing
// sent.
func (c *Client) interrupted(k call, err error) *Error {
	e := &Error{Op: k.op, cause: err}
	var p *pace.PausedError
	if errors.As(err, &p) {
		e.kinds, e.RetryAfter, e.Reason, e.cause = []error{ErrRateLimited}, p.Wait, p.Reason, nil
		e.Message = "Notion asked to wait longer than this call may"
	} else if errors.Is(err, pace.ErrNoRoom) {
		e.kinds, e.cause = []error{ErrRateLimited, ErrNoTurn}, nil
	} else if errors.Is(err, context.DeadlineExceeded) {
		e.kinds, e.Message = []error{ErrRateLimited}, "its turn did not come in time"
	}
	return e
}
