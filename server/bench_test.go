package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
)

// BenchmarkInitialize starts a process that serves stdio, with an index of
// 10,000 passages on disk, and waits for its answer to initialize. It reports
// the median and the 95th percentile of many starts, and the resident memory
// after initialize and after a search (Linux only).
func BenchmarkInitialize(b *testing.B) {
	_, url := fakeNotion(b, emulator.Config{})
	dir, err := os.MkdirTemp("", "mn")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	fill(b, dir, url)
	var took []time.Duration
	var initialized, searched float64
	for b.Loop() {
		p := startStdio(b, dir, url)
		took = append(took, p.took)
		initialized = p.resident()
		p.ask(call(2, "search_notion", `{"query":"word17 word4 word230"}`))
		searched = p.resident()
		p.stop()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(initialized, "init-MB")
	b.ReportMetric(searched, "search-MB")
}

// fill writes 1,000 pages of ten passages into the index of dir.
func fill(b *testing.B, dir, url string) {
	b.Helper()
	cfg := config(dir, url, secret)
	store, err := index.OpenStore(dir, index.Config{})
	if err != nil {
		b.Fatal(err)
	}
	x, err := store.Open(context.Background(), cfg.Connection)
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	for from := 0; from < 1000; from += 100 {
		var c index.Change
		for page := from; page < from+100; page++ {
			c.Put = append(c.Put, benchEntry(page, now))
		}
		c.State = map[string][]byte{"mirror": fmt.Appendf(nil, `{"last_complete":%q,"polled":%q,"listed":%q}`, now.Format(time.RFC3339), now.Format(time.RFC3339), now.Format(time.RFC3339))}
		if err := x.Apply(context.Background(), c); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

func benchEntry(page int, now time.Time) index.Entry {
	id := notion.ID(fmt.Sprintf("%08x-0000-8000-8000-000000000000", page))
	e := index.Entry{Page: index.Page{
		ID: id, Kind: index.KindPage, Title: fmt.Sprintf("Page %d", page), URL: notion.PageURL(id),
		Created: now, LastEdited: now.Add(-time.Hour), BodyEdited: now.Add(-time.Hour), Fetched: now, Checked: now, Level: index.Complete,
	}}
	for n := range 10 {
		var words []string
		for w := range 170 {
			words = append(words, fmt.Sprintf("word%d", (page*31+n*17+w*w)%3000))
		}
		text := strings.Join(words, " ")
		e.Passages = append(e.Passages, passage.Passage{Page: id, Ordinal: n, Text: markdown.Text(text), Spans: []passage.Span{{End: len(text), Block: id}}})
	}
	return e
}

// child is a process that serves stdio.
type child struct {
	b    *testing.B
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	took time.Duration // from the start to the answer to initialize
}

func startStdio(b *testing.B, dir, url string) *child {
	b.Helper()
	p := &child{b: b, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), otherFolder+"="+dir, otherNotion+"="+url, otherStdio+"=1")
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p.in, p.out = in, bufio.NewReader(out)
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p.ask(initialize)
	p.took = time.Since(begin)
	return p
}

func (p *child) ask(line string) {
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.b.Fatal(err)
	}
	if _, err := p.out.ReadString('\n'); err != nil {
		p.b.Fatal(err)
	}
}

// resident is the resident memory in MB, 0 where the system does not tell.
func (p *child) resident() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
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

func (p *child) stop() {
	_ = p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.b.Error(err)
	}
}

// profile begins a CPU profile, if one is wanted.
func profile() (end func(), err error) {
	name := os.Getenv(benchProfile)
	if name == "" {
		return func() {}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
		if f, err := os.Create(name + ".heap"); err == nil {
			_ = pprof.WriteHeapProfile(f)
			_ = f.Close()
		}
	}, pprof.StartCPUProfile(f)
}

// serveStdio is what the child runs.
func serveStdio(dir, url string) error {
	end, err := profile()
	if err != nil {
		return err
	}
	defer end()
	return server.Stdio(context.Background(), config(dir, url, secret), os.Stdin, os.Stdout)
}
