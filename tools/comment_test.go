package tools

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
)

const commentRoute = "/v1/comments"

func (w *world) sent() int { return w.notion.Counts()["POST "+commentRoute] }

func TestCommentOnPageBlockAndDiscussion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	block := w.block(page.ID, "Vouchers are never")

	onPage := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": "On the **page**"}))
	if c := w.commentsOn(page.ID); len(c) != 1 || notion.PlainText(c[0].RichText) != "On the page" || string(c[0].ID) != onPage.CommentID || !c[0].RichText[1].Annotations.Bold {
		t.Fatalf("%+v, posted as %+v", c, onPage)
	}
	wantURL := notion.DiscussionURL(page.URL, notion.ID(onPage.DiscussionID))
	if !onPage.Posted || onPage.Duplicate || onPage.Parts != 1 || onPage.URL != wantURL {
		t.Errorf("%+v, want link %s", onPage, wantURL)
	}

	onBlock := got[CommentOut](t, w.call(AppendComment, map[string]any{"block": string(block), "text": "On the block"}))
	if c := w.commentsOn(block); len(c) != 1 || c[0].Parent.BlockID != block {
		t.Errorf("%+v", c)
	}
	wantURL = notion.DiscussionURL(notion.BlockURL(page.URL, block), notion.ID(onBlock.DiscussionID))
	if onBlock.URL != wantURL {
		t.Errorf("link %s, want %s", onBlock.URL, wantURL)
	}

	for text, args := range map[string]map[string]any{
		"by link with anchor": {"page": notion.BlockURL(page.URL, block)},
		"by block link":       {"block": notion.BlockURL(page.URL, block)},
	} {
		args["text"] = text
		got[CommentOut](t, w.call(AppendComment, args))
	}
	if c := w.commentsOn(block); len(c) != 3 {
		t.Errorf("%d comments on the block, want 3", len(c))
	}

	for text, args := range map[string]map[string]any{
		"reply by id":        {"discussion": onPage.DiscussionID},
		"reply by link":      {"discussion": onPage.URL},
		"reply by page link": {"page": onPage.URL},
	} {
		args["text"] = text
		out := got[CommentOut](t, w.call(AppendComment, args))
		if out.DiscussionID != onPage.DiscussionID || out.URL != onPage.URL {
			t.Errorf("%s: %+v, want it in %+v", text, out, onPage)
		}
	}
	if c := w.commentsOn(page.ID); len(c) != 4 {
		t.Errorf("%d comments on the page, want 4", len(c))
	}
}

func TestLongCommentIsOneDiscussion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Travel")
	for name, c := range map[string]struct {
		text  string
		parts int
	}{
		"5,000 characters": {strings.Repeat("🎉 word ", 800), 1},
		"250 styles":       {strings.Repeat("**b** i ", 125), 3},
	} {
		out := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": c.text}))
		whole := ""
		n := 0
		for _, found := range w.commentsOn(page.ID) {
			if string(found.DiscussionID) == out.DiscussionID {
				whole += notion.PlainText(found.RichText)
				n++
			}
		}
		if n != c.parts || out.Parts != c.parts {
			t.Errorf("%s: %d comments in the discussion, said %d, want %d", name, n, out.Parts, c.parts)
		}
		if want := strings.TrimSpace(strings.ReplaceAll(c.text, "**", "")); whole != want {
			t.Errorf("%s: the text changed", name)
		}
	}
}

func TestSameCommentIsNotPostedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Travel")
	args := map[string]any{"page": page.URL, "text": strings.Repeat("**Is** this ", 80)} // two parts
	first := got[CommentOut](t, w.call(AppendComment, args))
	again := w.call(AppendComment, args)
	out := got[CommentOut](t, again)
	if out.Posted || !out.Duplicate || out.CommentID != first.CommentID || out.URL != first.URL || !strings.Contains(again.Text, "Already there") {
		t.Errorf("%+v after %+v: %s", out, first, again.Text)
	}
	if n := len(w.commentsOn(page.ID)); n != 2 || w.sent() != 2 {
		t.Errorf("%d comments, %d sent, want 2", n, w.sent())
	}

	// Another text, another place, another author, and the same a while later
	// are other comments.
	other := w.page("Finance")
	_, err := w.owner.CreateComment(t.Context(), notion.CreateComment{Page: other.ID, RichText: []notion.RichText{notion.Plain("ok")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []map[string]any{{"page": other.URL, "text": "ok"}, {"page": page.URL, "text": "ok"}, {"page": page.URL, "text": "ok?"}} {
		if out := got[CommentOut](t, w.call(AppendComment, args)); out.Duplicate {
			t.Errorf("%v was taken for a duplicate", args)
		}
	}
	w.pass(15 * time.Minute)
	if out := got[CommentOut](t, w.call(AppendComment, args)); out.Duplicate || !out.Posted {
		t.Errorf("a quarter of an hour later: %+v", out)
	}
}

func TestUnclearCommentIsFoundAndNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Travel")
	w.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, CutBody: true, Times: 1})
	out := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": "Once"}))
	c := w.commentsOn(page.ID)
	if len(c) != 1 || w.sent() != 1 {
		t.Fatalf("%d comments, %d sent, want 1", len(c), w.sent())
	}
	if !out.Posted || out.CommentID != string(c[0].ID) || len(out.Notes) != 1 {
		t.Errorf("%+v", out)
	}
}

func TestUnclearCommentThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{"hangs": {Hang: true}, "gateway": {Status: 504}, "fault": {Status: 500}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, handbook(), func(t *testing.T, w *world) {
				page := w.page("Travel")
				fault.Method, fault.Route = "POST", commentRoute
				w.notion.Inject(fault)
				args := map[string]any{"page": page.URL, "text": "Once"}
				a := w.call(AppendComment, args)
				failure(t, a, codeUnclear)
				if !strings.Contains(a.Text, "not there when looked for") || !strings.Contains(a.Text, "Call append_comment again") {
					t.Errorf("%s", a.Text)
				}
				if w.sent() != 1 {
					t.Errorf("sent %d times, want once", w.sent())
				}
				// Doing what the answer says ends with one comment.
				w.notion.ClearFaults()
				got[CommentOut](t, w.call(AppendComment, args))
				got[CommentOut](t, w.call(AppendComment, args))
				if n := len(w.commentsOn(page.ID)); n != 1 {
					t.Errorf("%d comments, want 1", n)
				}
			})
		})
	}
}

func TestUnclearCommentThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), func(k *emulator.Token, _ *Config) { k.NoReadComments = true }).sync()
	page := w.page("Travel")
	w.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, CutBody: true, Times: 1})
	a := w.call(AppendComment, map[string]any{"page": page.URL, "text": "Once"})
	failure(t, a, codeUnclear)
	if !strings.Contains(a.Text, "Do not send it again before the user has looked") {
		t.Errorf("%s", a.Text)
	}
	if n := len(w.commentsOn(page.ID)); n != 1 || w.sent() != 1 {
		t.Errorf("%d comments, %d sent, want 1", n, w.sent())
	}
}

// A text of several comments that broke off goes on where it was.
func TestBrokenOffCommentGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Travel")
	args := map[string]any{"page": page.URL, "text": strings.Repeat("**b** i ", 80)} // two parts
	// The first goes through, the second is refused.
	w.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Delay: time.Nanosecond, Times: 1})
	w.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Status: 400, Times: 1})
	a := w.call(AppendComment, args)
	failure(t, a, "validation")
	if !strings.Contains(a.Text, "1 of 2 parts of the text were posted") {
		t.Errorf("%s", a.Text)
	}
	out := got[CommentOut](t, w.call(AppendComment, args))
	if n := len(w.commentsOn(page.ID)); n != 2 || !out.Posted || out.Duplicate {
		t.Errorf("%d comments, %+v", n, out)
	}
}

func TestCommentWithoutReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), func(k *emulator.Token, _ *Config) { k.NoReadComments = true }).sync()
	page := w.page("Travel")
	a := w.call(AppendComment, map[string]any{"page": page.URL, "text": "Hello"})
	out := got[CommentOut](t, a)
	if !out.Posted || out.CommentID == "" || out.DiscussionID != "" || out.URL != page.URL || !strings.Contains(a.Text, "not checked") {
		t.Errorf("%+v: %s", out, a.Text)
	}
	if n := len(w.commentsOn(page.ID)); n != 1 {
		t.Errorf("%d comments, want 1", n)
	}
}

func TestCommentWithoutTheCapability(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), func(k *emulator.Token, _ *Config) { k.NoComment = true }).sync()
	page := w.page("Travel")
	a := w.call(AppendComment, map[string]any{"page": page.URL, "text": "Hello"})
	failure(t, a, "restricted")
	for _, want := range []string{"Insert comments", "notion.so/profile/integrations", "Whoever manages"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in: %s", want, a.Text)
		}
	}
	if n := len(w.commentsOn(page.ID)); n != 0 {
		t.Errorf("%d comments, want none", n)
	}
}

func TestCommentOnUnknownPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil)
	failure(t, w.call(AppendComment, map[string]any{"page": "0a1b0000000000000000000000000001", "text": "x"}), "not_found")
	if w.sent() != 0 {
		t.Errorf("%d comments were sent", w.sent())
	}
}

// When the comments cannot be read for a passing reason, nothing is written:
// the user can try again, and nobody gets two.
func TestNothingIsPostedUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	w.notion.Inject(emulator.Fault{Method: "GET", Route: commentRoute, Status: 503})
	failure(t, w.call(AppendComment, map[string]any{"page": w.page("Travel").URL, "text": "x"}), "notion_fault")
	if w.sent() != 0 {
		t.Errorf("%d comments were sent", w.sent())
	}
}

func TestCommentCancelledWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), func(_ *emulator.Token, c *Config) { c.PostTimeout = time.Minute }).sync()
	w.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Hang: true})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for w.sent() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	_, err := w.Call(ctx, AppendComment, mustJSON(map[string]any{"page": w.page("Travel").URL, "text": "x"}))
	if !errors.Is(err, context.Canceled) || w.sent() != 1 {
		t.Errorf("%v, sent %d times", err, w.sent())
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func TestCommentGolden(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	args := map[string]any{"page": w.page("Travel").URL, "text": "See [the policy](https://example.com)."}
	first := w.call(AppendComment, args)
	golden.File(t, "testdata/comment.txt", scrub(uuid.ReplaceAllString(first.Text+"\n\n"+w.call(AppendComment, args).Text, "<uuid>")))
}

// What a comment cannot have is made readable, and said.
func TestCommentOfMarkdown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	page := w.page("Refund policy")
	text := "## To do\n\n* ask @Nemo\n\n| a | b |\n| --- | --- |\n| c | d |"
	a := w.call(AppendComment, map[string]any{"page": page.URL, "text": text})
	if out := got[CommentOut](t, a); !out.Posted || len(out.Notes) != 3 || !strings.Contains(a.Text, `Nobody in the workspace is called "@Nemo"`) || !strings.Contains(a.Text, "bold lines") {
		t.Errorf("%s", a.Text)
	}
	posted := notion.PlainText(w.commentsOn(page.ID)[0].RichText)
	if !strings.HasPrefix(posted, "To do\n\n- ask @Nemo") {
		t.Errorf("%q", posted)
	}
	plain := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": "Costs 5 # or a|b, mail a@b.example; see C#.\n- one"}))
	if len(plain.Notes) != 0 {
		t.Errorf("%q", plain.Notes)
	}
}
