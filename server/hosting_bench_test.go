package server_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// hosting is what a process is to serve.
type hosting struct {
	Notion           string
	Subjects, Filled int // of the Subjects, those who see all pages; the others see none
	Idle             time.Duration
	PerToken         int           // requests to Notion a minute; below 0 unlimited
	Confirm          time.Duration // after which a page has to be asked about; 0 means an hour
}

// host is a process that serves many users, as their clients know it.
type host struct {
	*child
	hosting
	Base    string
	Bearers []string
	notion  *budgeted
	once    sync.Once
}

const (
	otherHost = "SERVER_TEST_HOST" // the hosting of a process, in JSON
	seesAll   = "ntn_all"
	seesNone  = "ntn_none"
)

func startHost(b *testing.B, how hosting) *host {
	b.Helper()
	ws, err := load.FS(realPages(b))
	if err != nil {
		b.Fatal(err)
	}
	api := &budgeted{limited: how.PerToken >= 0, to: emulator.New(ws, emulator.Config{Tokens: []emulator.Token{{Secret: seesAll}, {Secret: seesNone, Roots: []string{}}}}), sent: map[string][]time.Time{}}
	srv := httptest.NewServer(api)
	b.Cleanup(srv.Close)
	how.Notion = srv.URL
	config, err := json.Marshal(how)
	if err != nil {
		b.Fatal(err)
	}
	h := &host{hosting: how, notion: api, child: &child{b: b, cmd: exec.Command(os.Args[0])}}
	h.cmd.Env = append(os.Environ(), otherFolder+"="+b.TempDir(), otherHost+"="+string(config))
	h.cmd.Stderr = os.Stderr
	in, err := h.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	h.in, h.out = in, bufio.NewReader(out)
	if err := h.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if err := json.NewDecoder(h.out).Decode(h); err != nil {
		b.Fatal(err)
	}
	return h
}

// ask has clients make so many searches, and returns how long each took and how
// many failed. what says who asks, and the arguments.
func (h *host) ask(clients, searches int, what func(i int) (bearer, args string)) (took []time.Duration, failed int) {
	way := &http.Transport{MaxIdleConnsPerHost: clients} // asks for gzip, as clients do
	defer way.CloseIdleConnections()
	var next, bad atomic.Int64
	each := make([][]time.Duration, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < searches; i = int(next.Add(1)) - 1 {
				begin := time.Now()
				if err := h.search(way, what, i); err != nil {
					bad.Add(1)
					h.once.Do(func() { h.b.Log(err) }) // all are counted
				}
				each[c] = append(each[c], time.Since(begin))
			}
		})
	}
	wg.Wait()
	return slices.Concat(each...), int(bad.Load())
}

func (h *host) search(way http.RoundTripper, what func(i int) (bearer, args string), i int) error {
	bearer, args := what(i)
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_notion","arguments":` + args + `}}`
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, h.Base+"/mcp", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("Authorization", "Bearer "+bearer)
	resp, err := way.RoundTrip(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.Contains(string(answer), `"result":`) || strings.Contains(string(answer), `"isError":true`)) {
		err = fmt.Errorf("%s: %.300s", resp.Status, answer)
	}
	return err
}

// files is how many files and sockets the process has open.
func (h *host) files() int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.cmd.Process.Pid))
	return len(open)
}

// weigh reports the memory of the process.
func (h *host) weigh(b *testing.B) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		for name, unit := range map[string]string{"VmRSS:": "resident-MB", "VmHWM:": "peak-MB", "RssAnon:": "anonymous-MB", "RssFile:": "files-MB"} {
			var kb float64
			if _, err := fmt.Sscanf(line, name+" %f kB", &kb); err == nil {
				b.ReportMetric(kb/1024, unit)
			}
		}
	}
}

// serveHost is what that process runs, until its input ends.
func serveHost(dir, config string) (err error) {
	var how hosting
	if err := json.Unmarshal([]byte(config), &how); err != nil {
		return err
	}
	broker := &registry{grants: map[tokens.Connection]string{}}
	conns := make([]tokens.Connection, how.Subjects)
	for i := range conns {
		conns[i] = tokens.Connection{Subject: auth.Subject{Issuer: idpURL, Organization: "org", User: fmt.Sprintf("user%d", i)}, Handle: tokens.DefaultHandle}
		broker.set(conns[i], fmt.Sprint(seesNone, "_", i))
		if i < how.Filled {
			broker.set(conns[i], fmt.Sprint(seesAll, "_", i))
		}
	}
	pc := server.PoolConfig{
		Data: dir, NotionURL: how.Notion, Broker: tokens.Cached(tokens.Source{Broker: broker}, tokens.CacheConfig{Life: time.Hour, MaxLife: time.Hour}),
		Pacer: notion.NewPacer(notion.PacerConfig{PerToken: how.PerToken}), Poll: time.Hour, Confirm: cmp.Or(how.Confirm, time.Hour), Idle: how.Idle,
	}
	if err := copyIndex(pc, conns[:how.Filled]); err != nil {
		return err
	}
	pool, err := server.OpenPool(pc)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := host{hosting: how, Base: "http://" + l.Addr().String()}
	idp := authtest.New(authtest.Config{URL: idpURL, Life: 6 * time.Hour})
	for _, c := range conns {
		h.Bearers = append(h.Bearers, idp.Mint(h.Base+"/mcp", map[string]any{"sub": c.Subject.User, "org_id": c.Subject.Organization, "scope": "notion:read"}))
	}
	verifier, err := auth.New(auth.Config{Resource: h.Base + "/mcp", Issuers: []auth.Issuer{{URL: idpURL}}, HTTP: idp.Client()})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_ = json.NewEncoder(os.Stdout).Encode(struct {
			Base    string
			Bearers []string
		}{h.Base, h.Bearers})
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	end, err := profile()
	if err != nil {
		return err
	}
	defer end()
	err = server.ServeOn(ctx, l, server.HTTPConfig{
		Base: h.Base, Verifier: verifier, Issued: true, Pool: pool, Limits: server.Limits{PerMinute: 60_000, AtOnce: 100}, Version: "test", Log: slog.New(slog.DiscardHandler),
	})
	return errors.Join(err, pool.Close())
}

// copyIndex mirrors for the first connection, and copies what it has for the
// others.
func copyIndex(pc server.PoolConfig, conns []tokens.Connection) error {
	pc.Pacer = notion.NewPacer(notion.PacerConfig{PerToken: -1})
	pool, err := server.OpenPool(pc)
	if err != nil {
		return err
	}
	for ready := false; !ready; time.Sleep(100 * time.Millisecond) {
		if _, err := pool.Call(context.Background(), conns[0], "search_notion", json.RawMessage(`{"query":"pages"}`)); err != nil {
			return err
		}
		st, err := pool.Status(context.Background(), conns[0])
		if err != nil {
			return err
		}
		ready = st.Coverage.Ready()
	}
	for quiet, before := 0, ""; quiet < 20; time.Sleep(100 * time.Millisecond) { // bleve merges what it has
		files, _ := filepath.Glob(filepath.Join(pc.Data, conns[0].Key(), "data", "*"))
		if now := fmt.Sprint(files); now == before {
			quiet++
		} else {
			quiet, before = 0, now
		}
	}
	if err := pool.Close(); err != nil {
		return err
	}
	for _, c := range conns[1:] {
		if err := copyFolder(filepath.Join(pc.Data, c.Key()), filepath.Join(pc.Data, conns[0].Key())); err != nil {
			return err
		}
	}
	return nil
}

// copyFolder lets the copies share what is never written again.
func copyFolder(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(name, 0o700)
		}
		if filepath.Ext(path) == ".zap" {
			return os.Link(path, name)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(name, data, 0o600)
	})
}

// budgeted is Notion for connections with a token each, who see the same: what
// follows the second _ of a token only tells them apart. It refuses what is
// beyond the budget of a token, if that is limited; the first one, who mirrors for
// all, has none.
type budgeted struct {
	to      http.Handler
	limited bool

	mu      sync.Mutex
	sent    map[string][]time.Time // by token, those of the last minute
	all     int
	refused int
}

func (n *budgeted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := r.Header.Get("Authorization")
	if !n.admit(token, time.Now()) {
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	r.Header.Set("Authorization", token[:strings.LastIndex(token, "_")])
	n.to.ServeHTTP(w, r)
}

// perToken is how many requests Notion answers in a minute.
const perToken = 180

func (n *budgeted) admit(token string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all++
	recent := slices.DeleteFunc(n.sent[token], func(at time.Time) bool { return now.Sub(at) > time.Minute })
	admitted := len(recent) < perToken || !n.limited || strings.HasSuffix(token, "_0")
	if admitted {
		recent = append(recent, now)
	} else {
		n.refused++
	}
	n.sent[token] = recent
	return admitted
}

// counts are the requests so far, and those that were refused.
func (n *budgeted) counts() (all, refused int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all, n.refused
}
