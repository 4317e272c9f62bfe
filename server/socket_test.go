package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
)

// longDir is a data folder whose path is too long for a socket in it.
func longDir(t *testing.T) string {
	t.Helper()
	return filepath.Join(dataDir(t), strings.Repeat("long-", 24))
}

// runtimeDir is where the sockets of long folders belong, for one test. Tests
// that use it cannot run at the same time as others.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir := dataDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

// refused checks that a session answers soon that it cannot share, and why.
func refused(t *testing.T, s *server.Session, why string) {
	t.Helper()
	_, err := s.Status(t.Context())
	if err == nil || !strings.Contains(err.Error(), "cannot share it") || !strings.Contains(err.Error(), why) {
		t.Errorf("the second session says %v, want %q", err, why)
	}
}

func TestLongFolderIsShared(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	runtime, dir := runtimeDir(t), longDir(t)
	owner := other(t, dir, url)
	link := filepath.Join(dataDir(t), "short")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, link} {
		s := open(t, config(name, url, secret))
		if text := search(t, s, "how many workers"); !strings.Contains(text, "twelve") {
			t.Errorf("%s: %q", name, text)
		}
		if st := status(t, s); st.Owner != owner.Process.Pid || !st.Shared {
			t.Errorf("%s: owned by %d, want %d", name, st.Owner, owner.Process.Pid)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(filepath.Join(runtime, "mcp-notion"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info, err)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	s := open(t, config(dir, url, secret))
	if st := status(t, s); st.Shared {
		t.Error("a session shares the index of a process that was killed")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(runtime); len(left) > 0 {
		t.Errorf("%s is left behind", left[0].Name())
	}
}

// One user may have several long folders.
func TestLongFoldersDoNotMeet(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	runtimeDir(t)
	for _, s := range []*server.Session{open(t, config(longDir(t), url, secret)), open(t, config(longDir(t), url, secret))} {
		if status(t, s).Shared {
			t.Error("two folders have one owner")
		}
	}
}

func TestLongFolderWithoutRuntimeFolder(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	dir, temp := longDir(t), dataDir(t)
	t.Setenv("TMPDIR", temp)
	for _, none := range []string{"", "relative", filepath.Join(temp, "missing")} {
		t.Setenv("XDG_RUNTIME_DIR", none)
		first, second := open(t, config(dir, url, secret)), open(t, config(dir, url, secret))
		if a, b := status(t, first), status(t, second); a.Shared == b.Shared {
			t.Errorf("exactly one session should own the index: %v, %v", a.Shared, b.Shared)
		}
		if _, err := os.Stat(filepath.Join(temp, fmt.Sprintf("mcp-notion-%d", os.Getuid()))); err != nil {
			t.Error(err)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A folder that others made, or can enter, is not used; who comes second is
// told.
func TestLongFolderRefusesForeignFolders(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	tests := map[string]struct {
		make func(dir string) error
		why  string
	}{
		"link": {func(dir string) error { return os.Symlink(dataDir(t), dir) }, "symbolic link"},
		"file": {func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, "no folder"},
		"open": {func(dir string) error { return os.Mkdir(dir, 0o755) }, "others can enter it (mode 0755)"},
	}
	if os.Geteuid() == 0 {
		tests["somebody else's"] = struct {
			make func(dir string) error
			why  string
		}{func(dir string) error {
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			return os.Chown(dir, 12345, 12345)
		}, "somebody else"}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			runtime, dir := runtimeDir(t), longDir(t)
			if err := tt.make(filepath.Join(runtime, "mcp-notion")); err != nil {
				t.Fatal(err)
			}
			if err := server.Shareable(dir); err == nil || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("Shareable: %v", err)
			}
			first := open(t, config(dir, url, secret))
			if status(t, first).Shared {
				t.Error("nobody owns the index")
			}
			second := open(t, config(dir, url, secret))
			refused(t, second, tt.why)
			if err := first.Close(); err != nil {
				t.Error(err)
			}
			if status(t, second).Shared {
				t.Error("the second session did not take over")
			}
		})
	}
}

// obstructSocket keeps the owner of an index from listening.
func obstructSocket(t *testing.T, cfg server.Config) (obstacle string) {
	t.Helper()
	obstacle = filepath.Join(cfg.Data, cfg.Connection.Key()+".sock")
	if err := os.MkdirAll(filepath.Join(obstacle, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	return obstacle
}

// Whatever keeps the owner from listening, the others are told.
func TestOwnerCannotListen(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{})
	cfg := config(dataDir(t), url, secret)
	obstacle := obstructSocket(t, cfg)
	first := open(t, cfg)
	status(t, first)
	second := open(t, cfg)
	refused(t, second, "directory not empty")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(obstacle); err != nil {
		t.Fatal(err)
	}
	if status(t, second).Shared {
		t.Error("the second session did not take over")
	}
	if third := open(t, cfg); !status(t, third).Shared {
		t.Error("what was told before is told still")
	}
}

func TestShareable(t *testing.T) {
	runtime := runtimeDir(t)
	for name, dir := range map[string]string{"short": dataDir(t), "long": longDir(t), "relative": "data"} {
		if err := server.Shareable(dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(runtime, "mcp-notion", strings.Repeat("x", 90)), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(runtime, "mcp-notion", strings.Repeat("x", 90)))
	if err := server.Shareable(longDir(t)); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("both are too long: %v", err)
	}
}
