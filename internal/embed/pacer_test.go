package embed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator/emulatortest"
	"github.com/mcp-notion/mcp-notion/internal/embed"
	"github.com/mcp-notion/mcp-notion/internal/embed/embedtest"
)

// slowEndpoint holds requests for pages until it is told to go on, and notes
// the order in which they came.
type slowEndpoint struct {
	*embedtest.Endpoint
	goOn chan struct{}

	mu              sync.Mutex
	came            []string
	underWay, worst int
}

func newSlowEndpoint() *slowEndpoint {
	s := &slowEndpoint{Endpoint: &embedtest.Endpoint{}, goOn: make(chan struct{})}
	s.Set(embedtest.Behavior{Instead: func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, text, _ := strings.Cut(string(body), `"input":["`)
		text, _, _ = strings.Cut(text, `"`)
		s.count(text, 1)
		if strings.HasPrefix(text, "page") {
			<-s.goOn
		}
		s.count("", -1)
		_, _ = io.WriteString(w, `{"data":[{"index":0,"embedding":[1,0]}]}`)
	}})
	return s
}

func (s *slowEndpoint) count(text string, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underWay += by
	s.worst = max(s.worst, s.underWay)
	if text != "" {
		s.came = append(s.came, text)
	}
}

func (s *slowEndpoint) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.came)
}

// of is the way of one connection to an endpoint, without a network.
func of(t *testing.T, e *embedtest.Endpoint, owner string, p *embed.Pacer) *embed.Embedder {
	t.Helper()
	em, err := embed.New(embed.Config{URL: "http://127.0.0.1/v1", Model: "small", Pacer: p, Owner: owner, Transport: emulatortest.InProcess(e)})
	if err != nil {
		t.Fatal(err)
	}
	return em
}

// However many pages of many connections wait, a question finds a way, and the
// endpoint never sees more than it may.
func TestQuestionsGoBeforePages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSlowEndpoint()
		pacer := embed.NewPacer(embed.PacerConfig{AtOnce: 4})
		var all sync.WaitGroup
		for i := range 20 {
			em := of(t, s.Endpoint, fmt.Sprint("owner", i%5), pacer)
			all.Go(func() {
				if _, err := em.Passages(t.Context(), []string{fmt.Sprint("page ", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if _, err := of(t, s.Endpoint, "owner1", pacer).Queries(t.Context(), []string{"question"}); err != nil {
			t.Errorf("a question beside pages: %v", err)
		}
		if came := s.seen(); len(came) != 4 || came[3] != "question" {
			t.Errorf("came %q", came)
		}
		close(s.goOn)
		all.Wait()
		if s.worst > 4 || len(s.seen()) != 21 {
			t.Errorf("%d at once, %d in all", s.worst, len(s.seen()))
		}
	})
}

func TestConnectionsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSlowEndpoint()
		pacer := embed.NewPacer(embed.PacerConfig{AtOnce: 1})
		send := func(owner string, n int) {
			em := of(t, s.Endpoint, owner, pacer)
			for i := range n {
				go func() { _, _ = em.Passages(t.Context(), []string{fmt.Sprint("page of ", owner, i)}) }()
			}
			synctest.Wait() // all of them are in the queue
		}
		send("busy", 12)
		send("calm", 1)
		close(s.goOn)
		synctest.Wait()
		if i := slices.Index(s.seen(), "page of calm0"); i < 0 || i > 2 || len(s.seen()) != 13 {
			t.Errorf("the calm one was number %d: %q", i+1, s.seen())
		}
	})
}

// When the endpoint says when to come again, nobody comes before, whoever heard
// it; then they do.
func TestBusyEndpointIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &embedtest.Endpoint{}
		e.Set(embedtest.Behavior{Instead: reply(429, "Retry-After: 60", "")})
		pacer := embed.NewPacer(embed.PacerConfig{})
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err := of(t, e, fmt.Sprint(i), pacer).Queries(ctx, []string{"a"})
			cancel()
			if got := busyFor(err); got != time.Minute {
				t.Errorf("owner %d: %v, %+v", i, got, err)
			}
		}
		if n := e.Requests(); n != 1 {
			t.Errorf("%d requests, want that of the first alone", n)
		}
		e.Set(embedtest.Behavior{})
		checkPassesAfter(t, of(t, e, "3", pacer), time.Minute)
	})
}

// A header that asks for a day holds up nobody for more than minutes: then the
// endpoint is tried again.
func TestNoPauseForADay(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func() string{
		"seconds": func() string { return "86400" },
		"a date":  func() string { return time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat) },
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &embedtest.Endpoint{}
			e.Set(embedtest.Behavior{Instead: reply(429, "Retry-After: "+after(), "")})
			pacer := embed.NewPacer(embed.PacerConfig{})
			_, err := of(t, e, "a", pacer).Queries(t.Context(), []string{"a"})
			if got := busyFor(err); got != 10*time.Minute {
				t.Errorf("%s: told %v, %v", name, got, err)
			}
			e.Set(embedtest.Behavior{})
			checkPassesAfter(t, of(t, e, "b", pacer), 10*time.Minute)
		})
	}
}

// busyFor is how long an endpoint that is busy is to be left alone.
func busyFor(err error) time.Duration {
	var failed *embed.Error
	if errors.As(err, &failed) && failed.Kind == embed.Busy {
		return failed.After
	}
	return 0
}

// checkPassesAfter fails unless a request that has all time waits so long, and
// no longer.
func checkPassesAfter(t *testing.T, em *embed.Embedder, want time.Duration) {
	t.Helper()
	start := time.Now()
	if _, err := em.Passages(t.Context(), []string{"a"}); err != nil || time.Since(start) != want {
		t.Errorf("passed after %v, want %v: %v", time.Since(start), want, err)
	}
}
