package retrieval_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// halfRead is a workspace whose mirror has used the budget of an hour up, and
// waits. Whoever waits with it does so until the test ends.
func halfRead(t *testing.T, rc retrieval.Config) *world {
	t.Helper()
	const budget = 16 // half of it the mirror spends at once
	rc.WarmWithin, rc.ConfirmWithin = time.Hour, time.Hour
	nc := notion.Config{Pacer: notion.NewPacer(notion.PacerConfig{PerToken: budget, Window: time.Hour})}
	w := pacedWorld(t, company(), nc, emulator.Config{}, rc)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := w.syncer.Sync(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the mirror ended with %v", err)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	for w.syncer.Progress().Requests < budget/2 || w.level("ops/queue.md") != index.Complete {
		if t.Context().Err() != nil {
			t.Fatal("the mirror does not begin")
		}
		time.Sleep(time.Millisecond)
	}
	return w
}

func (w *world) level(path string) index.Level {
	p, _ := w.index.Page(w.id(path))
	return p.Level
}

// Whenever a question comes, and however many come at once, it waits for the page
// that answers it while that is being read, by whomever.
func TestAQuestionWaitsForThePageThatIsBeingRead(t *testing.T) {
	t.Parallel()
	for after := time.Duration(0); after < 3*time.Second; after += 100 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			nc := notion.Config{Pacer: notion.NewPacer(notion.PacerConfig{})}
			w := pacedWorld(t, company(), nc, emulator.Config{Latency: 300 * time.Millisecond}, retrieval.Config{WarmWithin: 4 * time.Second})
			var all sync.WaitGroup
			defer all.Wait()
			all.Go(func() { _, _ = w.syncer.Sync(t.Context()) })
			time.Sleep(after)
			for range 10 {
				all.Go(func() {
					asked := time.Now()
					res := w.ask(retrieval.Query{Text: "scale the workers of the queue"})
					if len(res.Found) == 0 || !strings.Contains(string(res.Found[0].Text), "twelve") {
						t.Errorf("after %v: found %+v, %+v", after, res.Found, res.Coverage)
					}
					if took := time.Since(asked); took > 5*time.Second {
						t.Errorf("after %v: it took %v", after, took)
					}
				})
			}
		})
	}
}

// What is indexed is answered from, however little of the budget is left.
func TestAnswersBesideAMirrorWaitForNoBudget(t *testing.T) {
	t.Parallel()
	w := halfRead(t, retrieval.Config{})
	before := w.syncer.Progress().Requests
	for range 20 {
		res := w.ask(retrieval.Query{Text: "scale the workers of the queue"})
		if len(res.Found) == 0 || !strings.Contains(string(res.Found[0].Text), "twelve") || res.Found[0].Unchecked {
			t.Fatalf("found %+v", res.Found)
		}
	}
	if spent := w.syncer.Progress().Requests - before; spent > 1 { // that is the mirror's own
		t.Errorf("answers from the index took %d requests", spent)
	}
}

// Pages that have not been read are not said not to answer.
func TestNoEvidenceIsNotNoneWhilePagesAreUnread(t *testing.T) {
	t.Parallel()
	w := halfRead(t, retrieval.Config{})
	for _, question := range []string{"zeppelin", "weeks of zeppelin helium mooring regatta yachts"} {
		res := w.ask(retrieval.Query{Text: question})
		c := res.Coverage
		if res.Evidence != retrieval.Unread || c.Settled() || c.Unread() == 0 {
			t.Errorf("%q: %s evidence, coverage %+v", question, res.Evidence, c)
		}
		for _, f := range res.Found {
			if f.Evidence == retrieval.None {
				t.Errorf("%q: no evidence in %q", question, f.Text)
			}
		}
		if least := c.Unread() * 3600 / 16; c.AskAgain < least {
			t.Errorf("ask again in %d s, though %d pages take %d s at least", c.AskAgain, c.Unread(), least)
		}
	}
}

// A page that would have to be asked about, and cannot be, is not quoted as if
// it had been.
func TestBesideAMirrorNothingUnconfirmedIsQuotedAsConfirmed(t *testing.T) {
	t.Parallel()
	q := retrieval.Query{Text: "scale the workers of the queue"}
	w := halfRead(t, retrieval.Config{ConfirmAfter: time.Nanosecond})
	w.ask(q) // which may take what is left
	res := w.ask(q)
	for _, f := range res.Found {
		if !f.Unchecked {
			t.Errorf("quoted as confirmed: %q", f.Text)
		}
	}
	w = halfRead(t, retrieval.Config{ConfirmAfter: time.Nanosecond, Strict: true})
	w.ask(q)
	if res := w.ask(q); len(res.Found) > 0 || len(res.Notes) == 0 {
		t.Errorf("quoted %+v with notes %q", res.Found, res.Notes)
	}
}
