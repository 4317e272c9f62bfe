package outbox

import (
	"context"
	"fmt"
	"time"
)

// Verdict is what a sender says of an attempt. The zero value says that it does
// not know: the write is looked up after a while.
type Verdict struct {
	State     State     // "" means Sending
	NotBefore time.Time // of the next attempt, where there is one
	Why       string
	URL       string
	Target    string
}

// Sender writes an item, unless it is Resumed and found to be there, or has
// expired.
type Sender func(context.Context, Item) Verdict

// Next is when something is due; ok is false while nothing waits.
func (b *Box) Next() (at time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range b.items {
		if i.Ended() || b.closed {
			continue
		}
		if d := i.due(); !ok || d.Before(at) {
			at, ok = d, true
		}
	}
	return at, ok
}

// due is when a write is sent, or given up.
func (i Item) due() time.Time {
	if i.Expires.Before(i.NotBefore) && i.State == Waiting {
		return i.Expires
	}
	return i.NotBefore
}

// Due sends what is due now, in the order in which it was kept, one after the
// other. An error means that the files cannot be written.
func (b *Box) Due(ctx context.Context, send Sender) error {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for ctx.Err() == nil {
		i, ok, err := b.begin()
		if err != nil || !ok {
			return err
		}
		if err := b.end(i.ID, send(ctx, i)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// afterTrouble is how long Run waits when the files cannot be written.
const afterTrouble = time.Minute

// Run sends what is due, when it is, until ctx ends.
func (b *Box) Run(ctx context.Context, send Sender) {
	for {
		err := b.Due(ctx, send)
		wait := 24 * time.Hour
		if at, ok := b.Next(); ok {
			wait = max(at.Sub(b.cfg.Now()), 0)
		}
		if err != nil && ctx.Err() == nil {
			b.cfg.Log.Error("outbox: cannot go on", "err", err)
			wait = afterTrouble
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-b.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// begin marks the oldest write that is due as being sent.
func (b *Box) begin() (Item, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.cfg.Now()
	var first Item
	for _, i := range b.items {
		if !i.Ended() && !i.due().After(now) && (first.ID == "" || i.Made.Before(first.Made)) {
			first = i
		}
	}
	if first.ID == "" || b.closed {
		return Item{}, false, nil
	}
	resumed := first.State == Sending
	first.State, first.Sent, first.Changed = Sending, now, now
	first.NotBefore = now.Add(b.cfg.Settle)
	first.Attempts++
	if err := b.put(first); err != nil {
		return Item{}, false, fmt.Errorf("mark write %s as being sent: %w", first.ID, err)
	}
	first.Resumed = resumed
	return first, true, nil
}

// end notes what became of an attempt.
func (b *Box) end(id string, v Verdict) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.items[id]
	if !ok || b.closed {
		return nil // whoever opens it next looks
	}
	i.Changed, i.Why = b.cfg.Now(), v.Why
	if v.State != "" {
		i.State, i.URL, i.Target = v.State, v.URL, v.Target
	}
	if !v.NotBefore.IsZero() {
		i.NotBefore = v.NotBefore
	}
	if i.Ended() {
		i.Payload = nil
	}
	b.items[id] = i // also if the file cannot be written: it would be looked up
	return b.put(i)
}
