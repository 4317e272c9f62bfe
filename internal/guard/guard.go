// Package guard keeps a fault where it was met: a panic becomes an error of the
// call that met it, in whatever goroutine, so that one connection cannot end the
// process that serves many.
package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
)

// Fault is a panic. Its words name the kind of fault alone, because what a
// library throws may quote a page.
type Fault struct{ name, stack string }

func (f *Fault) Error() string { return "fault in the program: " + f.name }

// Stack is where a fault was met, for the log; "" for other errors.
func Stack(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.stack
	}
	return ""
}

// Call returns what do returns, or a *Fault if it panics.
func Call(do func() error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = &Fault{name: name(thrown), stack: string(debug.Stack())}
		}
	}()
	return do()
}

func name(thrown any) string {
	if err, ok := thrown.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", thrown)
}

// Go runs do in a goroutine of its own. What it returned, or the *Fault that
// ended it, can be received once.
func Go(do func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- Call(do) }()
	return ended
}

// After runs do once d has passed, and failed if do panics.
func After(d time.Duration, do func(), failed func(error)) *time.Timer {
	return time.AfterFunc(d, func() {
		if err := Call(func() error { do(); return nil }); err != nil {
			failed(err)
		}
	})
}

// Group is an errgroup.Group whose functions may panic. The zero value works.
type Group struct {
	plain errgroup.Group
	bound *errgroup.Group // to a context; nil for the plain one
}

// NewGroup returns a Group, and a context that ends with its first error.
func NewGroup(ctx context.Context) (*Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return &Group{bound: g}, ctx
}

func (g *Group) group() *errgroup.Group {
	if g.bound != nil {
		return g.bound
	}
	return &g.plain
}

// SetLimit bounds how many functions run at once.
func (g *Group) SetLimit(n int) { g.group().SetLimit(n) }

// Go runs do in a goroutine. A panic of it is an error.
func (g *Group) Go(do func() error) {
	g.group().Go(func() error { return Call(do) })
}

// Wait waits for all, and returns the first error.
func (g *Group) Wait() error { return g.group().Wait() }
