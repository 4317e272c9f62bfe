package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
)

// The test binary can be started as another process of the same user: it opens
// a Session in a folder and keeps it until it is killed or its input ends.
const (
	otherFolder = "SERVER_TEST_FOLDER"
	otherNotion = "SERVER_TEST_NOTION"
	otherStdio  = "SERVER_TEST_STDIO" // it serves stdio instead
	secret      = "ntn_test"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(otherFolder); dir != "" && os.Getenv(otherStdio) != "" {
		if err := serveStdio(dir, os.Getenv(otherNotion)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	} else if how := os.Getenv(otherHost); how != "" {
		if err := serveHost(dir, how); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	} else if dir != "" {
		s, err := server.Open(config(dir, os.Getenv(otherNotion), secret))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if _, err := s.Sync(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin)
		if err := s.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	_ = flag.Set("test.parallel", "8") // most tests wait, and do not compute
	os.Exit(m.Run())
}

func config(dir, url, token string) server.Config {
	return server.Config{
		Data: dir, NotionURL: url, PerMinute: -1, Version: "test", Mirror: server.MirrorNever,
		Broker:     tokens.Uncached(env.New(token, tokens.DefaultHandle)),
		Connection: tokens.Connection{Subject: auth.Local(token), Handle: tokens.DefaultHandle},
	}
}

func fakeNotion(t testing.TB, cfg emulator.Config) (*emulator.Server, string) {
	t.Helper()
	s := smallNotion(t, cfg)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL
}

func smallNotion(t testing.TB, cfg emulator.Config) *emulator.Server {
	t.Helper()
	at := time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
	ws, err := emulator.Load(fstest.MapFS{
		"queue.md": {Data: []byte("# Queue backlog\n\nScale the workers to twelve.\n"), ModTime: at},
		"leave.md": {Data: []byte("# Leave\n\nSixteen weeks for both parents.\n"), ModTime: at},
	})
	if err != nil {
		t.Fatal(err)
	}
	return emulator.New(ws, cfg)
}

// alone is the config of a session without a network, for a bubble: it asks fake,
// and listens for no other process.
func alone(t *testing.T, fake *emulator.Server) server.Config {
	t.Helper()
	cfg := config(dataDir(t), "http://notion.example", secret)
	cfg.Transport = emulatortest.InProcess(fake)
	obstructSocket(t, cfg)
	return cfg
}

// dataDir is short, because it holds Unix sockets.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func open(t *testing.T, cfg server.Config) *server.Session {
	t.Helper()
	s, err := server.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func search(t *testing.T, s *server.Session, question string) string {
	t.Helper()
	args, _ := json.Marshal(map[string]string{"query": question})
	a, err := s.Call(t.Context(), "search_notion", args)
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	if a.IsError {
		t.Fatalf("search: %s", a.Text)
	}
	return a.Text
}

func status(t *testing.T, s *server.Session) server.Status {
	t.Helper()
	st, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestTwoSessionsShareOneIndex(t *testing.T) {
	t.Parallel()
	fake, url := fakeNotion(t, emulator.Config{})
	dir := dataDir(t)
	first := open(t, config(dir, url, secret))
	if _, err := first.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	spent := fake.Requests()
	second := open(t, config(dir, url, secret))
	if text := search(t, second, "how many workers"); !strings.Contains(text, "twelve") {
		t.Errorf("the second session answers %q", text)
	}
	if n := fake.Requests() - spent; n > 2 {
		t.Errorf("the second session cost %d requests", n)
	}
	if st := status(t, second); !st.Shared {
		t.Error("the second session thinks that it owns the index")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if text := search(t, second, "weeks for parents"); !strings.Contains(text, "Sixteen") {
		t.Errorf("after the first is gone: %q", text)
	}
	if st := status(t, second); st.Shared {
		t.Error("nobody owns the index")
	}
	if _, err := first.Call(t.Context(), "search_notion", nil); err == nil {
		t.Error("a closed session answers")
	}
}

// Sessions with different tokens never meet, whatever folder they share.
func TestSessionsWithDifferentTokensDoNotMeet(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{Tokens: []emulator.Token{
		{Secret: "ntn_ann", Roots: []string{"queue.md"}}, {Secret: "ntn_bob", Roots: []string{"leave.md"}},
	}})
	dir := dataDir(t)
	ann, bob := open(t, config(dir, url, "ntn_ann")), open(t, config(dir, url, "ntn_bob"))
	for _, s := range []*server.Session{ann, bob} {
		if _, err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status(t, s).Shared {
			t.Error("two tokens share an owner")
		}
	}
	if text := search(t, bob, "how many workers scale queue"); strings.Contains(text, "twelve") {
		t.Errorf("bob reads ann's page: %q", text)
	}
	if text := search(t, ann, "weeks both parents leave"); strings.Contains(text, "Sixteen") {
		t.Errorf("ann reads bob's page: %q", text)
	}
}

// other starts another process that owns the index of dir.
func other(t *testing.T, dir, url string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), otherFolder+"="+dir, otherNotion+"="+url)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return cmd
}

func TestOwnerIsKilled(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{})
	dir := dataDir(t)
	owner := other(t, dir, url)
	sessions := []*server.Session{open(t, config(dir, url, secret)), open(t, config(dir, url, secret))}
	for _, s := range sessions {
		search(t, s, "workers")
		if st := status(t, s); st.Owner != owner.Process.Pid {
			t.Errorf("owned by %d, want %d", st.Owner, owner.Process.Pid)
		}
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	var wg sync.WaitGroup
	for _, s := range sessions {
		wg.Go(func() {
			if text := search(t, s, "how many workers"); !strings.Contains(text, "twelve") {
				t.Errorf("after the kill: %q", text)
			}
		})
	}
	wg.Wait()
	if a, b := status(t, sessions[0]), status(t, sessions[1]); a.Shared == b.Shared {
		t.Errorf("exactly one session should own the index: %v, %v", a.Shared, b.Shared)
	}
}

func TestIndexHeldByAProcessThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := alone(t, smallNotion(t, emulator.Config{}))
		lock := flock.New(filepath.Join(cfg.Data, cfg.Connection.Key()+".lock"))
		if ok, err := lock.TryLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		s := open(t, cfg)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := s.Status(ctx); err == nil {
			t.Error("answered without an index")
		}
		if err := lock.Unlock(); err != nil {
			t.Fatal(err)
		}
		if st := status(t, s); st.Shared {
			t.Error("did not take the index that was set free")
		}
	})
}

func TestDataFolderIsPrivate(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{})
	dir := filepath.Join(dataDir(t), "d")
	s := open(t, config(dir, url, secret))
	if _, err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // segments of the index come and go
		}
		if err != nil {
			return err
		}
		if strings.Contains(path, secret) {
			t.Errorf("%s holds the token", path)
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && path == dir && info.Mode().Perm() != 0o700 {
			t.Errorf("the data folder has mode %v", info.Mode().Perm())
		}
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if strings.Contains(string(data), secret) {
				t.Errorf("the token stands in %s", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
