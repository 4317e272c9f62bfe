package server_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
	"github.com/mcp-notion/mcp-notion/internal/vectors"
	"github.com/mcp-notion/mcp-notion/server"
)

// locked is a buffer for logs.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func vectorsUntil(t *testing.T, s *server.Session, is func(vectors.Status) bool) vectors.Status {
	t.Helper()
	var v *vectors.Status
	waitFor(t, "the vectors", func() bool {
		v = status(t, s).Vectors
		return v != nil && is(*v)
	})
	if v == nil {
		t.FailNow()
	}
	return *v
}

// endpointOf is how an endpoint is reached without a network.
func endpointOf(h http.Handler) embed.Config {
	return embed.Config{URL: "http://endpoint.example/v1", Model: "small", Transport: emulatortest.InProcess(h)}
}

// With an endpoint the passages get vectors and the question is asked of them
// too; when the endpoint goes, the words still answer, and the answer says so.
func TestSearchByMeaning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const key = "sk-secret"
		endpoint := &embedtest.Endpoint{}
		endpoint.Set(embedtest.Behavior{Key: key})
		log := &locked{}
		cfg := alone(t, smallNotion(t, emulator.Config{}))
		cfg.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cfg.Embeddings.Config = endpointOf(endpoint)
		cfg.Embeddings.Key = embed.NewKey(key)
		s := open(t, cfg)
		if _, err := s.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		st := vectorsUntil(t, s, func(v vectors.Status) bool { return v.Total > 0 && v.Done == v.Total })
		if st.Model != "small" || st.Error != "" || st.Total != status(t, s).Coverage.Passages {
			t.Errorf("status %+v", st)
		}
		if text := search(t, s, "weeks for parents"); !strings.Contains(text, "Sixteen weeks") || strings.Contains(text, "words alone") {
			t.Errorf("answer %q", text)
		}
		asked := endpoint.Texts()
		if !slices.Contains(asked, "weeks for parents") || !slices.ContainsFunc(asked, func(s string) bool { return strings.Contains(s, "Scale the workers") }) {
			t.Errorf("embedded %q", asked)
		}
		endpoint.Set(embedtest.Behavior{Instead: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }})
		if text := search(t, s, "workers of the queue"); !strings.Contains(text, "twelve") || !strings.Contains(text, "by words alone") {
			t.Errorf("answer with the endpoint down: %q", text)
		}
		raw, _ := json.Marshal(status(t, s))
		for _, told := range []string{log.String(), string(raw)} {
			if strings.Contains(told, key) || strings.Contains(told, "Sixteen") {
				t.Errorf("the key or text is told: %s", told)
			}
		}
	})
}

// An endpoint that cannot be used is no reason to serve nothing.
func TestWrongEmbeddings(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{})
	cfg := config(dataDir(t), url, secret)
	cfg.Embeddings.Config = embed.Config{URL: "nowhere", Model: "small"}
	s := open(t, cfg)
	if _, err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := search(t, s, "weeks for parents"); !strings.Contains(text, "Sixteen weeks") {
		t.Errorf("answer %q", text)
	}
	if v := status(t, s).Vectors; v == nil || !strings.Contains(v.Error, "address") {
		t.Errorf("status %+v", v)
	}
}

func TestNoEmbeddings(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{})
	s := open(t, config(dataDir(t), url, secret))
	st := status(t, s)
	if st.Vectors != nil {
		t.Errorf("status %+v", st.Vectors)
	}
	if _, err := os.Stat(vectors.Folder(st.Folder)); !os.IsNotExist(err) {
		t.Errorf("a folder for vectors: %v", err)
	}
}

// The connections of a pool share one pacing of the endpoint, and each gets its
// vectors in the end.
func TestConnectionsShareTheEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		endpoint := &embedtest.Endpoint{}
		var underWay, worst atomic.Int64
		cfg := endpointOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n := underWay.Add(1); n > worst.Load() {
				worst.Store(n)
			}
			time.Sleep(time.Second)
			underWay.Add(-1) // before the answer, after which the next one may come
			endpoint.ServeHTTP(w, r)
		}))
		cfg.Pacer = embed.NewPacer(embed.PacerConfig{AtOnce: 1})
		c := newCrowd(t, 6, server.PoolConfig{Poll: 50 * time.Millisecond, Embeddings: server.Embeddings{Config: cfg}})
		for i, m := range c.people {
			c.share(m, i, true)
			if _, err := c.pool.Status(t.Context(), m.conn); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range c.people {
			waitFor(t, "the vectors", func() bool {
				st, err := c.pool.Status(t.Context(), m.conn)
				return err == nil && st.Vectors != nil && st.Vectors.Total > 0 && st.Vectors.Done == st.Vectors.Total
			})
		}
		if n := worst.Load(); n != 1 {
			t.Errorf("%d requests at once, want one", n)
		}
	})
}
