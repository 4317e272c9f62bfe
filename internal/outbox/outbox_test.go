package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/outbox"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, dir string, c *clock) *outbox.Box {
	t.Helper()
	b, err := outbox.Open(outbox.Config{Dir: dir, Now: c.now, Owner: json.RawMessage(`{"user":"u"}`)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func keep(t *testing.T, b *outbox.Box, text string, at time.Time) outbox.Item {
	t.Helper()
	i, err := b.Keep(outbox.Write{Kind: "comment", Payload: fmt.Appendf(nil, "{\"text\":%q}", text), By: "ab", NotBefore: at, Why: "busy"})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// sent notes what a sender is given, and answers always the same.
func sent(v outbox.Verdict, all *[]outbox.Item) outbox.Sender {
	return func(_ context.Context, i outbox.Item) outbox.Verdict {
		*all = append(*all, i)
		return v
	}
}

func due(t *testing.T, b *outbox.Box, send outbox.Sender) {
	t.Helper()
	if err := b.Due(t.Context(), send); err != nil {
		t.Fatal(err)
	}
}

func item(t *testing.T, b *outbox.Box, id string) outbox.Item {
	t.Helper()
	i, err := b.Item(id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestKeptWriteIsSentOnce(t *testing.T) {
	t.Parallel()
	dir, c := filepath.Join(t.TempDir(), "outbox"), &clock{morning}
	b := open(t, dir, c)
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder is made before anything is kept")
	}
	i := keep(t, b, "secret words", morning.Add(time.Minute))
	b.Close()

	b = open(t, dir, c)
	var all []outbox.Item
	done := sent(outbox.Verdict{State: outbox.Done, URL: "https://n/1", Target: "1"}, &all)
	due(t, b, done)
	if at, ok := b.Next(); len(all) != 0 || !ok || !at.Equal(morning.Add(time.Minute)) {
		t.Fatalf("sent %d before its time; next %v, %v", len(all), at, ok)
	}
	c.at = c.at.Add(time.Minute)
	due(t, b, done)
	due(t, b, done)
	if len(all) != 1 || string(all[0].Payload) != `{"text":"secret words"}` || all[0].Resumed || all[0].By != "ab" {
		t.Fatalf("sent %+v", all)
	}
	got := item(t, open(t, dir, c), i.ID)
	if got.State != outbox.Done || got.URL != "https://n/1" || got.Target != "1" || got.Payload != nil || got.Attempts != 1 {
		t.Errorf("%+v", got)
	}
	info, err := os.Stat(filepath.Join(dir, i.ID+".json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, i.ID+".json"))
	if err != nil || strings.Contains(string(data), "secret") {
		t.Errorf("the text is still there: %s, %v", data, err)
	}
	if _, ok := b.Next(); ok {
		t.Error("something is still due")
	}
}

// A process that is killed while it sends leaves a write that may have arrived:
// the next one leaves it time to arrive, and is told.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), &clock{morning}
	b := open(t, dir, c)
	i := keep(t, b, "x", morning)
	due(t, b, func(context.Context, outbox.Item) outbox.Verdict {
		b.Close() // as if killed: nothing more is noted
		return outbox.Verdict{State: outbox.Done}
	})
	b = open(t, dir, c)
	var all []outbox.Item
	lost := sent(outbox.Verdict{Why: "lost"}, &all)
	c.at = morning.Add(60 * time.Second)
	due(t, b, lost)
	if s := item(t, b, i.ID).State; len(all) != 0 || s != outbox.Sending {
		t.Fatalf("%s; sent %d times while it may still arrive", s, len(all))
	}
	c.at = morning.Add(71 * time.Second)
	due(t, b, lost)
	if len(all) != 1 || !all[0].Resumed || all[0].Attempts != 2 {
		t.Fatalf("%+v", all)
	}
	if _, err := b.Cancel(i.ID); !errors.Is(err, outbox.ErrUnderWay) {
		t.Errorf("a write that may have arrived was cancelled: %v", err)
	}
	c.at = c.at.Add(71 * time.Second) // what is not known is asked again, later
	due(t, b, sent(outbox.Verdict{State: outbox.Waiting, NotBefore: c.at.Add(time.Hour)}, &all))
	if len(all) != 2 || !all[1].Resumed {
		t.Fatalf("%+v", all)
	}
	c.at = c.at.Add(time.Hour)
	due(t, b, lost)
	if len(all) != 3 || all[2].Resumed {
		t.Errorf("a write that is known not to have arrived is not sent as new: %+v", all)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), &clock{morning}
	b := open(t, dir, c)
	i := keep(t, b, "x", morning)
	if got, err := b.Cancel(i.ID); err != nil || got.State != outbox.Cancelled {
		t.Fatalf("%+v, %v", got, err)
	}
	var all []outbox.Item
	due(t, open(t, dir, c), sent(outbox.Verdict{State: outbox.Done}, &all))
	if len(all) != 0 {
		t.Error("a cancelled write was sent")
	}
	if _, err := b.Cancel(i.ID); !errors.Is(err, outbox.ErrUnderWay) {
		t.Error(err)
	}
	if _, err := b.Cancel("../x"); !errors.Is(err, outbox.ErrUnknown) {
		t.Error(err)
	}
}

func TestTheSameIsKeptOnce(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), &clock{morning}
	b := open(t, dir, c)
	first := keep(t, b, "x", morning)
	b = open(t, dir, c)
	if again := keep(t, b, "x", morning); again.ID != first.ID || len(b.Items()) != 1 {
		t.Errorf("%+v after %+v", again, first)
	}
	if other := keep(t, b, "y", morning); other.ID == first.ID {
		t.Error("another text is taken for the same")
	}
	var all []outbox.Item
	due(t, b, sent(outbox.Verdict{State: outbox.Done}, &all))
	if _, ok := b.Find("comment", first.Payload); ok {
		t.Error("a write that is done is found")
	}
	if again := keep(t, b, "x", morning); again.ID == first.ID {
		t.Error("a write that is done is kept again as itself")
	}
}

func TestOnlySoManyWait(t *testing.T) {
	t.Parallel()
	c := &clock{morning}
	b, err := outbox.Open(outbox.Config{Dir: t.TempDir(), Now: c.now, Most: 2})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, b, "1", morning)
	i := keep(t, b, "2", morning)
	if _, err := b.Keep(outbox.Write{Kind: "comment", Payload: json.RawMessage(`3`)}); !errors.Is(err, outbox.ErrFull) {
		t.Error(err)
	}
	if _, err := b.Cancel(i.ID); err != nil {
		t.Fatal(err)
	}
	keep(t, b, "3", morning)
	b.Close()
	if _, err := b.Keep(outbox.Write{}); !errors.Is(err, outbox.ErrClosed) {
		t.Error(err)
	}
}

func TestWhatEndedIsForgotten(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), &clock{morning}
	b := open(t, dir, c)
	keep(t, b, "x", morning)
	var all []outbox.Item
	due(t, b, sent(outbox.Verdict{State: outbox.Failed}, &all))
	c.at = morning.Add(6 * 24 * time.Hour)
	if n := len(open(t, dir, c).Items()); n != 1 {
		t.Errorf("%d are remembered after six days", n)
	}
	c.at = morning.Add(8 * 24 * time.Hour)
	if n := len(open(t, dir, c).Items()); n != 0 {
		t.Errorf("%d are remembered after eight days", n)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestDamagedFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), &clock{morning}
	b := open(t, dir, c)
	i := keep(t, b, "x", morning)
	for name, text := range map[string]string{"wbad.json": `{"id":"wbad","st`, "wother.json": `{"id":"w1","state":"done"}`, "wstate.json": `{"id":"wstate","state":"?"}`, "w1.json.new": "half"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b = open(t, dir, c)
	if all := b.Items(); len(all) != 1 || all[0].ID != i.ID {
		t.Errorf("%+v", all)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 4 {
		t.Errorf("%v, %v: what is damaged stays, what is half written goes", left, err)
	}
	if got, ok := outbox.Peek(dir); !ok || got.ID != i.ID || string(got.Owner) != `{"user":"u"}` {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := outbox.Peek(filepath.Join(dir, "none")); ok {
		t.Error("something waits in no folder")
	}
}

// Where nothing can be written down, nothing is sent.
func TestNothingIsSentUnnoted(t *testing.T) {
	t.Parallel()
	dir, c := filepath.Join(t.TempDir(), "outbox"), &clock{morning}
	b := open(t, dir, c)
	keep(t, b, "x", morning)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	var all []outbox.Item
	if err := b.Due(t.Context(), sent(outbox.Verdict{State: outbox.Done}, &all)); err == nil || len(all) != 0 {
		t.Errorf("%v, %d sent", err, len(all))
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, err := outbox.Open(outbox.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var at []time.Duration
		start := time.Now()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.Run(ctx, func(_ context.Context, i outbox.Item) outbox.Verdict {
				at = append(at, time.Since(start))
				if i.Attempts == 1 {
					return outbox.Verdict{State: outbox.Waiting, NotBefore: time.Now().Add(time.Minute)}
				}
				return outbox.Verdict{State: outbox.Done}
			})
		}()
		synctest.Wait()
		keep(t, b, "x", start.Add(10*time.Second)) // wakes Run up
		time.Sleep(time.Hour)
		stop()
		<-ended
		if fmt.Sprint(at) != "[10s 1m10s]" {
			t.Errorf("sent at %v", at)
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"id":"w1","kind":"comment","state":"sending","sent":"2026-11-20T09:00:00Z","payload":{"text":"x"}}`))
	f.Add([]byte(`{"id":"w1","state":"waiting","attempts":-1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "w1.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := outbox.Open(outbox.Config{Dir: dir, Now: (&clock{morning}).now})
		if err != nil {
			t.Fatal(err)
		}
		_ = b.Due(t.Context(), func(context.Context, outbox.Item) outbox.Verdict { return outbox.Verdict{State: outbox.Done} })
	})
}
