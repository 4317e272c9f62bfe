package server_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const (
	benchSubjects = 1000
	benchClients  = 200
)

// BenchmarkServe has 200 clients ask a server of 1,000 Subjects, each with an
// index of their own, over HTTP with signed tokens: seven searches, two pages
// and one list of tools in ten requests. Clients, issuer, broker and Notion
// (the emulator) are in the same process, which the memory includes.
//
//	go test ./server -run xxx -bench Serve -benchtime 60s
func BenchmarkServe(b *testing.B) {
	keepConnections(b)
	s := newSite(b, siteConfig{users: benchSubjects, silent: true, cache: tokens.CacheConfig{Life: time.Hour, MaxLife: time.Hour}})
	bearers := s.fill()
	jobs := make(chan struct{})
	took := make([][]time.Duration, benchClients)
	failed := make([]int, benchClients)
	var wg sync.WaitGroup
	for c := range benchClients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 1))
			for range jobs {
				begin := time.Now()
				ok := s.benchRequest(bearers, r)
				took[c] = append(took[c], time.Since(begin))
				if !ok {
					failed[c]++
				}
			}
		})
	}
	begin := time.Now()
	for b.Loop() {
		jobs <- struct{}{}
	}
	close(jobs)
	wg.Wait()
	lasted := time.Since(begin)
	report(b, slices.Concat(took...), lasted)
	errs := 0
	for _, n := range failed {
		errs += n
	}
	b.ReportMetric(float64(errs), "errors")
	b.ReportMetric(heap(), "heap-MB")
	b.ReportMetric(residentSelf(), "resident-MB")
	if errs > 0 {
		b.Errorf("%d of %d requests failed", errs, b.N)
	}
}

func report(b *testing.B, took []time.Duration, lasted time.Duration) {
	b.ReportMetric(float64(len(took))/lasted.Seconds(), "requests/s")
	percentiles(b, took)
}

func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(percent int) float64 { return float64(took[len(took)*percent/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(95), "p95-ms")
	b.ReportMetric(at(99), "p99-ms")
}

// keepConnections lets this process ask itself without a new connection for
// each request.
func keepConnections(b *testing.B) {
	t := http.DefaultTransport.(*http.Transport)
	before := t.MaxIdleConnsPerHost
	t.MaxIdleConnsPerHost, t.MaxIdleConns = benchClients, 3*benchClients
	b.Cleanup(func() { t.MaxIdleConnsPerHost = before })
}

// fill lets every member ask once and waits until all is mirrored. It returns
// their tokens.
func (s *site) fill() []string {
	s.t.Helper()
	bearers := make([]string, len(s.people))
	for i, m := range s.people {
		s.share(m, i%parts, true)
		s.share(m, (i+5)%parts, true)
		bearers[i] = s.bearer(m, nil)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range next {
				s.firstCall(i, bearers[i])
			}
		})
	}
	for i := range s.people {
		next <- i
	}
	close(next)
	wg.Wait()
	return bearers
}

func (s *site) firstCall(i int, bearer string) {
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(10 * time.Millisecond) {
		r, err := s.try(request{token: bearer, body: toolCall("search_notion", map[string]any{"query": "common own word"})})
		st, serr := s.pool.Status(context.Background(), s.people[i].conn)
		if err == nil && serr == nil && strings.Contains(r.body, word(i%parts)) && st.Coverage.Ready() {
			return
		}
	}
	s.t.Errorf("user%d is not mirrored", i)
}

// benchRequest makes one request of somebody and says whether the answer is
// theirs.
func (s *site) benchRequest(bearers []string, r *rand.Rand) bool {
	i := r.IntN(len(bearers))
	req := request{token: bearers[i], body: toolCall("search_notion", map[string]any{"query": "the own word of part " + word(i%parts)})}
	want := word(i % parts)
	switch k := r.IntN(10); {
	case k < 2:
		req.body = toolCall("read_page", map[string]any{"page": s.pages[i%parts]})
	case k < 3:
		req.body, want = rpc(1, "tools/list", map[string]any{}), "search_notion"
	}
	resp, err := s.try(req)
	return err == nil && resp.status == http.StatusOK && strings.Contains(resp.body, want) && !strings.Contains(resp.body, `"isError":true`)
}

// BenchmarkIdleSubject tells what a Subject costs who asks nothing at the
// moment: with an index that is open, because they asked lately, and after it
// was closed. It waits a minute or two for that, once.
func BenchmarkIdleSubject(b *testing.B) {
	const subjects = 200
	keepConnections(b)
	s := newSite(b, siteConfig{users: subjects, silent: true, pool: server.PoolConfig{Poll: time.Hour, Idle: 20 * time.Second}})
	before := measure()
	s.fill()
	for b.Loop() {
	}
	open := measure()
	b.ReportMetric((open.heap-before.heap)*1024/subjects, "open-heap-kB")
	b.ReportMetric((open.goroutines-before.goroutines)/subjects, "open-goroutines")
	b.ReportMetric((open.files-before.files)/subjects, "open-files")
	b.ReportMetric(s.disk()/1024/subjects, "disk-kB")
	time.Sleep(85 * time.Second) // the pool looks once a minute for those idle for 20 seconds
	closed := measure()
	b.ReportMetric((closed.heap-before.heap)*1024/subjects, "closed-heap-kB")
	b.ReportMetric((closed.goroutines-before.goroutines)/subjects, "closed-goroutines")
	b.ReportMetric((closed.files-before.files)/subjects, "closed-files")
}

// cost is what a process holds.
type cost struct{ heap, goroutines, files float64 }

func measure() cost {
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(500 * time.Millisecond)
	return cost{heap(), float64(runtime.NumGoroutine()), float64(openFiles())}
}

// heap is what is in use after a collection, in MB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// residentSelf is the resident memory of this process in MB, 0 where the
// system does not tell.
func residentSelf() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

// disk is how much all indexes take, in bytes.
func (s *site) disk() float64 {
	sum := 0.0
	err := filepath.WalkDir(s.data, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += float64(info.Size())
		}
		return nil // a file may be merged away meanwhile
	})
	if err != nil {
		s.t.Error(err)
	}
	return sum
}
