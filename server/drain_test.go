package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func request(id int, tool string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q}}`+"\n", id, tool)
}

// How long the end of a session takes: 1 reads and 2 writes, and each is
// answered after a time, 0 for never.
func TestDrainWaitsForWhatMatters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked       []string
		read, write time.Duration
		interrupt   time.Duration // 0 is never
		closed      bool          // the input, from the start
		want        time.Duration
	}{
		"nothing asked":                      {nil, 0, 0, time.Minute, false, time.Minute},
		"closed, a read":                     {[]string{request(1, "read_page")}, 5 * time.Second, 0, 0, true, 5 * time.Second},
		"closed, a read that never ends":     {[]string{request(1, "read_page")}, 0, 0, 0, true, drainWithin},
		"interrupted, a short read":          {[]string{request(1, "read_page")}, time.Minute + 300*time.Millisecond, 0, time.Minute, false, time.Minute + 300*time.Millisecond},
		"interrupted, a read":                {[]string{request(1, "read_page")}, 0, 0, time.Minute, false, time.Minute + readsWithin},
		"interrupted, a write":               {[]string{request(2, "append_comment")}, 0, time.Minute + 9*time.Second, time.Minute, false, time.Minute + 9*time.Second},
		"interrupted, both":                  {[]string{request(1, "read_page"), request(2, "append_comment")}, 0, time.Minute + 9*time.Second, time.Minute, false, time.Minute + 9*time.Second},
		"interrupted, a write without end":   {[]string{request(2, "append_comment")}, 0, 0, time.Minute, false, time.Minute + drainWithin},
		"closed, then interrupted, a read":   {[]string{request(1, "read_page")}, 0, 0, 3 * time.Second, true, 3*time.Second + readsWithin},
		"interrupted, the read was answered": {[]string{request(1, "read_page")}, time.Second, 0, time.Minute, false, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				end := make(chan struct{})
				defer close(end)
				from := io.Reader(strings.NewReader(strings.Join(c.asked, "")))
				if !c.closed {
					from = io.MultiReader(from, until(end))
				}
				d := newDrain(from, io.Discard)
				after(c.interrupt, stop)
				after(c.read, func() { _, _ = d.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":{}}`)) })
				after(c.write, func() { _, _ = d.Write([]byte(`{"jsonrpc":"2.0","id":2,"result":{}}`)) })
				start := time.Now()
				go d.run(ctx)
				all, err := io.ReadAll(d.in)
				if err != nil || string(all) != strings.Join(c.asked, "") {
					t.Errorf("passed on %q, %v", all, err)
				}
				if took := time.Since(start); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
			})
		})
	}
}

func after(d time.Duration, f func()) {
	if d > 0 {
		time.AfterFunc(d, f)
	}
}

// until is an input on which nothing comes before it ends.
type until chan struct{}

func (u until) Read([]byte) (int, error) {
	<-u
	return 0, io.EOF
}

// thrower is an input whose reading panics.
type thrower struct{}

func (thrower) Read([]byte) (int, error) { panic("text of a page") }

func TestDrainOutlivesAFault(t *testing.T) {
	t.Parallel()
	reading := newDrain(thrower{}, io.Discard)
	reading.run(t.Context())
	if _, err := reading.in.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the input ended with %v, want its end", err)
	}
	passing := newDrain(strings.NewReader(`{"id":1,"method":"ping"}`), io.Discard)
	passing.open = nil // noting a request panics
	apart(slog.New(slog.DiscardHandler), "input", func() { passing.run(t.Context()) })
	if _, err := passing.in.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the input ended with %v, want its end", err)
	}
}

// Whatever stands in an answer, and in whatever order, it is told which request
// it answers.
func TestAnswered(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		`{"jsonrpc":"2.0","id":7,"result":{"id":8,"method":"x"}}`: "7",
		`{"result":{"id":8},"id":"a\"b","jsonrpc":"2.0"}`:         `"a\"b"`,
		`{"jsonrpc":"2.0","id":7,"error":{"code":1}}`:             "7",
		`{"jsonrpc":"2.0","id":7,"method":"roots/list"}`:          "",
		`{"jsonrpc":"2.0","method":"notifications/progress"}`:     "",
		`[]`: "", `{`: "", ``: "",
	} {
		if got := string(answered([]byte(message))); got != want {
			t.Errorf("%s answers %q", message, got)
		}
	}
}
