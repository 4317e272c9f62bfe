package vectors_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
)

// The test binary is its own victim: started with these set, it embeds the
// passages of an index until it is killed.
const (
	victimFolder   = "VECTORS_TEST_FOLDER"
	victimEndpoint = "VECTORS_TEST_ENDPOINT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimFolder); dir != "" {
		if err := embedForever(dir, os.Getenv(victimEndpoint)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func embedForever(dir, url string) error {
	ctx := context.Background()
	store, err := index.OpenStore(dir, index.Config{})
	if err != nil {
		return err
	}
	conn := connection("somebody")
	x, err := store.Open(ctx, conn)
	if err != nil {
		return err
	}
	e, err := embed.New(embed.Config{URL: url, Model: "small"})
	if err != nil {
		return err
	}
	s, err := vectors.Open(vectors.Config{Dir: vectors.Folder(store.Dir(conn)), Index: x, Embedder: e, Look: time.Millisecond, PerMinute: 1e6, Texts: 2})
	if err != nil {
		return err
	}
	fmt.Println("embedding")
	return s.Run(ctx)
}

// Killed at any moment, it goes on where it was, and loses at most the request
// under way.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	const kills, pages = 8, 150
	w := newWorld(t)
	w.endpoint = embedtest.New(t) // other processes come to it
	w.fruit(pages)
	if err := w.index.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(w.store.Dir(w.conn))
	for range kills {
		killOne(t, dir, w.endpoint.URL, time.Duration(rand.IntN(40))*time.Millisecond)
	}
	var err error
	if w.store, err = index.OpenStore(dir, index.Config{}); err != nil {
		t.Fatal(err)
	}
	defer w.store.Close()
	if w.index, err = w.store.Open(t.Context(), w.conn); err != nil {
		t.Fatal(err)
	}
	w.start("small")
	w.complete(2 * pages)
	texts := w.endpoint.Texts()
	if n := len(texts); n < 2*pages || n > 2*pages+2*kills {
		t.Errorf("%d texts embedded for %d passages and %d kills", n, 2*pages, kills)
	}
	fresh := newWorld(t)
	fresh.fruit(pages)
	fresh.start("small")
	fresh.complete(2 * pages)
	for _, q := range []string{"apples of kind3", "pears", "Page 77"} {
		if diff := cmp.Diff(fresh.nearest(q, 40), w.nearest(q, 40)); diff != "" {
			t.Errorf("%q (-undisturbed +killed):\n%s", q, diff)
		}
	}
	w.end()
}

func killOne(t *testing.T, dir, url string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimFolder+"="+dir, victimEndpoint+"="+url)
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
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should be
}
