// Package outbox keeps writes that have to wait, each in a file of its own, so
// that a kill loses none. A write is marked as being sent, durably, before the
// first byte goes out: after a kill its sender is told that it may have arrived.
package outbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of a Box.
var (
	ErrClosed   = errors.New("the outbox is closed")
	ErrFull     = errors.New("too many writes are waiting")
	ErrUnknown  = errors.New("there is no such write")
	ErrUnderWay = errors.New("the write is under way, or has ended")
)

// State is how far a write is.
type State string

// The states. The last four are its end.
const (
	Waiting   State = "waiting"
	Sending   State = "sending" // or sent, and it is not known whether it arrived
	Done      State = "done"
	Failed    State = "failed"  // nothing was written
	Unclear   State = "unclear" // nobody will find out any more
	Cancelled State = "cancelled"
)

// Write is a write to keep.
type Write struct {
	Kind      string          `json:"kind"`
	Payload   json.RawMessage `json:"payload,omitempty"` // what to write; forgotten when the write has ended
	By        string          `json:"by,omitempty"`      // on whose behalf, for the audit; opaque
	NotBefore time.Time       `json:"not_before"`
	Why       string          `json:"why,omitempty"` // in words, why it waits or how it ended
}

// Item is a write that is kept.
type Item struct {
	ID string `json:"id"`
	Write
	State    State           `json:"state"`
	Made     time.Time       `json:"made"`
	Expires  time.Time       `json:"expires"` // from when on it may be given up
	Changed  time.Time       `json:"changed"`
	Sent     time.Time       `json:"sent,omitzero"` // when it was last marked as being sent
	Attempts int             `json:"attempts,omitempty"`
	URL      string          `json:"url,omitempty"`    // of what was written
	Target   string          `json:"target,omitempty"` // its id
	Owner    json.RawMessage `json:"owner,omitempty"`

	// Resumed means, to a sender, that an earlier attempt may have arrived.
	Resumed bool `json:"-"`
}

// Ended says that nothing more will happen to the write.
func (i Item) Ended() bool { return i.State != Waiting && i.State != Sending }

// Config says where writes are kept, and how long. Dir is needed.
type Config struct {
	Dir      string           // made when the first write is kept
	Owner    json.RawMessage  // whose writes these are, for whoever finds them after a restart; see Peek
	Expire   time.Duration    // until a write may be given up; 0 means a day
	Settle   time.Duration    // how long a request may still act that was sent; 0 means 70 seconds, as Notion gives up after 60
	Remember time.Duration    // how long the end of a write can be asked for; 0 means a week
	Most     int              // writes that wait at once; 0 means 100
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // nil means no log; never receives payloads
}

func (c *Config) defaults() {
	for d, otherwise := range map[*time.Duration]time.Duration{&c.Expire: 24 * time.Hour, &c.Settle: 70 * time.Second, &c.Remember: 7 * 24 * time.Hour} {
		if *d == 0 {
			*d = otherwise
		}
	}
	if c.Most == 0 {
		c.Most = 100
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Box is the outbox of one connection. One process has it open at a time. It is
// safe for concurrent use.
type Box struct {
	cfg  Config
	wake chan struct{} // holds an element after a change
	turn chan struct{} // holds an element while somebody sends

	mu     sync.Mutex
	items  map[string]Item
	closed bool
}

// Open reads what is kept. A file that is damaged is left where it is.
func Open(cfg Config) (*Box, error) {
	cfg.defaults()
	b := &Box{cfg: cfg, wake: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	items, err := readAll(cfg.Dir, cfg.Log)
	if err != nil {
		return nil, err
	}
	b.items = items
	for id, i := range b.items {
		if after := i.Sent.Add(cfg.Settle); i.State == Sending && i.NotBefore.Before(after) {
			i.NotBefore = after
			b.items[id] = i
		}
	}
	b.prune()
	return b, nil
}

// Close ends the Box. What is kept stays.
func (b *Box) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// Keep keeps a write, durably when it returns. The same write, while it waits,
// is kept once.
func (b *Box) Keep(w Write) (Item, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return Item{}, ErrClosed
	}
	if i, ok := b.find(w.Kind, w.Payload); ok {
		return i, nil
	}
	b.prune()
	live := 0
	for _, i := range b.items {
		if !i.Ended() {
			live++
		}
	}
	if live >= b.cfg.Most {
		return Item{}, ErrFull
	}
	now := b.cfg.Now()
	i := Item{
		ID: "w" + strings.ToLower(rand.Text()[:8]), Write: w, State: Waiting,
		Made: now, Changed: now, Expires: now.Add(b.cfg.Expire), Owner: b.cfg.Owner,
	}
	if err := b.put(i); err != nil {
		return Item{}, err
	}
	b.rouse()
	return i, nil
}

// Find returns the same write, while it waits or is being sent.
func (b *Box) Find(kind string, payload json.RawMessage) (Item, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(kind, payload)
}

func (b *Box) find(kind string, payload json.RawMessage) (Item, bool) {
	for _, i := range b.items {
		if !i.Ended() && i.Kind == kind && string(i.Payload) == string(payload) {
			return i, true
		}
	}
	return Item{}, false
}

// Items are all writes that are remembered, newest first.
func (b *Box) Items() []Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.items), func(x, y Item) int { return y.Made.Compare(x.Made) })
}

// Item returns one write, or ErrUnknown.
func (b *Box) Item(id string) (Item, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.items[id]
	if !ok {
		return Item{}, ErrUnknown
	}
	return i, nil
}

// Cancel drops a write that waits. ErrUnderWay comes with the write as it is.
func (b *Box) Cancel(id string) (Item, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.items[id]
	switch {
	case b.closed:
		return Item{}, ErrClosed
	case !ok:
		return Item{}, ErrUnknown
	case i.State != Waiting:
		return i, ErrUnderWay
	}
	i.State, i.Payload, i.Why, i.Changed = Cancelled, nil, "", b.cfg.Now()
	if err := b.put(i); err != nil {
		return Item{}, err
	}
	return i, nil
}

// prune forgets writes that ended long ago.
func (b *Box) prune() {
	old := b.cfg.Now().Add(-b.cfg.Remember)
	for id, i := range b.items {
		if i.Ended() && i.Changed.Before(old) {
			b.remove(id)
		}
	}
}

// rouse wakes Run up.
func (b *Box) rouse() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
