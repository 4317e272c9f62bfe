package tokens

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

// UnknownError is the error for a handle by which the Subject neither has a
// connection nor could have one. It is ErrNotConnected, but a link to connect
// would be of no use.
type UnknownError struct {
	Handle Handle
	Have   []Handle // of this Subject
}

func (e *UnknownError) Error() string {
	s := "there is no connection " + echo.Quote(string(e.Handle))
	if len(e.Have) == 0 {
		return s
	}
	have := slices.Sorted(slices.Values(e.Have))
	const most = 20
	var names []string
	for _, h := range have[:min(len(have), most)] {
		names = append(names, echo.Quote(string(h)))
	}
	if len(have) > most {
		names = append(names, fmt.Sprintf("%d more", len(have)-most))
	}
	return s + ": you have " + strings.Join(names, ", ")
}

// Unwrap is ErrNotConnected.
func (e *UnknownError) Unwrap() error { return ErrNotConnected }

// Configured is what a broker's configuration has for the handle of a
// connection, or an *UnknownError with the handles that its Subject may use.
func Configured[T any](all map[Handle]T, c Connection, shared func(T) bool) (T, error) {
	if t, ok := all[c.Handle]; ok {
		return t, nil
	}
	unknown := &UnknownError{Handle: c.Handle}
	for h, t := range all {
		if !shared(t) || c.Subject.Organization != "" {
			unknown.Have = append(unknown.Have, h)
		}
	}
	var none T
	return none, unknown
}
