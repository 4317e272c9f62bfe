package embed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sashabaranov/go-openai"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

// Kind is what went wrong, as far as it decides what to do next.
type Kind string

// The kinds.
const (
	Refused     Kind = "refused"     // the key, address or model is wrong: asking again does not help
	TooLarge    Kind = "too large"   // this request, but others may work
	Busy        Kind = "busy"        // come again after Error.After
	Unavailable Kind = "unavailable" // down, or failing
	Garbled     Kind = "garbled"     // it does not answer as such an endpoint does
	Slow        Kind = "slow"        // no answer in time
)

// Error is a call that failed. Its text can be shown to users: it holds
// nothing that the endpoint wrote.
type Error struct {
	Kind   Kind
	Status int           // of HTTP; 0 if there was no answer
	After  time.Duration // to wait, where the endpoint said so
	Detail string        // of Garbled
}

func (e *Error) Error() string {
	status := ""
	if e.Status != 0 {
		status = fmt.Sprintf(" (status %d)", e.Status)
	}
	switch e.Kind {
	case Refused:
		return "the embeddings endpoint refuses: look at its address, the model's name and the key" + status
	case TooLarge:
		return "the embeddings endpoint does not take this text" + status
	case Busy:
		return "the embeddings endpoint is busy" + status
	case Unavailable:
		return "the embeddings endpoint cannot be reached or fails" + status
	case Slow:
		return "the embeddings endpoint did not answer in time"
	}
	s := "the embeddings endpoint does not answer like one" + status
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// answered is what a transport saw of a call.
type answered struct {
	status int
	after  time.Duration
}

type answeredKey struct{}

// ask waits for its turn, makes a call and turns its failure into an Error.
func (l lane) ask(ctx context.Context, wait time.Duration, call func(context.Context) error) error {
	leave, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer leave(true)
	seen := &answered{}
	within, cancel := context.WithTimeout(context.WithValue(ctx, answeredKey{}, seen), wait)
	defer cancel()
	err = call(within)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	err = explain(err, seen)
	l.heard(err)
	return err
}

func explain(err error, seen *answered) error {
	e := &Error{Status: seen.status, After: seen.after}
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Slow}
	case e.Status == 0:
		e.Kind = Unavailable
	case e.Status < 300:
		e.Kind = Garbled
	case errors.As(err, &api), errors.As(err, &request):
		e.Kind = kindOf(e.Status)
	default:
		e.Kind = Garbled
	}
	return e
}

func kindOf(status int) Kind {
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return Busy
	case status == http.StatusRequestTimeout, status >= 500:
		return Unavailable
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return TooLarge
	}
	return Refused
}

// maxAnswer bounds an answer: 256 vectors of 4,096 numbers in decimals fit.
const maxAnswer = 64 << 20

// bounded limits answers and notes what go-openai drops.
type bounded struct{ base http.RoundTripper }

func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if seen, ok := req.Context().Value(answeredKey{}).(*answered); ok {
		seen.status, seen.after = resp.StatusCode, pace.RetryAfter(resp.Header)
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}
