package server_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/load"
	"github.com/mcp-notion/mcp-notion/server"
)

// What the benchmarks with real text read, where it is set: a folder of pages,
// and lines of JSON with questions, and with rephrasings by the same ids.
const (
	benchPages       = "BENCH_PAGES"
	benchQuestions   = "BENCH_QUESTIONS"
	benchRephrasings = "BENCH_REPHRASINGS"
	benchProfile     = "BENCH_PROFILE" // the process that serves writes a CPU profile here, and one of its heap beside it
)

// BenchmarkStdio asks a process that serves stdio one search after the other,
// as an assistant does: a question with its rephrasings. It reports the time to
// the answer, and the processor time of the process that answers (Linux only),
// which other work on the machine hardly changes.
//
//	go test ./server -run xxx -bench Stdio -benchtime 1000x
//	BENCH_PAGES=DIR BENCH_QUESTIONS=FILE BENCH_REPHRASINGS=FILE go test ./server -run xxx -bench Stdio -benchtime 1000x
func BenchmarkStdio(b *testing.B) {
	pages := realPages(b)
	dir, url := mirrored(b, pages)
	asked := questions(b)
	p := startStdio(b, dir, url)
	for i, q := range asked {
		p.ask(call(i+2, "search_notion", q))
	}
	var took []time.Duration
	before := p.processor()
	for b.Loop() {
		begin := time.Now()
		p.ask(call(len(took)+2, "search_notion", asked[len(took)%len(asked)]))
		took = append(took, time.Since(begin))
	}
	b.ReportMetric(float64((p.processor()-before).Microseconds())/float64(1000*len(took)), "cpu-ms/search")
	b.ReportMetric(p.resident(), "resident-MB")
	p.stop()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// realPages are those of the folder that is set, or else made of the documents
// in this repository: what stands in them, in another order.
func realPages(b *testing.B) fs.FS {
	b.Helper()
	if dir := os.Getenv(benchPages); dir != "" {
		return os.DirFS(dir)
	}
	blocks := documents(b)
	r := rand.New(rand.NewPCG(1, 2))
	pages := fstest.MapFS{}
	for n := range 250 {
		var page bytes.Buffer
		fmt.Fprintf(&page, "# Page %d\n\n", n)
		for i := range 30 {
			if i%6 == 0 {
				fmt.Fprintf(&page, "## Part %d\n\n", i/6)
			}
			page.WriteString(blocks[r.IntN(len(blocks))] + "\n\n")
		}
		pages[fmt.Sprintf("area%d/page%d.md", n%20, n)] = &fstest.MapFile{Data: page.Bytes(), ModTime: time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)}
	}
	return pages
}

// documents are the paragraphs, lists and tables of the documents in this
// repository.
func documents(b *testing.B) (blocks []string) {
	b.Helper()
	for _, pattern := range []string{"*.md", "doc/*.md", "emulator/markdown/testdata/handbook/*.md"} {
		files, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			for block := range strings.SplitSeq(string(data), "\n\n") {
				if len(block) > 60 && !strings.HasPrefix(block, "#") && !strings.Contains(block, "```") {
					blocks = append(blocks, block)
				}
			}
		}
	}
	return blocks
}

// mirrored is a folder with the index of some pages, and where Notion is.
func mirrored(b *testing.B, pages fs.FS) (dir, url string) {
	b.Helper()
	ws, err := load.FS(pages)
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(emulator.New(ws, emulator.Config{}))
	b.Cleanup(srv.Close)
	if dir, err = os.MkdirTemp("", "mn"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	s, err := server.Open(config(dir, srv.URL, secret))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Sync(context.Background()); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return dir, srv.URL
}

// questions are the arguments of searches: those of the files that are set, or
// else words of a paragraph, and of parts of it.
func questions(b *testing.B) (all []string) {
	b.Helper()
	if name := os.Getenv(benchQuestions); name != "" {
		return readQuestions(b, name, os.Getenv(benchRephrasings))
	}
	blocks := documents(b)
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		words := strings.Fields(blocks[r.IntN(len(blocks))])
		some := func(n int) string {
			at := r.IntN(max(1, len(words)-n))
			return strings.Join(words[at:min(len(words), at+n)], " ")
		}
		all = append(all, arguments(b, some(9), some(5), some(5), some(4)))
	}
	return all
}

func readQuestions(b *testing.B, name, rephrasings string) (all []string) {
	b.Helper()
	type line struct {
		ID       string
		Question string
		Queries  []string
	}
	also := map[string][]string{}
	read := func(name string, use func(line)) {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		for text := range bytes.Lines(data) {
			var l line
			if err := json.Unmarshal(text, &l); err != nil {
				b.Fatal(err)
			}
			use(l)
		}
	}
	read(cmp.Or(rephrasings, os.DevNull), func(l line) { also[l.ID] = l.Queries })
	read(name, func(l line) { all = append(all, arguments(b, l.Question, also[l.ID]...)) })
	return all
}

func arguments(b *testing.B, query string, also ...string) string {
	b.Helper()
	args := map[string]any{"query": query}
	if also != nil {
		args["also"] = also
	}
	data, err := json.Marshal(args)
	if err != nil {
		b.Fatal(err)
	}
	return string(data)
}

// processor is how long the process has computed, 0 where the system does not
// tell.
func (p *child) processor() (sum time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	for _, name := range threads {
		var ns int64
		data, _ := os.ReadFile(name) // the thread may have ended
		_, _ = fmt.Sscan(string(data), &ns)
		sum += time.Duration(ns)
	}
	return sum
}
