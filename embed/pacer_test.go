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
	"time"

	"github.com/mcp-notion/mcp-notion/embed"
	"github.com/mcp-notion/mcp-notion/embed/embedtest"
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

func newSlowEndpoint(t *testing.T) *slowEndpoint {
	s := &slowEndpoint{Endpoint: embedtest.New(t), goOn: make(chan struct{})}
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

// of is the way of one connection to the endpoint.
func (s *slowEndpoint) of(t *testing.T, owner string, p *embed.Pacer) *embed.Embedder {
	t.Helper()
	em, err := embed.New(embed.Config{URL: s.URL, Model: "small", Pacer: p, Owner: owner})
	if err != nil {
		t.Fatal(err)
	}
	return em
}

func (s *slowEndpoint) waitFor(t *testing.T, n int) {
	t.Helper()
	for range 24_000 { // two minutes, so that a slow machine is waited for
		if len(s.seen()) >= n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%v came, want %d", s.seen(), n)
}

// However many pages of many connections wait, a question finds a way, and the
// endpoint never sees more than it may.
func TestQuestionsGoBeforePages(t *testing.T) {
	t.Parallel()
	s := newSlowEndpoint(t)
	pacer := embed.NewPacer(embed.PacerConfig{AtOnce: 4})
	var all sync.WaitGroup
	for i := range 20 {
		em := s.of(t, fmt.Sprint("owner", i%5), pacer).Background().As("large")
		all.Go(func() {
			if _, err := em.Embed(t.Context(), []string{fmt.Sprint("page ", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	s.waitFor(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := s.of(t, "owner1", pacer).Embed(ctx, []string{"question"}); err != nil {
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
}

func TestConnectionsTakeTurns(t *testing.T) {
	t.Parallel()
	s := newSlowEndpoint(t)
	pacer := embed.NewPacer(embed.PacerConfig{AtOnce: 1})
	var all sync.WaitGroup
	send := func(owner string, n int) {
		em := s.of(t, owner, pacer).Background()
		for i := range n {
			all.Go(func() { _, _ = em.Embed(t.Context(), []string{fmt.Sprint("page of ", owner, i)}) })
		}
	}
	send("busy", 12)
	s.waitFor(t, 1)
	time.Sleep(50 * time.Millisecond) // all of them are in the queue
	send("calm", 1)
	time.Sleep(50 * time.Millisecond)
	close(s.goOn)
	all.Wait()
	if i := slices.Index(s.seen(), "page of calm0"); i < 0 || i > 2 {
		t.Errorf("the calm one was number %d: %q", i+1, s.seen())
	}
}

// When the endpoint says when to come again, nobody comes before, whoever heard
// it.
func TestBusyEndpointIsLeftAlone(t *testing.T) {
	t.Parallel()
	e := embedtest.New(t)
	e.Set(embedtest.Behavior{Instead: reply(429, "Retry-After: 60", "")})
	pacer := embed.NewPacer(embed.PacerConfig{})
	for i := range 3 {
		em, err := embed.New(embed.Config{URL: e.URL, Model: "small", Pacer: pacer, Owner: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err = em.Embed(ctx, []string{"a"})
		cancel()
		var failed *embed.Error
		if !errors.As(err, &failed) || failed.Kind != embed.Busy || failed.After < 50*time.Second || failed.After > time.Minute {
			t.Errorf("owner %d: %+v", i, err)
		}
	}
	if n := e.Requests(); n != 1 {
		t.Errorf("%d requests, want that of the first alone", n)
	}
}
