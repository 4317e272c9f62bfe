package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Exit codes of the program.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells say of Ctrl-C
)

// Hinted is an error with the next step for the person who reads it.
type Hinted struct {
	Err  error
	Hint string
}

func (e *Hinted) Error() string { return e.Err.Error() }
func (e *Hinted) Unwrap() error { return e.Err }

// Usage is a mistake in how a command was called, as opposed to a failure of
// what it does.
type Usage struct {
	Problem string
	Hint    string // "" if Problem says it all
}

func (e *Usage) Error() string { return e.Problem }

// errSaid is a failure that has been explained on the terminal already.
var errSaid = errors.New("failed")

// errMisused is a Usage that has been explained already.
var errMisused = errors.New("called wrongly")

func hinted(hint, format string, args ...any) error {
	return &Hinted{Err: fmt.Errorf(format, args...), Hint: hint}
}

// Report tells a person why a command failed, in a line or two on Err, and
// returns the code to exit with; 0 for nil.
func Report(t Terminal, err error) int {
	var usage *Usage
	var hint *Hinted
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return exitFailure
	case errors.Is(err, errMisused):
		return exitUsage
	case errors.As(err, &usage):
		t.fail(usage.Problem, usage.Hint)
		return exitUsage
	case errors.Is(err, context.Canceled) && !errors.As(err, new(stopped)):
		t.fail("stopped", "")
	case errors.As(err, &hint):
		t.fail(err.Error(), hint.Hint)
	default:
		t.fail(err.Error(), "`mcp-notion doctor` looks for what is wrong")
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitFailure
}

// stopped is why a command ended early because a person ended it.
type stopped string

func (s stopped) Error() string        { return string(s) }
func (s stopped) Is(target error) bool { return target == context.Canceled }

func (t Terminal) fail(problem, hint string) {
	t.labelled("error: ", problem)
	if hint != "" {
		t.labelled("hint: ", hint)
	}
}

// labelled writes a remark about the work. On a terminal it is wrapped; in a
// file it stays the one line that programs look for.
func (t Terminal) labelled(label, text string) {
	lines := []string{printable(text)}
	if t.Live {
		lines = wrap(lines[0], t.width()-len(label))
	}
	for i, l := range lines {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		t.tell("%s%s", label, l)
	}
}

// printable keeps what others wrote from moving the cursor or breaking the
// line.
func printable(s string) string {
	return strings.Join(strings.Fields(strings.Map(visible, s)), " ")
}

// visible maps the characters that a terminal could obey to nothing.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r < ' ', r >= 0x7f && r < 0xa0:
		return -1
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // change the direction of what follows
		return -1
	}
	return r
}
