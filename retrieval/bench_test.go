package retrieval_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/retrieval"
)

// BenchmarkFirstSync mirrors a workspace at 180 requests a minute for a minute
// and a half, in real time, once undisturbed and once with a question every
// second, half of them about pages that are read last. It reports how many pages
// were read a minute, and how long answers took.
func BenchmarkFirstSync(b *testing.B) {
	for _, every := range []time.Duration{0, time.Second} {
		b.Run("every "+every.String(), func(b *testing.B) {
			for b.Loop() {
				firstSync(b, 90*time.Second, every)
			}
		})
	}
}

func firstSync(b *testing.B, length, every time.Duration) {
	nc := notion.Config{Pacer: notion.NewPacer(notion.PacerConfig{})}
	w := pacedWorld(b, manyPages(400), nc, emulator.Config{PerMinute: 180, Latency: 150 * time.Millisecond}, retrieval.Config{})
	ctx, stop := context.WithTimeout(b.Context(), length)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = w.syncer.Sync(ctx) // ends with ctx
	}()
	var took []time.Duration
	for n := 0; every > 0 && ctx.Err() == nil; n++ {
		asked := time.Now()
		w.ask(retrieval.Query{Text: fmt.Sprintf("who approves the invoices of supplier%d", n*37%400)})
		took = append(took, time.Since(asked))
		time.Sleep(every - time.Since(asked))
	}
	<-done
	c := w.syncer.Coverage()
	b.ReportMetric(float64(c.Complete+c.Partial)/length.Minutes(), "pages/min")
	b.ReportMetric(float64(w.syncer.Progress().Requests)/length.Minutes(), "requests/min")
	b.ReportMetric(0, "ns/op")
	if len(took) > 0 {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
	}
}

// manyPages are pages of three requests each.
func manyPages(n int) fstest.MapFS {
	all := fstest.MapFS{}
	for i := range n {
		text := fmt.Sprintf("# Supplier%d\n\nInvoices of supplier%d are approved by team %d.\n\n- terms\n  - thirty days\n- contacts\n  - accounts\n", i, i, i%7)
		all[fmt.Sprintf("supplier%d.md", i)] = &fstest.MapFile{Data: []byte(text), ModTime: time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)}
	}
	return all
}
