// Package guard keeps a fault where it was met: a panic becomes an error of the
// call that met it, in whatever goroutine, so that one connection cannot end the
// process that serves many.
package guard

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// Fault is a panic. Its words name the kind of fault alone, because what a
// library throws may quote a page.
type Fault struct {
	name  string
	Stack string // for the log
}

func (f *Fault) Error() string { return "fault in the program: " + f.name }

// Call returns what do returns, or a *Fault if it panics.
func Call(do func() error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = &Fault{name: name(thrown), Stack: string(debug.Stack())}
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

// Group is an errgroup.Group whose functions may panic.
type Group struct{ *errgroup.Group }

// NewGroup returns a Group, and a context that ends with its first error.
func NewGroup(ctx context.Context) (Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return Group{g}, ctx
}

// Go runs do in a goroutine. A panic of it is an error.
func (g Group) Go(do func() error) {
	g.Group.Go(func() error { return Call(do) })
}
