// Package console is what a person sees on the terminal: one function per
// command, each taking a Config and a Terminal and nothing from the process.
// Results go to Out, everything about them to Err, and no secret to either.
package console

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

const (
	plainWidth = 80  // where the output is not a terminal
	minWidth   = 40  // narrower ones are written past the edge
	maxWidth   = 110 // longer lines are hard to read
)

// Terminal is where a command writes, and how. The zero value discards all.
type Terminal struct {
	Out, Err io.Writer
	Width    int  // columns; 0 means 80
	Color    bool // Out takes bold and dim text
	Screen   bool // Out is a terminal
	Live     bool // Err is a terminal, so that a line can be drawn over
}

// NewTerminal finds out what the two files can do. NO_COLOR and TERM=dumb are
// honoured.
func NewTerminal(out, err *os.File, getenv func(string) string) Terminal {
	t := Terminal{Out: out, Err: err, Screen: term.IsTerminal(int(out.Fd())), Live: term.IsTerminal(int(err.Fd()))}
	plain := getenv("NO_COLOR") != "" || getenv("TERM") == "dumb"
	t.Color = t.Screen && !plain
	if width, _, sizeErr := term.GetSize(int(out.Fd())); sizeErr == nil {
		t.Width = width
	}
	return t
}

func (t Terminal) width() int {
	if t.Width <= 0 {
		return plainWidth
	}
	return min(max(t.Width, minWidth), maxWidth)
}

// say writes a line of the result.
func (t Terminal) say(format string, args ...any) { writeLine(t.Out, format, args) }

// tell writes a line about the work: progress, warnings, hints.
func (t Terminal) tell(format string, args ...any) { writeLine(t.Err, format, args) }

func writeLine(w io.Writer, format string, args []any) {
	if w == nil {
		return
	}
	_, _ = fmt.Fprintf(w, format+"\n", args...) // a closed pipe ends the command by itself
}

// The styles; each is nothing where Out takes none.
const (
	bold   = "1"
	dim    = "2"
	green  = "32"
	yellow = "33"
	red    = "31"
	match  = "1;33"
)

func (t Terminal) style(code, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
