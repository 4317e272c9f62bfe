package auth_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

func newSealer(t *testing.T, c *clock, keys ...auth.Secret) *auth.Sealer {
	t.Helper()
	s, err := auth.NewSealer(auth.SealerConfig{Keys: keys, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSealer(t, c)
	data := []byte("what nobody may read or change")
	sealed := s.Seal("cursor", data, time.Minute)
	if strings.Trim(sealed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("%q cannot stand in a URL", sealed)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || bytes.Contains(raw, data[:8]) || s.Seal("cursor", data, time.Minute) == sealed {
		t.Errorf("it is not sealed: %q, %v", raw, err)
	}
	for range 2 {
		if got, err := s.Open("cursor", sealed); err != nil || !bytes.Equal(got, data) {
			t.Errorf("Open = %q, %v", got, err)
		}
	}
	if _, err := s.Open("login", sealed); !errors.Is(err, auth.ErrNotSealed) {
		t.Errorf("for another purpose: %v", err)
	}
	if _, err := newSealer(t, c).Open("cursor", sealed); !errors.Is(err, auth.ErrNotSealed) {
		t.Errorf("by another server: %v", err)
	}
	for n := range raw {
		changed := bytes.Clone(raw)
		changed[n] ^= 1
		if _, err := s.Open("cursor", base64.RawURLEncoding.EncodeToString(changed)); !errors.Is(err, auth.ErrNotSealed) {
			t.Fatalf("byte %d changed: %v", n, err)
		}
	}
	for _, bad := range []string{"", "x", sealed + "=", sealed + "\n", sealed[:len(sealed)-2], strings.Repeat("A", 9000)} {
		if _, err := s.Open("cursor", bad); !errors.Is(err, auth.ErrNotSealed) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
	c.advance(time.Minute)
	if _, err := s.Open("cursor", sealed); !errors.Is(err, auth.ErrExpired) {
		t.Errorf("after a minute: %v", err)
	}
}

func TestOpenOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSealer(t, c)
	sealed := s.Seal("link", []byte("x"), time.Minute)
	if _, err := s.OpenOnce("login", sealed); !errors.Is(err, auth.ErrNotSealed) {
		t.Errorf("a wrong purpose spends it: %v", err)
	}
	var first atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := s.OpenOnce("link", sealed); err == nil {
				first.Add(1)
			} else if !errors.Is(err, auth.ErrUsed) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if first.Load() != 1 {
		t.Errorf("it opened %d times", first.Load())
	}
	// The last character has bits that mean nothing; they must not make
	// another text of it.
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		if _, err := s.OpenOnce("link", sealed[:len(sealed)-1]+string(last)); err == nil {
			t.Errorf("it opens again with %q at the end", last)
		}
	}
	c.advance(time.Minute)
	if _, err := s.OpenOnce("link", sealed); !errors.Is(err, auth.ErrExpired) {
		t.Errorf("after a minute: %v", err)
	}
}

// Whoever shares the folder, or comes after a restart, knows what was used.
func TestOpenOnceAmongReplicas(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := filepath.Join(t.TempDir(), "spent")
	replica := func() *auth.Sealer {
		s, err := auth.NewSealer(auth.SealerConfig{Keys: []auth.Secret{auth.NewSecret(strings.Repeat("k", 32))}, Spent: dir, Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := replica()
	sealed := one.Seal("link", []byte("x"), time.Minute)
	var first atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		s := replica()
		for range 5 {
			group.Go(func() {
				if _, err := s.OpenOnce("link", sealed); err == nil {
					first.Add(1)
				} else if !errors.Is(err, auth.ErrUsed) {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	if first.Load() != 1 {
		t.Errorf("it opened %d times", first.Load())
	}
	if _, err := replica().OpenOnce("link", sealed); !errors.Is(err, auth.ErrUsed) {
		t.Errorf("after a restart: %v", err)
	}
	files := func() int {
		all, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			if strings.Contains(name, sealed[:16]) {
				t.Errorf("the link can be read in %s", name)
			}
		}
		return len(all)
	}
	if n := files(); n != 1 {
		t.Errorf("%d files for one link", n)
	}
	c.advance(2 * time.Hour) // long after its end
	if _, err := one.OpenOnce("link", one.Seal("link", []byte("y"), time.Minute)); err != nil || files() != 1 {
		t.Errorf("%d files, %v: those that have expired are of no use", files(), err)
	}
}

// Where it cannot be written down, nothing opens.
func TestOpenOnceFailsClosed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := auth.NewSealer(auth.SealerConfig{Spent: filepath.Join(file, "below")})
	if err != nil {
		t.Fatal(err)
	}
	data, err := s.OpenOnce("link", s.Seal("link", []byte("x"), time.Minute))
	if err == nil || errors.Is(err, auth.ErrUsed) || data != nil {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestSealerKeys(t *testing.T) {
	t.Parallel()
	c := newClock()
	older := auth.NewSecret(strings.Repeat("o", 32))
	newer := auth.NewSecret(strings.Repeat("n", 32))
	before := newSealer(t, c, older).Seal("p", []byte("x"), time.Hour)
	during := newSealer(t, c, newer, older)
	if _, err := during.Open("p", before); err != nil {
		t.Errorf("the old key does not open: %v", err)
	}
	after := newSealer(t, c, newer)
	if _, err := after.Open("p", during.Seal("p", []byte("x"), time.Hour)); err != nil {
		t.Errorf("the new key does not seal: %v", err)
	}
	if _, err := after.Open("p", before); !errors.Is(err, auth.ErrNotSealed) {
		t.Errorf("the old key still opens: %v", err)
	}
	_, err := auth.NewSealer(auth.SealerConfig{Keys: []auth.Secret{newer, auth.NewSecret("short-secret")}})
	if err == nil || strings.Contains(err.Error(), "short-secret") {
		t.Errorf("a short key: %v", err)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const secret = "very_secret_token"
	s := auth.NewSecret(secret)
	principal := auth.Principal{Token: s}
	config := auth.Config{Introspection: auth.Introspection{ClientSecret: s}}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "principal", principal, "config", config.Introspection)
	asJSON, err := json.Marshal(map[string]any{"s": s, "p": principal, "ptr": &s})
	if err != nil {
		t.Fatal(err)
	}
	type inner struct{ s auth.Secret }
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s), fmt.Sprintf("%v %+v %#v", principal, principal, &principal),
		fmt.Sprintf("%v %+v %#v", config, config, config), fmt.Sprintf("%+v %#v", inner{s}, &inner{s}), string(asJSON), log.String(),
	} {
		if strings.Contains(shown, "very_secret") || strings.Contains(shown, fmt.Sprintf("%x", secret)) {
			t.Errorf("the secret shows in %q", shown)
		}
	}
	if s.Reveal() != secret || s.IsZero() || !auth.NewSecret("").IsZero() || (auth.Secret{}).Reveal() != "" {
		t.Error("Reveal or IsZero is wrong")
	}
}

// What is looked at again and again can be ended, here and for all who share
// the folder.
func TestOpenUnused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := []auth.Secret{auth.NewSecret(strings.Repeat("k", 32))}
	for name, folder := range map[string]string{"in memory": "", "in a folder": dir} {
		c := newClock()
		s, err := auth.NewSealer(auth.SealerConfig{Keys: keys, Spent: folder, Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		sealed, other := s.Seal("p", []byte("x"), time.Hour), s.Seal("p", []byte("x"), time.Hour)
		for range 3 {
			if data, err := s.OpenUnused("p", sealed); err != nil || string(data) != "x" {
				t.Errorf("%s: %q %v", name, data, err)
			}
		}
		if _, err := s.OpenUnused("q", sealed); !errors.Is(err, auth.ErrNotSealed) {
			t.Errorf("%s: for another purpose: %v", name, err)
		}
		if _, err := s.OpenOnce("p", sealed); err != nil {
			t.Fatal(err)
		}
		if folder != "" { // a replica
			if s, err = auth.NewSealer(auth.SealerConfig{Keys: keys, Spent: folder, Now: c.now}); err != nil {
				t.Fatal(err)
			}
		}
		if data, err := s.OpenUnused("p", sealed); !errors.Is(err, auth.ErrUsed) || data != nil {
			t.Errorf("%s: after its end: %q %v", name, data, err)
		}
		if _, err := s.OpenUnused("p", other); err != nil {
			t.Errorf("%s: another one: %v", name, err)
		}
		c.advance(2 * time.Hour)
		if _, err := s.OpenUnused("p", other); !errors.Is(err, auth.ErrExpired) {
			t.Errorf("%s: later: %v", name, err)
		}
	}
}
