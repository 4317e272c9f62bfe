package index

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkSearch asks what was not asked before, of an index in use. With
// BENCH_INDEX=DIR the indexes are made there, and found again the next time;
// BENCH_PASSAGES=N is for another size.
func BenchmarkSearch(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if n, err := strconv.Atoi(os.Getenv("BENCH_PASSAGES")); err == nil {
		sizes = []int{n}
	}
	for _, size := range sizes {
		x := benchIndex(b, size)
		forms := queryForms(newLanguage(1, 50_000).again(2), 2000, size)
		for _, name := range slices.Sorted(maps.Keys(forms)) {
			b.Run(fmt.Sprintf("passages=%d/%s", size, name), func(b *testing.B) { benchQueries(b, x, forms[name]) })
		}
	}
}

// benchIndex is an index with so many passages, a new one unless there is one.
func benchIndex(b *testing.B, size int) *Index {
	dir := os.Getenv("BENCH_INDEX")
	if dir == "" {
		dir = b.TempDir()
	}
	x := openIndex(b, openStore(b, dir, Config{}), fmt.Sprint("of", size))
	if x.Totals().Passages != size {
		start := time.Now()
		fill(b, x, newLanguage(1, 50_000), size)
		b.Logf("%d passages in %v", size, time.Since(start).Round(time.Millisecond))
	}
	return x
}

// queryForms are the forms that a search can have, n of each.
func queryForms(l *language, n, passages int) map[string][]Query {
	forms := map[string][]Query{}
	for i := range n {
		plain := Query{Text: l.content(3 + i%6)}
		rephrased, half, below, quoting, without := plain, plain, plain, plain, plain
		for range 3 {
			rephrased.Also = append(rephrased.Also, l.content(4))
		}
		half.Within = func(p Page) bool { return p.ID[7]%2 == 1 }
		first := fmt.Sprintf("%08x", l.rand.IntN(passages/10))[:6] // one page of 256
		below.Within = func(p Page) bool { return string(p.ID[:6]) == first }
		quoting.Text += fmt.Sprintf(" %q", l.content(1))
		without.Text += " -" + l.content(1)
		for name, q := range map[string]Query{
			"plain": plain, "rephrased": rephrased, "within-half": half, "within-few": below, "quoting": quoting, "without": without,
		} {
			forms[name] = append(forms[name], q)
		}
	}
	return forms
}

func benchQueries(b *testing.B, x *Index, queries []Query) {
	times := make([]time.Duration, 0, b.N)
	const warm = 300
	for _, q := range queries[:warm] {
		find(b, x, q)
	}
	queries = queries[warm:]
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := 0; b.Loop(); i++ {
		start := threadTime(b)
		find(b, x, queries[i%len(queries)])
		times = append(times, threadTime(b)-start)
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
}

// threadTime is the processor time of this thread, in which no other process
// has a share.
func threadTime(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
