package ingest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

// The test binary is its own victim: started with these set, it mirrors a
// workspace into a folder until it is killed.
const (
	victimFolder = "INGEST_TEST_FOLDER"
	victimNotion = "INGEST_TEST_NOTION"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimFolder); dir != "" {
		if err := mirrorForever(dir, os.Getenv(victimNotion)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func mirrorForever(dir, url string) error {
	ctx := context.Background()
	store, err := index.OpenStore(dir, index.Config{})
	if err != nil {
		return err
	}
	x, err := store.Open(ctx, connection)
	if err != nil {
		return err
	}
	client := notion.New(secret, notion.Config{BaseURL: url})
	s, err := ingest.New(ingest.Config{Index: x, Client: func(context.Context) (*notion.Client, error) { return client, nil }})
	if err != nil {
		return err
	}
	fmt.Println("mirroring")
	for {
		if _, err := s.Sync(ctx); err != nil {
			return err
		}
	}
}

// A mirror that is killed at random moments ends, after the next start, at the
// index that an undisturbed one makes.
func TestKilledMirrorEndsAtTheSameIndex(t *testing.T) {
	t.Parallel()
	const kills = 50
	w := newWorld(t, bigWorkspace(40), emulator.Config{Latency: time.Millisecond})
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	recovered := 0
	for i := range kills {
		if i%10 == 0 {
			dir = t.TempDir() // from nothing, now and then
		}
		w.killOne(dir, srv.URL, time.Duration(rand.IntN(120))*time.Millisecond)
		if i%10 == 9 {
			x, s := w.mirrorInto(dir)
			if x.Recovered() != "" {
				recovered++
			}
			if _, err := s.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			fresh, f := w.mirrorInto(t.TempDir())
			if _, err := f.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
			equalContent(t, x, fresh)
		}
	}
	if recovered > 0 {
		t.Errorf("%d indexes were damaged by kills", recovered)
	}
}

// killOne starts a victim and kills it some time after it has begun.
func (w *world) killOne(dir, url string, after time.Duration) {
	w.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimFolder+"="+dir, victimNotion+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		w.t.Fatalf("the victim did not start: %v", err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		w.t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should be
}
