package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Notice is a message that was read.
type Notice struct {
	Event string    // id; "" where the sender gives none, and then repetitions are not noticed
	At    time.Time // of the event; zero where the sender does not say
	// Apply hands the message on and returns at once. Its error is ErrBusy, or
	// nil.
	Apply func() error
}

// ErrBusy makes the sender try again later.
var ErrBusy = errors.New("too much is waiting")

// Config says what a Receiver takes. Scheme, Keys and Read are needed.
type Config struct {
	Name   string // of the sender, for the log
	Scheme Scheme
	Keys   []auth.Secret // any of which may have signed, so that they can be changed
	Read   func(body []byte) (Notice, error)
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means no log; no content and no secret goes there
}

const (
	maxBody = 1 << 20 // an event may name many who see its object
	small   = 64 << 10
	atOnce  = 64 // messages that are not small, so that nobody fills the memory
	wait    = 10 * time.Second

	complainEvery = time.Minute

	// oldest is the age of the oldest event that is taken. Notion tries for about
	// a day.
	oldest = 48 * time.Hour
)

// Receiver is the http.Handler of one subscription. It answers 401 to what is
// not signed with one of the keys and 400 to what cannot be read, and 200 as
// soon as a message has been handed on, also to what is repeated or old.
type Receiver struct {
	cfg   Config
	seen  seen
	slots chan struct{} // for messages that are not small

	complained atomic.Int64 // when, in seconds
}

// NewReceiver returns a Receiver.
func NewReceiver(cfg Config) *Receiver {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Receiver{cfg: cfg, slots: make(chan struct{}, atOnce)}
}

// ServeHTTP takes one message.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.ContentLength < 0 || req.ContentLength > small {
		if !r.enter(req.Context()) {
			later(w)
			return
		}
		defer func() { <-r.slots }()
	}
	body, ok := read(w, req)
	if !ok {
		return
	}
	now := r.cfg.Now()
	if !slices.ContainsFunc(r.cfg.Keys, func(key auth.Secret) bool { return r.cfg.Scheme(req.Header, body, key, now) }) {
		r.complain(now)
		http.Error(w, "not signed with the secret of this subscription", http.StatusUnauthorized)
		return
	}
	n, err := r.cfg.Read(body)
	if err != nil {
		r.cfg.Log.Warn("webhook refused", "from", r.cfg.Name, "err", err)
		http.Error(w, "not understood", http.StatusBadRequest)
		return
	}
	if err := r.take(n, now); err != nil {
		r.cfg.Log.Warn("webhook put off", "from", r.cfg.Name, "err", err)
		later(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// complain tells the operator, who may have another secret than the sender, of
// messages that are not signed: now and then, because anybody can send them.
func (r *Receiver) complain(now time.Time) {
	last := r.complained.Load()
	if now.Unix()-last >= int64(complainEvery/time.Second) && r.complained.CompareAndSwap(last, now.Unix()) {
		r.cfg.Log.Warn("webhooks are refused: they are not signed with the secret", "from", r.cfg.Name)
	}
}

// enter waits for its turn, for a while.
func (r *Receiver) enter(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *Receiver) take(n Notice, now time.Time) error {
	if !n.At.IsZero() && now.Sub(n.At) > oldest || !r.seen.first(n.Event, now) {
		return nil
	}
	if n.Apply == nil {
		return nil
	}
	err := n.Apply()
	if err != nil {
		r.seen.forget(n.Event)
	}
	return err
}

// read answers itself, and reports false, where there is no body to go on with.
func read(w http.ResponseWriter, req *http.Request) ([]byte, bool) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "webhooks are sent by POST", http.StatusMethodNotAllowed)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
	case err != nil:
		http.Error(w, "the message did not arrive whole", http.StatusBadRequest)
	default:
		return body, true
	}
	return nil, false
}

func later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "10")
	http.Error(w, "busy, try again", http.StatusServiceUnavailable)
}
