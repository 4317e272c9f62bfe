package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/emulator"
	"github.com/mcp-notion/mcp-notion/outbox"
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

// settled is longer than the emulator takes to act on what it has received.
const settled = 500 * time.Millisecond

func openKept(dir string) (*outbox.Box, error) {
	return outbox.Open(outbox.Config{Dir: filepath.Join(dir, "outbox"), Settle: settled})
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
	fmt.Println("ready")
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

// A process that is killed at random moments while it writes loses nothing and
// repeats nothing.
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
	srv := httptest.NewServer(emulator.New(ws, emulator.Config{Tokens: []emulator.Token{{Secret: tested}}, Latency: 2 * time.Millisecond}))
	t.Cleanup(srv.Close)
	w := &world{t: t, owner: notion.New(tested, notion.Config{BaseURL: srv.URL})}
	dir := t.TempDir()
	team, log := w.seed(dir, writes)
	kills := 0
	for range most {
		if !killOne(t, dir, srv.URL, time.Duration(rand.IntN(60))*time.Millisecond) {
			kills++
		}
	}
	if !killOne(t, dir, srv.URL, time.Minute) {
		t.Error("what was left was not written within a minute")
	}
	t.Logf("%d writes, killed %d times", writes, kills)
	if kills < most/2 {
		t.Errorf("killed only %d times", kills)
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

// killOne starts a victim and kills it some time after it has begun, unless it
// has ended before.
func killOne(t *testing.T, dir, url string, after time.Duration) (ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimFolder+"="+dir, victimNotion+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the victim did not start: %v", err)
	}
	killer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer killer.Stop()
	err = cmd.Wait()
	return err == nil
}
