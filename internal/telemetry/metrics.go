package telemetry

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// instruments are the metrics of what happens. The count of a histogram is the
// number of calls.
type instruments struct {
	request, tool, notion, broker, pass metric.Float64Histogram
	refused                             metric.Int64Counter
}

// Gauges are how things stand, over all connections of the process.
type Gauges struct {
	Known    int           // connections that were asked lately
	Open     int           // those whose index is open; all below is about them
	Pages    int           // in the indexes, read whole
	Waiting  int           // pages that are known and not read whole yet
	Passages int           // in the indexes
	Oldest   time.Duration // since the mirror that is furthest behind was complete
	Unread   int           // connections whose first mirror is not through
	Outbox   int           // writes that wait for Notion
}

type watched struct {
	mu   sync.Mutex
	look func() Gauges
}

// Watch says how to find out how things stand. It is called at most as often
// as metrics are collected.
func (t *Telemetry) Watch(look func() Gauges) {
	if t == nil {
		return
	}
	t.watch.mu.Lock()
	defer t.watch.mu.Unlock()
	t.watch.look = look
}

func (w *watched) now() (Gauges, bool) {
	w.mu.Lock()
	look := w.look
	w.mu.Unlock()
	if look == nil {
		return Gauges{}, false
	}
	return look(), true
}

func (t *Telemetry) instrument(m metric.Meter) error {
	var err error
	histogram := func(name, description string) metric.Float64Histogram {
		h, herr := m.Float64Histogram("mcp_notion."+name+".duration", metric.WithUnit("s"), metric.WithDescription(description),
			metric.WithExplicitBucketBoundaries(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120))
		err = errors.Join(err, herr)
		return h
	}
	t.in = instruments{
		request: histogram("http", "Answers to HTTP requests, by route and status."),
		tool:    histogram("tool", "Calls of tools, by how they ended."),
		notion:  histogram("notion", "Requests to Notion, by route and status; 0 is no answer."),
		broker:  histogram("broker", "Questions to the token broker, by how they ended."),
		pass:    histogram("pass", "Turns of the mirror, by how they ended."),
	}
	refused, rerr := m.Int64Counter("mcp_notion.refused", metric.WithDescription("What was refused, by the limit that it would have passed."))
	t.in.refused = refused
	for _, limit := range []string{"rate", "at_once", "processor", "sign_in"} { // so that each can be watched before it is met
		refused.Add(context.Background(), 0, metric.WithAttributes(label("limit", limit)))
	}
	return errors.Join(err, rerr, t.gauges(m))
}

func (t *Telemetry) gauges(m metric.Meter) error {
	var err error
	all := map[metric.Int64ObservableGauge]func(Gauges) int{}
	gauge := func(name, unit, description string, value func(Gauges) int) {
		g, gerr := m.Int64ObservableGauge("mcp_notion."+name, metric.WithUnit(unit), metric.WithDescription(description))
		err = errors.Join(err, gerr)
		all[g] = value
	}
	gauge("connections.known", "", "Connections that were asked lately.", func(g Gauges) int { return g.Known })
	gauge("connections.open", "", "Connections whose index is open.", func(g Gauges) int { return g.Open })
	gauge("connections.unread", "", "Open connections whose first mirror is not through.", func(g Gauges) int { return g.Unread })
	gauge("index.pages", "", "Pages in the open indexes, read whole.", func(g Gauges) int { return g.Pages })
	gauge("index.passages", "", "Passages in the open indexes.", func(g Gauges) int { return g.Passages })
	gauge("mirror.waiting", "", "Pages that are known and not read whole yet.", func(g Gauges) int { return g.Waiting })
	gauge("mirror.age", "s", "Since the open mirror that is furthest behind was complete.", func(g Gauges) int { return int(g.Oldest / time.Second) })
	gauge("outbox.waiting", "", "Writes that wait for Notion.", func(g Gauges) int { return g.Outbox })
	if err != nil {
		return err
	}
	var observed []metric.Observable
	for g := range all {
		observed = append(observed, g)
	}
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now, ok := t.watch.now()
		if !ok {
			return nil
		}
		for g, value := range all {
			o.ObserveInt64(g, int64(value(now)))
		}
		return nil
	}, observed...)
	return err
}

func label(name, value string) attribute.KeyValue { return attribute.String(name, value) }
