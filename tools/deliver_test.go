package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/audit"
	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// kept is a world with an outbox and an audit.
type kept struct {
	*world
	box   *outbox.Box
	dir   string
	trail bytes.Buffer
}

func newKept(t *testing.T, change func(*emulator.Token, *Config)) *kept {
	t.Helper()
	k := &kept{dir: t.TempDir()}
	var clock func() time.Time
	k.world = newWorld(t, office(), func(tok *emulator.Token, c *Config) {
		if change != nil {
			change(tok, c)
		}
		clock = c.Now
		box, err := outbox.Open(outbox.Config{Dir: k.dir, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		k.box, c.Outbox = box, box
		c.Audit = audit.New(&k.trail, nil).For(tokens.Connection{Handle: tokens.DefaultHandle})
	}).sync()
	return k
}

// busyFor makes Notion refuse everything for a while.
func (k *kept) busyFor(seconds int) {
	k.notion.Inject(emulator.Fault{Status: 429, RetryAfter: seconds, Reason: "public_api_request_rate_limit"})
}

// free ends that, and lets a client ask that has not been told to wait.
func (k *kept) free(after time.Duration) {
	k.notion.ClearFaults()
	k.client = k.once()
	k.pass(after)
}

func (k *kept) deliver() {
	k.t.Helper()
	if err := k.DeliverDue(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// state is what pending_writes says of one write.
func (k *kept) state(id string) PendingWrite {
	k.t.Helper()
	out := got[PendingOut](k.t, k.call(PendingWrites, map[string]any{"write_id": id}))
	if len(out.Writes) != 1 {
		k.t.Fatalf("%+v", out)
	}
	return out.Writes[0]
}

// entries are the lines of the audit, less what is the same in all.
func (k *kept) entries() (out []audit.Entry) {
	k.t.Helper()
	for line := range strings.Lines(k.trail.String()) {
		var e audit.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			k.t.Fatal(err)
		}
		if len(e.Connection) != 32 || len(e.Subject) != 32 || e.Time.IsZero() {
			k.t.Errorf("%s", line)
		}
		out = append(out, e)
	}
	return out
}

func TestBusyNotionKeepsTheComment(t *testing.T) {
	t.Parallel()
	k := newKept(t, nil)
	page := k.page("Team")
	args := map[string]any{"page": page.URL, "text": "Confidential *remark*"}
	k.busyFor(120)
	a := k.call(AppendComment, args)
	out := got[CommentOut](t, a)
	if out.WriteID == "" || out.Posted || out.Duplicate || k.sent() != 0 {
		t.Fatalf("%+v, %d sent: %s", out, k.sent(), a.Text)
	}
	for _, want := range []string{"Not posted yet", "2 minutes", out.WriteID, "do not call append_comment", "pending_writes"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("no %q in %s", want, a.Text)
		}
	}
	if again := got[CommentOut](t, k.call(AppendComment, args)); again.WriteID != out.WriteID {
		t.Errorf("kept twice: %+v", again)
	}
	if s := k.state(out.WriteID); s.State != "waiting" || s.What.Plain() != "Confidential *remark*" || s.URL != page.URL || s.Why != "Notion is busy" {
		t.Errorf("%+v", s)
	}

	k.free(time.Minute)
	k.deliver()
	if k.sent() != 0 {
		t.Fatal("it was sent before its time")
	}
	k.pass(2 * time.Minute)
	k.deliver()
	k.deliver()
	c := k.commentsOn(page.ID)
	if len(c) != 1 || notion.PlainText(c[0].RichText) != "Confidential remark" {
		t.Fatalf("%+v", c)
	}
	s := k.state(out.WriteID)
	if s.State != "done" || s.What != "" || !strings.HasPrefix(s.URL, page.URL) || s.Attempts != 1 {
		t.Errorf("%+v", s)
	}
	if again := got[CommentOut](t, k.call(AppendComment, args)); !again.Duplicate || again.CommentID != string(c[0].ID) {
		t.Errorf("posted again: %+v", again)
	}
	k.check([]audit.Entry{
		{Action: audit.Comment, Target: string(page.ID), Outcome: audit.Deferred, Write: out.WriteID},
		{Action: audit.Comment, Target: string(c[0].ID), Outcome: audit.Done, Write: out.WriteID},
		{Action: audit.Comment, Target: string(c[0].ID), Outcome: audit.Done, Duplicate: true},
	})
}

// check compares the audit, and makes sure that it has no text and no token.
func (k *kept) check(want []audit.Entry) {
	k.t.Helper()
	all := k.entries()
	if len(all) != len(want) {
		k.t.Fatalf("%d entries, want %d:\n%s", len(all), len(want), k.trail.String())
	}
	for i, e := range all {
		e.Time, e.Connection, e.Subject, e.RequestID = time.Time{}, "", "", ""
		if e != want[i] {
			k.t.Errorf("entry %d: %+v, want %+v", i, e, want[i])
		}
	}
	for _, secret := range []string{"Confidential", "Team", tested, "First call"} {
		if strings.Contains(k.trail.String(), secret) {
			k.t.Errorf("the audit has %q", secret)
		}
	}
}

func TestBusyNotionKeepsTheRow(t *testing.T) {
	t.Parallel()
	k := newKept(t, nil)
	args := map[string]any{"parent": "Log", "title": "Confidential call", "properties": map[string]any{"Status": "open", "Amount": "1,250.50"}}
	k.busyFor(600)
	a := k.call(CreatePage, args)
	out := got[CreateOut](t, a)
	if out.WriteID == "" || out.Created || !strings.Contains(a.Text, "10 minutes") {
		t.Fatalf("%+v: %s", out, a.Text)
	}
	if bad := k.call(CreatePage, map[string]any{"parent": "Log", "title": "x", "properties": map[string]any{"Amount": "much"}}); !bad.IsError {
		t.Errorf("nothing is checked: %s", bad.Text)
	}
	k.free(11 * time.Minute)
	k.deliver()
	s := k.state(out.WriteID)
	if s.State != "done" || k.rowsByTitle()["Confidential call"] != 1 {
		t.Fatalf("%+v", s)
	}
	if read := k.call(ReadPage, map[string]any{"page": s.URL}); !strings.Contains(read.Text, "Amount: 1250.5") {
		t.Errorf("%s", read.Text)
	}
	if again := got[CreateOut](t, k.call(CreatePage, args)); !again.Duplicate {
		t.Errorf("made twice: %+v", again)
	}
}

func TestWhoMindsIsTold(t *testing.T) {
	t.Parallel()
	k := newKept(t, nil)
	k.busyFor(120)
	a := k.call(AppendComment, map[string]any{"page": k.page("Team").URL, "text": "Confidential", "later": false})
	failure(t, a, "rate_limited")
	if n := len(k.box.Items()); n != 0 || !strings.Contains(a.Text, "Nothing was posted") {
		t.Errorf("%d kept: %s", n, a.Text)
	}
	k.check([]audit.Entry{{Action: audit.Comment, Target: string(k.page("Team").ID), Outcome: audit.Failed, Error: "rate_limited"}})
	w := newWorld(t, office(), nil).sync() // no outbox
	w.notion.Inject(emulator.Fault{Status: 429, RetryAfter: 120})
	failure(t, w.call(AppendComment, map[string]any{"page": w.page("Team").URL, "text": "x"}), "rate_limited")
	if a := w.call(PendingWrites, nil); a.IsError || !strings.Contains(a.Text, "Nothing is waiting") {
		t.Errorf("%s", a.Text)
	}
}

func TestCancelledWriteIsNotMade(t *testing.T) {
	t.Parallel()
	k := newKept(t, nil)
	k.busyFor(60)
	id := got[CommentOut](t, k.call(AppendComment, map[string]any{"page": k.page("Team").URL, "text": "Confidential"})).WriteID
	if a := k.call(PendingWrites, map[string]any{"cancel": true}); !a.IsError {
		t.Errorf("%s", a.Text)
	}
	if a := k.call(PendingWrites, map[string]any{"write_id": "w0", "cancel": true}); !a.IsError || !strings.Contains(a.Text, `no write "w0"`) {
		t.Errorf("%s", a.Text)
	}
	for range 2 { // asking twice is harmless
		out := got[PendingOut](t, k.call(PendingWrites, map[string]any{"write_id": id, "cancel": true}))
		if out.Writes[0].State != "cancelled" {
			t.Errorf("%+v", out)
		}
	}
	k.free(time.Hour)
	k.deliver()
	if k.sent() != 0 {
		t.Error("it was posted")
	}
	team := string(k.page("Team").ID)
	k.check([]audit.Entry{
		{Action: audit.Comment, Target: team, Outcome: audit.Deferred, Write: id},
		{Action: audit.Comment, Target: team, Outcome: audit.Cancelled, Write: id},
	})
}

func TestWriteIsGivenUp(t *testing.T) {
	t.Parallel()
	k := newKept(t, nil)
	k.busyFor(3600)
	id := got[CommentOut](t, k.call(AppendComment, map[string]any{"page": k.page("Team").URL, "text": "Confidential"})).WriteID
	for range 30 {
		k.pass(time.Hour)
		k.client = k.once()
		k.deliver()
	}
	s := k.state(id)
	if s.State != "failed" || !strings.Contains(string(s.Why), "given up") || s.What != "" || k.sent() != 0 {
		t.Errorf("%+v, %d sent", s, k.sent())
	}
	k.free(0)
	k.deliver()
	if k.sent() != 0 {
		t.Error("it was posted after all")
	}
}

// What Notion refuses for good fails, and what will pass is tried again.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault emulator.Fault
		state string
		why   string
	}{
		"refused":     {emulator.Fault{Method: "POST", Route: commentRoute, Status: 400}, "failed", "Nothing was posted"},
		"may not":     {emulator.Fault{Method: "POST", Route: commentRoute, Status: 403}, "failed", "Insert comments"},
		"gone":        {emulator.Fault{Method: "GET", Route: commentRoute, Status: 404}, "failed", "Notion shows no such page"},
		"busy":        {emulator.Fault{Method: "POST", Route: commentRoute, Status: 429, RetryAfter: 300}, "waiting", "limits how often"},
		"look fails":  {emulator.Fault{Method: "GET", Route: commentRoute, Status: 503}, "waiting", "Notion had a fault"},
		"is unclear":  {emulator.Fault{Method: "POST", Route: commentRoute, Status: 502}, "sending", "answer was lost"},
		"token ended": {emulator.Fault{Status: 401}, "waiting", "does not accept the token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKept(t, nil)
			k.busyFor(60)
			id := got[CommentOut](t, k.call(AppendComment, map[string]any{"page": k.page("Team").URL, "text": "Once"})).WriteID
			k.free(time.Minute)
			k.notion.Inject(c.fault)
			k.deliver()
			s := k.state(id)
			if s.State != c.state || !strings.Contains(string(s.Why), c.why) {
				t.Fatalf("%+v, want %s: %s", s, c.state, c.why)
			}
			k.free(10 * time.Minute)
			k.deliver()
			n := len(k.commentsOn(k.page("Team").ID))
			if s := k.state(id); c.state == "failed" && n != 0 || c.state != "failed" && (n != 1 || s.State != "done") {
				t.Errorf("%d comments; %+v", n, s)
			}
		})
	}
}

// A write that was being sent when the process was killed is looked up. Where
// that cannot be done it is not sent again.
func TestResumedWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arrived bool
		blind   bool
		state   string
		there   int
	}{
		"had arrived":                 {arrived: true, state: "done", there: 1},
		"had not":                     {state: "done", there: 1},
		"had arrived, not to be seen": {arrived: true, blind: true, state: "unclear", there: 1},
		"had not, not to be seen":     {blind: true, state: "unclear", there: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKept(t, func(tok *emulator.Token, _ *Config) { tok.NoReadComments = c.blind })
			page := k.page("Team")
			k.busyFor(60)
			id := got[CommentOut](t, k.call(AppendComment, map[string]any{"page": page.URL, "text": "Once"})).WriteID
			k.free(time.Minute)
			// The process is killed while it sends: before or after Notion acts.
			if !c.arrived {
				k.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Status: 502})
			} else {
				k.notion.Inject(emulator.Fault{Method: "POST", Route: commentRoute, Delay: time.Nanosecond})
			}
			ctx := t.Context()
			err := k.box.Due(ctx, func(_ context.Context, i outbox.Item) outbox.Verdict {
				what, err := kinds[i.Kind].read(i.Payload)
				if err != nil {
					t.Error(err)
				}
				_, _ = k.writer.Do(ctx, what, writing.Try{Client: k.client, Began: i.Made})
				k.box.Close()
				return outbox.Verdict{}
			})
			if err != nil {
				t.Fatal(err)
			}
			k.free(2 * time.Minute)
			k.restart()
			sent := k.sent()
			k.deliver()
			if s := k.state(id); s.State != c.state || len(k.commentsOn(page.ID)) != c.there {
				t.Errorf("%+v, %d comments", s, len(k.commentsOn(page.ID)))
			}
			if c.blind && k.sent() != sent {
				t.Error("it was sent again unseen")
			}
		})
	}
}

// restart opens the outbox as a new process does.
func (k *kept) restart() {
	k.t.Helper()
	box, err := outbox.Open(outbox.Config{Dir: k.dir, Now: k.now})
	if err != nil {
		k.t.Fatal(err)
	}
	k.box = box
	cfg := k.cfg
	cfg.Outbox = box
	k.Set = New(cfg)
}
