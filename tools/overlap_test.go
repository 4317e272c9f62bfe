package tools

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
)

func TestCommentsThatOverlapArePostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync().patient()
	page := w.page("Travel")
	w.notion.Inject(emulator.Fault{Route: commentRoute, Delay: 50 * time.Millisecond})
	answers := make([]Answer, 3)
	var wg sync.WaitGroup
	for i, place := range []string{page.URL, string(page.ID), page.ID.Compact()} {
		wg.Go(func() { answers[i] = w.call(AppendComment, map[string]any{"page": place, "text": "Once"}) })
	}
	wg.Wait()
	posted := 0
	for _, a := range answers {
		if out := got[CommentOut](t, a); out.Posted {
			posted++
		} else if !out.Duplicate {
			t.Errorf("%+v", out)
		}
	}
	if n := len(w.commentsOn(page.ID)); n != 1 || posted != 1 || w.sent() != 1 {
		t.Errorf("%d comments, %d said to be posted, %d sent, want 1", n, posted, w.sent())
	}
}

// Whatever hangs, a call of append_comment ends, and says what was written.
func TestCommentEndsWhileNotionHangs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault emulator.Fault
		code  string
		want  string
		sent  int
	}{
		"all":  {emulator.Fault{Route: commentRoute, Hang: true}, "timeout", "Nothing was posted, because it could not be checked", 0},
		"look": {emulator.Fault{Method: "GET", Route: commentRoute, Hang: true}, "timeout", "Nothing was posted", 0},
		"post": {emulator.Fault{Method: "POST", Route: commentRoute, Hang: true}, codeUnclear, "not there when looked for", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, handbook(), func(t *testing.T, w *world) {
				w.patient().notion.Inject(c.fault)
				start := time.Now()
				a := w.call(AppendComment, map[string]any{"page": w.page("Travel").URL, "text": "Once"})
				failure(t, a, c.code)
				if took := time.Since(start); took > w.cfg.CommentWithin {
					t.Errorf("it took %v", took)
				}
				if !strings.Contains(a.Text, c.want) || w.sent() != c.sent {
					t.Errorf("sent %d times, want %d: %s", w.sent(), c.sent, a.Text)
				}
			})
		})
	}
}

// When the time is over in the middle of sending, it is still said that the
// outcome is unclear.
func TestCommentTimeIsUpWhileSending(t *testing.T) {
	t.Parallel()
	inBubble(t, handbook(), func(t *testing.T, w *world) {
		cfg := w.cfg
		cfg.PostTimeout = time.Minute
		w.Set = New(cfg)
		w.patient().notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Hang: true})
		a := w.call(AppendComment, map[string]any{"page": w.page("Travel").URL, "text": "Once"})
		failure(t, a, codeUnclear)
		if !strings.Contains(a.Text, "It is not known whether the comment was posted") || !strings.Contains(a.Text, "Call append_comment again") {
			t.Errorf("%s", a.Text)
		}
	})
}

func TestReadEndsWhileNotionHangs(t *testing.T) {
	t.Parallel()
	inBubble(t, handbook(), func(t *testing.T, w *world) {
		w.patient().notion.Inject(emulator.Fault{Hang: true})
		start := time.Now()
		a := w.call(ReadPage, map[string]any{"page": "0a1b0000000000000000000000000001"})
		failure(t, a, "timeout")
		if took := time.Since(start); took > w.cfg.ReadWithin || !strings.Contains(a.Text, "did not hand over this page in time") {
			t.Errorf("after %v: %s", took, a.Text)
		}
	})
}

// The same words as a reply somewhere, or on a block, do not keep a new comment
// from being posted.
func TestSameWordsElsewhereAreNoDuplicate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	block := w.block(page.ID, "Vouchers are never")
	thread := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": "Is this right?"}))
	got[CommentOut](t, w.call(AppendComment, map[string]any{"discussion": thread.URL, "text": "Yes"}))
	for _, args := range []map[string]any{{"page": page.URL}, {"block": string(block)}} {
		args["text"] = "Yes"
		if out := got[CommentOut](t, w.call(AppendComment, args)); out.Duplicate || out.DiscussionID == thread.DiscussionID {
			t.Errorf("a reply was taken for %v: %+v", args, out)
		}
		if out := got[CommentOut](t, w.call(AppendComment, args)); !out.Duplicate {
			t.Errorf("%v was posted twice", args)
		}
	}
	if out := got[CommentOut](t, w.call(AppendComment, map[string]any{"discussion": thread.URL, "text": "Yes"})); !out.Duplicate {
		t.Error("the reply was posted twice")
	}
	if n := len(w.commentsOn(page.ID)) + len(w.commentsOn(block)); n != 4 {
		t.Errorf("%d comments, want 4", n)
	}
}
