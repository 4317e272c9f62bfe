package index

import (
	"fmt"
	"testing"
)

// However many connections are open, the files of those that were used least
// lately are closed, and all of them are found again.
func TestOpenFilesAreBounded(t *testing.T) {
	t.Parallel()
	const most, connections = 12, 20
	s := openStore(t, t.TempDir(), Config{IdleClose: -1, MaxFiles: most})
	all := open(t, s, connections)
	for range 2 {
		for i, x := range all {
			if got := ids(find(t, x, Query{Text: "zebra"})); got != fmt.Sprintf("page%d/0", i) {
				t.Errorf("connection %d finds %q", i, got)
			}
		}
		waitUntil(t, "files are closed", func() bool {
			files, used := 0, 0
			for _, x := range all {
				look(x, func(e *engine) { files, used = files+e.files(), used+1 })
			}
			return files <= most && used > 0
		})
	}
}

// What is mapped into memory is given back by those that were used least lately,
// which go on to be read and written.
func TestMappedMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{IdleClose: -1, MaxMapped: 1})
	all := open(t, s, 5)
	for range 2 {
		for i, x := range all {
			apply(t, x, Change{Put: []Entry{entry("more", "A", "giraffe")}})
			if got := ids(find(t, x, Query{Text: "zebra"})); got != fmt.Sprintf("page%d/0", i) {
				t.Errorf("connection %d finds %q", i, got)
			}
			if got := ids(find(t, x, Query{Text: "giraffe"})); got != "more/0" {
				t.Errorf("connection %d finds %q of what came later", i, got)
			}
		}
		waitUntil(t, "all but the last rest", func() bool {
			resting := 0
			for _, x := range all {
				look(x, func(e *engine) {
					e.mu.RLock()
					defer e.mu.RUnlock()
					if e.scorch == nil {
						resting++
					}
				})
			}
			return resting == len(all)-1
		})
	}
}

// open makes indexes with a page each.
func open(t *testing.T, s *Store, connections int) (all []*Index) {
	t.Helper()
	for i := range connections {
		x := openIndex(t, s, fmt.Sprint("user", i))
		apply(t, x, Change{Put: []Entry{entry(fmt.Sprint("page", i), "A", "zebra")}})
		all = append(all, x)
	}
	return all
}

// look calls do with the engine of an index if that is open, which is not to
// use it.
func look(x *Index, do func(*engine)) {
	x.shared.mu.Lock()
	defer x.shared.mu.Unlock()
	if x.shared.engine != nil {
		do(x.shared.engine)
	}
}

// An index that is in use when it should make room stays open, and counts.
func TestOpenFilesCountInUse(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{IdleClose: -1})
	all := open(t, s, 2)
	err := all[0].Rank(t.Context(), Query{Text: "zebra"}, func(*Ranked) error {
		find(t, all[1], Query{Text: "zebra"})
		s.residents.mu.Lock()
		s.residents.maxFiles = 1
		s.residents.mu.Unlock()
		_, end := s.residents.surplus()
		if len(end) != 1 || end[0] != all[0].shared {
			t.Fatalf("%d indexes are to end, want the one used first", len(end))
		}
		end[0].closeUnused()
		if r := end[0].residence; r.in == nil || r.files == 0 {
			t.Error("an open index is not counted")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
