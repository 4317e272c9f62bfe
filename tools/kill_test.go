package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// The test binary is its own victim: started with these set, it writes what is
// kept in a folder until nothing is left, or it is killed.
const (
	victimFolder = "TOOLS_TEST_FOLDER"
	victimNotion = "TOOLS_TEST_NOTION"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimFolder); dir != "" {
		if err := deliverAll(dir, os.Getenv(victimNotion)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// openKept takes every request for settled: a victim starts when the emulator
// has acted on all that it received.
func openKept(dir string) (*outbox.Box, error) {
	return outbox.Open(outbox.Config{Dir: filepath.Join(dir, "outbox"), Settle: time.Nanosecond})
}

func deliverAll(dir, url string) error {
	ctx := context.Background()
	store, err := index.OpenStore(filepath.Join(dir, "index"), index.Config{})
	if err != nil {
		return err
	}
	x, err := store.Open(ctx, tokens.Connection{Handle: tokens.DefaultHandle})
	if err != nil {
		return err
	}
	box, err := openKept(dir)
	if err != nil {
		return err
	}
	client := notion.New(tested, notion.Config{BaseURL: url})
	get := func(context.Context) (*notion.Client, error) { return client, nil }
	syncer, err := ingest.New(ingest.Config{Index: x, Client: get})
	if err != nil {
		return err
	}
	s := New(Config{Index: x, Syncer: syncer, Retriever: retrieval.New(retrieval.Config{Index: x, Syncer: syncer}), Client: get, Outbox: box})
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil { // until somebody aims at it
		return err
	}
	for {
		if err := s.DeliverDue(ctx); err != nil {
			return err
		}
		if _, waits := s.NextWrite(); !waits {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

// deadly kills a victim at one of its writes, and knows when the emulator has
// acted on all of them.
type deadly struct {
	emulator http.Handler

	mu     sync.Mutex
	idle   *sync.Cond // on mu; when a connection was closed
	open   int        // connections
	writes int        // of the victim, until it is killed
	victim *os.Process
	way    ending
}

// ending has a request acted on, and its sender killed.
type ending func(act, kill func())

var endings = []ending{
	func(act, kill func()) { kill(); act() },
	func(act, kill func()) { act(); kill() },
	func(act, kill func()) { act(); time.AfterFunc(rand.N(3*time.Millisecond), kill) }, // amid what it does next
}

func newDeadly(emulator http.Handler) *deadly {
	d := &deadly{emulator: emulator}
	d.idle = sync.NewCond(&d.mu)
	return d
}

func (d *deadly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	act := func() { d.emulator.ServeHTTP(w, r) }
	if victim, way := d.turn(r); way != nil {
		way(act, func() { _ = victim.Kill() }) // it may be dead already
		return
	}
	act()
}

// turn is whom to kill at this write, and how; nil if nobody.
func (d *deadly) turn(r *http.Request) (victim *os.Process, way ending) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/comments" && r.URL.Path != "/v1/pages" {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writes--; d.writes != 0 {
		return nil, nil
	}
	return d.victim, d.way
}

// aim says whom to kill, at which of the next writes, and how; 0 is never.
func (d *deadly) aim(victim *os.Process, write int, way ending) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.victim, d.writes, d.way = victim, write, way
}

func (d *deadly) connState(_ net.Conn, s http.ConnState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s {
	case http.StateNew:
		d.open++
	case http.StateClosed:
		d.open--
		d.idle.Broadcast()
	}
}

// settle waits until all connections are closed, and with them all requests
// acted on. Connections are accepted in turn: when one of our own is answered,
// those of the dead are known.
func (d *deadly) settle(t *testing.T, url string) {
	t.Helper()
	alone := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := alone.Get(url + "/emulator/pages")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.open > 0 {
		d.idle.Wait()
	}
}

// A process that is killed at any of its writes, before it is acted on, after
// or later, loses nothing and repeats nothing.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	const writes, most = 60, 25
	fsys := fstest.MapFS{}
	for name, text := range office() {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws, err := emulator.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	d := newDeadly(emulator.New(ws, emulator.Config{Tokens: []emulator.Token{{Secret: tested}}}))
	srv := httptest.NewUnstartedServer(d)
	srv.Config.ConnState = d.connState
	srv.Start()
	t.Cleanup(srv.Close)
	way := &http.Transport{}
	w := &world{t: t, owner: notion.New(tested, notion.Config{BaseURL: srv.URL, HTTP: &http.Client{Transport: way}})}
	dir := t.TempDir()
	team, log := w.seed(dir, writes)
	way.CloseIdleConnections()
	kills := 0
	for kills < most && !d.killOne(t, dir, srv.URL, 1+rand.IntN(3), endings[kills%len(endings)]) {
		kills++
		d.settle(t, srv.URL)
	}
	t.Logf("%d writes, killed %d times", writes, kills)
	if !d.killOne(t, dir, srv.URL, 0, nil) || kills == 0 {
		t.Errorf("killed %d times, what was left was not written", kills)
	}
	comments, rows := w.commentTexts(team), w.rowTitles(log)
	for i := range writes {
		got := comments
		if i%2 == 1 {
			got = rows
		}
		if n := got[fmt.Sprint("write ", i)]; n != 1 {
			t.Errorf("write %d is there %d times", i, n)
		}
	}
	box, err := openKept(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range box.Items() {
		if i.State != outbox.Done {
			t.Errorf("%+v", i)
		}
	}
}

// seed keeps comments and rows by turns.
func (w *world) seed(dir string, writes int) (team, log notion.ID) {
	w.t.Helper()
	found, err := w.owner.Search(w.t.Context(), notion.SearchRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range found.Pages {
		if p.Title() == "Team" {
			team = p.ID
		}
	}
	log = found.DataSources[0].ID
	box, err := openKept(dir)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range writes {
		if _, err := box.Keep(toKeep(w.t, fmt.Sprint("write ", i), i%2 == 1, team, log)); err != nil {
			w.t.Fatal(err)
		}
	}
	return team, log
}

// toKeep is a comment on a page, or a row of a table.
func toKeep(t *testing.T, name string, row bool, page, table notion.ID) outbox.Write {
	t.Helper()
	kind, what := commentKind, any(writing.Comment{Target: writing.Target{Page: page}, Text: name})
	if row {
		title := map[string]any{"title": []any{map[string]any{"type": "text", "text": map[string]any{"content": name}}}}
		kind, what = pageKind, writing.Page{Table: table, Column: "Name", Title: name, Values: map[string]any{"Name": title}}
	}
	payload, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Write{Kind: kind, Payload: payload}
}

// killOne starts a victim that is killed at one of its writes, unless it has
// ended before.
func (d *deadly) killOne(t *testing.T, dir, url string, write int, way ending) (ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimFolder+"="+dir, victimNotion+"="+url)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.aim(cmd.Process, write, way)
	if err := in.Close(); err != nil { // now it may begin
		t.Fatal(err)
	}
	return cmd.Wait() == nil
}
