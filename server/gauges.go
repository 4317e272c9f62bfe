package server

import (
	"time"

	"github.com/mcp-notion/mcp-notion/internal/outbox"
	"github.com/mcp-notion/mcp-notion/internal/telemetry"
)

// gauges is how things stand, over all tenants. It opens no index.
func (p *Pool) gauges() telemetry.Gauges {
	var g telemetry.Gauges
	p.mu.Lock()
	all := make([]*tenant, 0, len(p.tenants))
	for _, t := range p.tenants {
		all = append(all, t)
	}
	p.mu.Unlock()
	g.Known = len(all)
	for _, t := range all {
		if e := t.use(nil); e != nil {
			e.count(&g, time.Now())
			p.release(t)
		}
	}
	return g
}

func (e *engine) count(g *telemetry.Gauges, now time.Time) {
	c := e.syncer.Coverage()
	g.Open++
	g.Pages += c.Complete
	g.Waiting += c.Listed + c.Partial
	g.Passages += c.Passages
	if c.AsOf.IsZero() {
		g.Unread++
	} else {
		g.Oldest = max(g.Oldest, now.Sub(c.AsOf))
	}
	if e.outbox == nil {
		return
	}
	for _, i := range e.outbox.Items() {
		if i.State == outbox.Waiting {
			g.Outbox++
		}
	}
}
