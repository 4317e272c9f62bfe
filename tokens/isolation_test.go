package tokens_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/workos"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

const (
	subjects      = 1000
	organizations = 20
)

// crowd is many people at once in front of one cache and one WorkOS.
type crowd struct {
	fake   *fake.Server
	cache  *tokens.Cache
	log    lockedBuffer
	good   atomic.Int64
	serial atomic.Int64
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// RoundTrip asks the fake without a network, because of the clock.
func (w *crowd) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
	if rand.IntN(50) == 0 {
		return nil, errors.New("connection reset")
	}
	rec := httptest.NewRecorder()
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	w.fake.ServeHTTP(rec, copied)
	return rec.Result(), nil
}

func newCrowd(t *testing.T) *crowd {
	w := &crowd{fake: fake.New("sk_crowd")}
	b, err := workos.New(workos.Config{
		APIKey:      tokens.NewToken("sk_crowd", time.Time{}),
		Issuer:      "i",
		HTTP:        &http.Client{Transport: w},
		Connections: map[tokens.Handle]workos.Target{"my-notion": {}, "handbook": {Shared: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.cache = tokens.Cached(b.Source(), tokens.CacheConfig{Max: subjects / 2, Log: slog.New(slog.NewJSONHandler(&w.log, nil))})
	for i := range subjects {
		w.fake.AddUser(member(i).User, member(i).Organization)
	}
	return w
}

func member(i int) auth.Subject {
	return auth.Subject{Issuer: "i", Organization: fmt.Sprintf("org_%d", i%organizations), User: fmt.Sprintf("user_%d", i)}
}

// grant connects an owner with a token that names the connection.
func (w *crowd) grant(c tokens.Connection) {
	w.fake.Connect(fake.Account{
		User: c.Subject.User, Organization: c.Subject.Organization,
		Secret: fmt.Sprintf("ntn_%s_%d", c.Key(), w.serial.Add(1)),
	})
}

// TestIsolation lets a thousand people ask, connect again, disconnect and have
// their tokens refused, all at once: nobody gets another's token, nothing shows
// in logs and errors, and nothing runs on afterwards.
func TestIsolation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newCrowd(t)
		var wg sync.WaitGroup
		for i := range subjects {
			wg.Go(func() { w.live(t, i) })
		}
		wg.Wait()
		if n := w.good.Load(); n < subjects {
			t.Errorf("only %d tokens were handed out", n)
		}
		if s := w.log.String(); strings.Contains(s, "ntn_") || strings.Contains(s, "sk_") || strings.Contains(s, "user_") {
			t.Errorf("the log shows a secret or a name: %.500s", s)
		}
	})
}

// live is the life of one person.
func (w *crowd) live(t *testing.T, i int) {
	who := member(i)
	own := tokens.Connection{Subject: who, Handle: "my-notion"}
	shared, err := tokens.Connection{Subject: who, Handle: "handbook"}.Shared()
	if err != nil {
		t.Error(err)
		return
	}
	ctx := tokens.WithCaller(t.Context(), tokens.Caller{Subject: who})
	w.grant(own)
	w.grant(shared)
	for range 8 {
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Millisecond)
		for _, c := range []tokens.Connection{own, shared} {
			tok := w.ask(ctx, t, c)
			switch rand.IntN(8) {
			case 0:
				w.cache.Invalidate(ctx, c, tok)
			case 1:
				w.cache.Forget(c)
			case 2:
				w.grant(c)
				w.cache.Forget(c)
			case 3:
				w.cache.Disconnect(ctx, c)
			case 4:
				impatient, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
				w.ask(impatient, t, c)
				cancel()
			}
		}
		w.trespass(ctx, t, i)
	}
}

func (w *crowd) ask(ctx context.Context, t *testing.T, c tokens.Connection) tokens.Token {
	tok, err := w.cache.Token(ctx, c)
	if err != nil && strings.Contains(err.Error(), "ntn_") {
		t.Errorf("an error shows a secret: %v", err)
	}
	if (err == nil) != strings.HasPrefix(tok.Reveal(), "ntn_"+c.Key()+"_") {
		t.Errorf("%+v got %q, %v", c, tok.Reveal(), err)
	}
	if err == nil {
		w.good.Add(1)
	}
	return tok
}

// trespass tries what is another organization's.
func (w *crowd) trespass(ctx context.Context, t *testing.T, i int) {
	theirs, err := tokens.Connection{Subject: member(i + 1), Handle: "handbook"}.Shared()
	if err != nil {
		t.Error(err)
	}
	if tok, err := w.cache.Token(ctx, theirs); err == nil {
		t.Errorf("%+v got %q of %+v", member(i), tok.Reveal(), theirs)
	}
}
