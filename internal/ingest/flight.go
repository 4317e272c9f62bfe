package ingest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mcp-notion/mcp-notion/notion"
)

// flight is one page being read. Whoever wants the same page meanwhile waits
// for it, so that no request is spent twice; a person who waits makes the rest
// of its requests urgent.
type flight struct {
	urgent atomic.Bool
	done   chan struct{}
}

type flights struct {
	mu sync.Mutex
	m  map[notion.ID]*flight
}

// enter returns the flight of a page, and whether the caller leads it. The
// leader must call leave.
func (f *flights) enter(id notion.ID, urgent bool) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl, ok := f.m[id]; ok {
		if urgent {
			fl.urgent.Store(true)
		}
		return fl, false
	}
	if f.m == nil {
		f.m = map[notion.ID]*flight{}
	}
	fl := &flight{done: make(chan struct{})}
	fl.urgent.Store(urgent)
	f.m[id] = fl
	return fl, true
}

// lead waits until nobody else reads the page, and leads its flight.
func (f *flights) lead(ctx context.Context, id notion.ID) (*flight, error) {
	for {
		fl, leads := f.enter(id, false)
		if leads {
			return fl, nil
		}
		select {
		case <-fl.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *flights) leave(id notion.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.m[id].done)
	delete(f.m, id)
}

// blockMemo remembers, for one pass, the children of blocks that lie in or
// below synced blocks: the original and all of its copies are the same blocks.
type blockMemo struct {
	mu sync.Mutex
	m  map[notion.ID][]notion.Block
}

func (b *blockMemo) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.m = map[notion.ID][]notion.Block{}
}

func (b *blockMemo) get(id notion.ID) ([]notion.Block, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	blocks, ok := b.m[id]
	return blocks, ok
}

func (b *blockMemo) put(id notion.ID, blocks []notion.Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m != nil {
		b.m[id] = blocks
	}
}
