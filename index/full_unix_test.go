//go:build !windows

package index

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/disk/disktest"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestFullDisk(t *testing.T) { disktest.Alone(t, fillDisk) }

// fillDisk fails at changes at all the places where a file can end, while others
// read, and goes on once there is room again.
func fillDisk(t *testing.T) {
	dir := t.TempDir()
	m, n := model{}, 0
	for round := range 2 {
		s := openStore(t, dir, Config{})
		x := openIndex(t, s, "somebody")
		stop := reading(t, x)
		for _, size := range []uint64{0, 5 << 10, 70 << 10} {
			for range 3 {
				n++
				apply(t, x, step(n))
				m.apply(step(n))
			}
			disktest.Room(t, size)
			checkFull(t, m, x, n)
			disktest.Room(t, math.MaxUint64)
		}
		stop()
		disktest.Room(t, uint64(round)<<10)
		if err := s.Close(); err != nil {
			t.Errorf("close on a full disk: %v", err)
		}
		s = openStore(t, dir, Config{})
		x = openIndex(t, s, "somebody")
		if x.Recovered() != "" {
			t.Fatalf("recovered: %s", x.Recovered())
		}
		checkContents(t, m, x)
		checkFull(t, m, x, n)
		disktest.Room(t, math.MaxUint64)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// checkFull makes changes that there is no room for: nothing of them is seen, and
// nothing is lost that was there.
func checkFull(t *testing.T, m model, x *Index, n int) {
	t.Helper()
	large := Change{State: map[string][]byte{"mark": []byte("too much")}}
	for i := range 40 {
		text := strings.Builder{}
		for j := range 400 {
			fmt.Fprintf(&text, "word%d ", i*400+j)
		}
		large.Put = append(large.Put, entry(fmt.Sprint("large", i), "Large", text.String()))
	}
	for range 2 {
		if err := x.Apply(t.Context(), large); !errors.Is(err, ErrFull) {
			t.Errorf("a change without room: %v", err)
		}
		checkContents(t, m, x)
		checkState(t, x, "mark", strconv.Itoa(n))
	}
}

// reading keeps on reading in many ways at once.
func reading(t *testing.T, x *Index) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				_, err := x.Search(ctx, Query{Text: "zebra word7", Limit: 10})
				for _, p := range []notion.ID{"page0", "page1", "large0"} {
					_, perr := x.Passages(ctx, p)
					err = errors.Join(err, perr)
				}
				_, serr := x.State("mark")
				if err = errors.Join(err, serr); err != nil && ctx.Err() == nil {
					t.Errorf("read on a full disk: %v", err)
					return
				}
			}
		})
	}
	return func() { cancel(); readers.Wait() }
}

func TestFirstChangeOnAFullDisk(t *testing.T) { disktest.Alone(t, fillDiskFirst) }

// fillDiskFirst leaves no room for the first change after an index was closed
// well, at all the places where bleve's commit can end: nothing that was there is
// lost, and the next change is taken.
func fillDiskFirst(t *testing.T) {
	for _, size := range []uint64{0, 5 << 10, 10 << 10, 14 << 10, 18 << 10, 22 << 10, 26 << 10, 30 << 10, 34 << 10, 50 << 10, 70 << 10} {
		dir := t.TempDir()
		for last := range 2 {
			s := openStore(t, dir, Config{})
			x := openIndex(t, s, "somebody")
			if x.Recovered() != "" {
				t.Fatalf("%d bytes: recovered: %s", size, x.Recovered())
			}
			if last == 1 {
				disktest.Room(t, size)
				_ = x.Apply(t.Context(), step(9))
				disktest.Room(t, math.MaxUint64)
			}
			apply(t, x, step(last))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		s := openStore(t, dir, Config{})
		if x := openIndex(t, s, "somebody"); x.Recovered() != "" || x.Totals().Passages == 0 {
			t.Errorf("%d bytes: %+v, recovered: %s", size, x.Totals(), x.Recovered())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
