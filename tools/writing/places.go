package writing

import (
	"context"
	"sync"

	"github.com/mcp-notion/mcp-notion/notion"
)

// places lets one call at a time look and write at each place in Notion, so
// that of two calls that overlap the second finds what the first has written.
// The zero value is ready.
type places struct {
	mu  sync.Mutex
	all map[notion.ID]*place
}

type place struct {
	turn  chan struct{} // holds an element while somebody is at the place
	users int           // who is there or waits; the last one takes the place away
}

// enter waits for the place to be free. leave must be called unless there is
// an error, which is that of ctx.
func (p *places) enter(ctx context.Context, id notion.ID) (leave func(), err error) {
	at := p.take(id)
	select {
	case at.turn <- struct{}{}:
		return func() { <-at.turn; p.release(id) }, nil
	case <-ctx.Done():
		p.release(id)
		return nil, ctx.Err()
	}
}

func (p *places) take(id notion.ID) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[notion.ID]*place{}
	}
	at := p.all[id]
	if at == nil {
		at = &place{turn: make(chan struct{}, 1)}
		p.all[id] = at
	}
	at.users++
	return at
}

func (p *places) release(id notion.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[id].users--; p.all[id].users == 0 {
		delete(p.all, id)
	}
}
