package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"net/http/httptest"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// BenchmarkUsers has 32 clients search at a server of 1,000 Subjects, 200 of
// whom have all pages of a real corpus, each an index of their own. Clients and
// Notion are in another process than the server. See BenchmarkStdio for where
// the pages come from.
//
//	go test ./server -run xxx -bench Users -benchtime 20000x
func BenchmarkUsers(b *testing.B) {
	h := startHost(b, hosting{Subjects: 1000, Filled: 200})
	asked := questions(b)
	h.ask(32, 4*h.Filled, func(i int) (string, string) { return h.Bearers[i%h.Filled], asked[i%len(asked)] })
	before, begin := h.processor(), time.Now()
	took, failed := h.ask(32, b.N, func(i int) (string, string) { return h.Bearers[i*7%h.Filled], asked[i%len(asked)] })
	report(b, took, time.Since(begin))
	b.ReportMetric(float64((h.processor()-before).Microseconds())/float64(1000*len(took)), "cpu-ms/search")
	h.weigh(b)
	b.ReportMetric(float64(failed), "errors")
	h.stop()
}

// BenchmarkMemory connects 10,000 Subjects, of whom 500 go on to ask about all
// pages of a real corpus, each again and again. It takes some minutes, most of
// which it waits for the others to be idle.
//
//	go test ./server -run xxx -bench Memory -benchtime 1x -timeout 30m
func BenchmarkMemory(b *testing.B) {
	h := startHost(b, hosting{Subjects: 10_000, Filled: 500, Idle: 40 * time.Second})
	asked := questions(b)
	_, failed := h.ask(16, h.Subjects, func(i int) (string, string) { return h.Bearers[h.Subjects-1-i], asked[0] })
	for b.Loop() {
		for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); {
			_, more := h.ask(4, h.Filled, func(i int) (string, string) { return h.Bearers[i], asked[int(time.Now().Unix())%len(asked)] })
			failed += more
			time.Sleep(5 * time.Second)
		}
	}
	h.weigh(b)
	b.ReportMetric(float64(failed), "errors")
	h.stop()
}

// hosting is what a process is to serve.
type hosting struct {
	Notion           string
	Subjects, Filled int // of the Subjects, those who see all pages; the others see none
	Idle             time.Duration
}

// host is a process that serves many users, as their clients know it.
type host struct {
	*child
	hosting
	Base    string
	Bearers []string
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
	srv := httptest.NewServer(emulator.New(ws, emulator.Config{Tokens: []emulator.Token{{Secret: seesAll}, {Secret: seesNone, Roots: []string{}}}}))
	b.Cleanup(srv.Close)
	how.Notion = srv.URL
	config, err := json.Marshal(how)
	if err != nil {
		b.Fatal(err)
	}
	h := &host{hosting: how, child: &child{b: b, cmd: exec.Command(os.Args[0])}}
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
					if bad.Add(1) == 1 {
						h.b.Error(err)
					}
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

// weigh reports the memory of the process.
func (h *host) weigh(b *testing.B) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		for name, unit := range map[string]string{"VmRSS:": "resident-MB", "VmHWM:": "peak-MB", "RssAnon:": "anonymous-MB"} {
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
		broker.set(conns[i], seesNone)
		if i < how.Filled {
			broker.set(conns[i], seesAll)
		}
	}
	pc := server.PoolConfig{
		Data: dir, NotionURL: how.Notion, Broker: tokens.Cached(tokens.Source{Broker: broker}, tokens.CacheConfig{Life: time.Hour, MaxLife: time.Hour}),
		Pacer: notion.NewPacer(notion.PacerConfig{PerToken: -1}), Poll: time.Hour, Confirm: time.Hour, Idle: how.Idle,
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
	if err := pool.Close(); err != nil {
		return err
	}
	for _, c := range conns[1:] {
		if err := os.CopyFS(filepath.Join(pc.Data, c.Key()), os.DirFS(filepath.Join(pc.Data, conns[0].Key()))); err != nil {
			return err
		}
	}
	return nil
}
