package guard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCall(t *testing.T) {
	t.Parallel()
	plain := errors.New("plain")
	if err := Call(func() error { return plain }); err != plain {
		t.Errorf("an error became %v", err)
	}
	var m map[string]int
	var f *Fault
	if err := Call(func() error { m["a"] = 1; return nil }); !errors.As(err, &f) || !strings.Contains(Stack(fmt.Errorf("read: %w", err)), "TestCall") {
		t.Errorf("a fault became %v", err)
	}
	if err := Call(func() error { panic("text of a page") }); !errors.As(err, &f) || strings.Contains(err.Error(), "page") {
		t.Errorf("what was thrown is shown: %v", err)
	}
}

func TestGo(t *testing.T) {
	t.Parallel()
	var f *Fault
	if err := <-Go(func() error { panic("fault") }); !errors.As(err, &f) {
		t.Errorf("got %v, want the fault", err)
	}
	failed := make(chan error, 1)
	After(0, func() { panic("fault") }, func(err error) { failed <- err })
	if err := <-failed; !errors.As(err, &f) {
		t.Errorf("a timer: got %v, want the fault", err)
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	g, ctx := NewGroup(context.Background())
	g.Go(func() error { panic("fault") })
	g.Go(func() error { <-ctx.Done(); return nil })
	var f *Fault
	if err := g.Wait(); !errors.As(err, &f) {
		t.Errorf("got %v, want the fault", err)
	}
}
