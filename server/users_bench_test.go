package server_test

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkUsers has 32 clients search at a server of 1,000 Subjects, 200 of
// whom have all pages of a real corpus, each an index of their own. Clients and
// Notion are in another process than the server. See BenchmarkStdio for where
// the pages come from.
//
//	go test ./server -run xxx -bench Users -benchtime 20000x
func BenchmarkUsers(b *testing.B) {
	h := startHost(b, hosting{Subjects: 1000, Filled: 200, PerToken: -1})
	asked := questions(b)
	h.ask(32, 4*h.Filled, func(i int) (string, string) { return h.Bearers[i%h.Filled], asked[i%len(asked)] })
	before, begin := h.processor(), time.Now()
	took, failed := h.ask(32, b.N, func(i int) (string, string) { return h.Bearers[i*7%h.Filled], asked[i%len(asked)] })
	report(b, took, time.Since(begin))
	b.ReportMetric(float64((h.processor()-before).Microseconds())/float64(1000*len(took)), "cpu-ms/search")
	h.weigh(b)
	b.ReportMetric(float64(failed), "errors")
	h.stop()
}

// BenchmarkMemory connects 10,000 Subjects, of whom 500 go on to ask about all
// pages of a real corpus, each again and again. It takes some minutes, most of
// which it waits for the others to be idle.
//
//	go test ./server -run xxx -bench Memory -benchtime 1x -timeout 30m
func BenchmarkMemory(b *testing.B) {
	h := startHost(b, hosting{Subjects: 10_000, Filled: 500, Idle: time.Minute, PerToken: -1})
	asked := questions(b)
	_, failed := h.ask(16, h.Subjects, func(i int) (string, string) { return h.Bearers[h.Subjects-1-i], asked[0] })
	files := h.files()
	for b.Loop() {
		for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); {
			_, more := h.ask(4, h.Filled, func(i int) (string, string) { return h.Bearers[i], asked[int(time.Now().Unix())%len(asked)] })
			failed += more
			files = max(files, h.files())
			time.Sleep(5 * time.Second)
		}
	}
	h.weigh(b)
	b.ReportMetric(float64(files), "open-files")
	b.ReportMetric(float64(failed), "errors")
	h.stop()
}

// BenchmarkOpening asks 300 Subjects with all pages of a real corpus, whose
// indexes were closed because nobody had asked for a while, and then again. It
// reports what the first question costs more than the second, which is the same.
//
//	go test ./server -run xxx -bench Opening -benchtime 1x
func BenchmarkOpening(b *testing.B) {
	h := startHost(b, hosting{Subjects: 300, Filled: 300, Idle: 20 * time.Second, PerToken: -1})
	asked := questions(b)
	all := func() ([]time.Duration, time.Duration, int) {
		before := h.processor()
		took, failed := h.ask(1, h.Filled, func(i int) (string, string) { return h.Bearers[i], asked[i%len(asked)] })
		return took, h.processor() - before, failed
	}
	closed := h.files()
	_, _, failed := all()
	for b.Loop() {
		for h.files() > closed+10 { // some are of HTTP
			time.Sleep(time.Second)
		}
		first, cpu, bad := all()
		second, less, worse := all()
		failed += bad + worse
		b.ReportMetric(float64((cpu-less).Microseconds())/float64(1000*h.Filled), "cpu-ms-more")
		more := make([]time.Duration, len(first))
		for i := range first {
			more[i] = first[i] - second[i]
		}
		percentiles(b, more)
	}
	b.ReportMetric(float64(failed), "errors")
	h.stop()
}

// BenchmarkRollout starts a server that finds the indexes of 2,000 Subjects, with
// all pages of a real corpus each, all of whom ask within a minute. Every page that
// is quoted has to be asked about, and Notion refuses what is beyond the budget of
// a token.
//
//	go test ./server -run xxx -bench Rollout -benchtime 1x
func BenchmarkRollout(b *testing.B) {
	h := startHost(b, hosting{Subjects: 2000, Filled: 2000, Confirm: time.Second})
	asked := questions(b)
	mirrored, _ := h.notion.counts()
	for b.Loop() {
		var (
			wg     sync.WaitGroup
			took   = make([][]time.Duration, h.Subjects)
			failed = make([]int, h.Subjects)
			begin  = time.Now()
		)
		for i := range h.Subjects {
			time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Minute / time.Duration(h.Subjects))))
			wg.Go(func() {
				took[i], failed[i] = h.ask(1, 1, func(int) (string, string) { return h.Bearers[i], asked[i%len(asked)] })
			})
		}
		files := h.files()
		wg.Wait()
		lasted := time.Since(begin)
		sent, refused := h.notion.counts()
		report(b, slices.Concat(took...), lasted)
		bad := 0
		for _, n := range failed {
			bad += n
		}
		for unit, n := range map[string]int{"errors": bad, "notion-requests": sent - mirrored, "refused": refused, "open-files": files} {
			b.ReportMetric(float64(n), unit)
		}
	}
	b.ReportMetric(float64(h.processor().Milliseconds())/float64(h.Subjects), "cpu-ms/search")
	h.weigh(b)
	h.stop()
}
