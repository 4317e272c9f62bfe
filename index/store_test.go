package index

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestConnectionsNeverMix(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{})
	mine, theirs := openIndex(t, s, "me"), openIndex(t, s, "them")
	apply(t, mine, Change{Put: []Entry{entry("aaa", "Mine", "my salary")}, State: map[string][]byte{"mark": []byte("mine")}})
	apply(t, theirs, Change{Put: []Entry{entry("aaa", "Theirs", "their salary")}})
	for who, x := range map[string]*Index{"my": mine, "their": theirs} {
		for _, h := range find(t, x, Query{Text: "salary my their mine theirs"}) {
			if !strings.HasPrefix(string(h.Passage.Text), who) {
				t.Errorf("%s index answers %q", who, h.Passage.Text)
			}
		}
		if got := x.Totals(); got.Pages != 1 || got.Passages != 1 {
			t.Errorf("%s totals %+v", who, got)
		}
	}
	if got := ids(find(t, theirs, Query{Text: "my"})); got != "" {
		t.Errorf("they find %s of mine", got)
	}
	checkState(t, theirs, "mark", "")
	if s.Dir(connection("me")) == s.Dir(connection("them")) {
		t.Error("two connections share a folder")
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "store")
	s := openStore(t, dir, Config{})
	apply(t, openIndex(t, s, "somebody"), Change{Put: []Entry{entry("aaa", "A", "secret")}})
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && d.IsDir() && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestIdleIndexIsClosedAndComesBack(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{IdleClose: 20 * time.Millisecond})
	x := openIndex(t, s, "somebody")
	for round := range 3 {
		apply(t, x, Change{Put: []Entry{entry(fmt.Sprint("page", round), "A", "zebra")}})
		waitUntil(t, "the index is closed", x.shared.idle)
		if _, err := os.Stat(filepath.Join(s.Dir(connection("somebody")), "seal")); err != nil {
			t.Errorf("no seal: %v", err)
		}
		if got := len(find(t, x, Query{Text: "zebra"})); got != round+1 {
			t.Errorf("found %d passages after reopening, want %d", got, round+1)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the store forgets", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.open) == 0
	})
	if x.Recovered() != "" {
		t.Errorf("recovered: %s", x.Recovered())
	}
}

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{IdleClose: -1})
	x, y := openIndex(t, s, "somebody"), openIndex(t, s, "somebody")
	apply(t, x, Change{Put: []Entry{entry("aaa", "A", "zebra")}})
	for range 2 {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := x.Apply(t.Context(), Change{}); !errors.Is(err, ErrClosed) {
		t.Errorf("apply after close: %v", err)
	}
	if got := ids(find(t, y, Query{Text: "zebra"})); got != "aaa/0" {
		t.Errorf("the other handle finds %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Search(t.Context(), Query{Text: "zebra"}); !errors.Is(err, ErrClosed) {
		t.Errorf("search after the store was closed: %v", err)
	}
	if pages := y.Pages(); len(pages) != 0 {
		t.Errorf("pages %v after the store was closed", pages)
	}
	if _, err := s.Open(t.Context(), connection("somebody")); !errors.Is(err, ErrClosed) {
		t.Errorf("open after the store was closed: %v", err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{})
	x := openIndex(t, s, "somebody")
	apply(t, x, Change{Put: []Entry{entry("aaa", "A", "zebra")}})
	other := openIndex(t, s, "other")
	apply(t, other, Change{Put: []Entry{entry("bbb", "B", "lion")}})
	for range 2 { // also what is not there
		if err := s.Delete(t.Context(), connection("somebody")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(s.Dir(connection("somebody"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if err := x.Apply(t.Context(), Change{Put: []Entry{entry("aaa", "A", "zebra")}}); !errors.Is(err, ErrClosed) {
		t.Errorf("an old handle writes after delete: %v", err)
	}
	if got := openIndex(t, s, "somebody").Totals(); got != (Totals{}) {
		t.Errorf("totals %+v after delete", got)
	}
	if got := ids(find(t, other, Query{Text: "lion"})); got != "bbb/0" {
		t.Errorf("the other index finds %q", got)
	}
}

func TestInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := openStore(t, dir, Config{}), openStore(t, dir, Config{})
	x := openIndex(t, first, "somebody")
	apply(t, x, Change{Put: []Entry{entry("aaa", "A", "zebra")}})
	_, err := second.Open(t.Context(), connection("somebody"))
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "end it") {
		t.Errorf("second opening: %v", err)
	}
	if err := second.Delete(t.Context(), connection("somebody")); !errors.Is(err, ErrInUse) {
		t.Errorf("delete by another: %v", err)
	}
	if got := ids(find(t, x, Query{Text: "zebra"})); got != "aaa/0" {
		t.Errorf("the owner finds %q", got)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ids(find(t, openIndex(t, second, "somebody"), Query{Text: "zebra"})); got != "aaa/0" {
		t.Errorf("the successor finds %q", got)
	}
}

func TestNewerFormatIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	filled(t, dir)
	s := openStore(t, dir, Config{})
	path := filepath.Join(s.Dir(connection("somebody")), "format")
	if err := os.WriteFile(path, []byte(`{"format": 999, "more": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	_, err := s.Open(t.Context(), connection("somebody"))
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "update mcp-notion") {
		t.Errorf("open: %v", err)
	}
	if after := contents(t, dir); after != before {
		t.Errorf("files changed from\n%s\nto\n%s", before, after)
	}
}

func TestOlderFormatIsBuiltAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	filled(t, dir)
	s := openStore(t, dir, Config{})
	path := filepath.Join(s.Dir(connection("somebody")), "format")
	if err := os.WriteFile(path, []byte(`{"format": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	x := openIndex(t, s, "somebody")
	if got := x.Recovered(); !strings.Contains(got, "older version") || strings.Contains(got, "damage") {
		t.Errorf("recovered: %q", got)
	}
	if got := x.Totals(); got != (Totals{}) {
		t.Errorf("it holds %+v", got)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "{\"format\": 6}\n" {
		t.Errorf("format file %q, %v", data, err)
	}
}

// contents lists all files with their sizes and checksums.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		data, _ := os.ReadFile(path)
		fmt.Fprintf(&out, "%s %d %08x\n", path, len(data), crc32.ChecksumIEEE(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	x := newIndex(t)
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			for n := range 15 {
				word := fmt.Sprintf("version%d", n)
				e := entry(fmt.Sprint("page", w), word, "zebra "+word, "zebra "+word, "zebra "+word)
				apply(t, x, Change{Put: []Entry{e}, State: map[string][]byte{fmt.Sprint("page", w): []byte(word)}})
				if w == 3 {
					apply(t, x, Change{Remove: []notion.ID{"page3"}})
				}
			}
		})
	}
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					checkNotTorn(t, find(t, x, Query{Text: "zebra"}))
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if got := x.Totals(); got.Pages != 3 || got.Passages != 9 {
		t.Errorf("totals %+v", got)
	}
	checkState(t, x, "page2", "version14")
}

// checkNotTorn makes sure that each page is all of one version, with the
// record of that version.
func checkNotTorn(t *testing.T, hits []Hit) {
	t.Helper()
	count := map[notion.ID]int{}
	for _, h := range hits {
		count[h.Page.ID]++
		if string(h.Passage.Text) != "zebra "+h.Page.Title {
			t.Errorf("passage %q with the record of %q", h.Passage.Text, h.Page.Title)
		}
	}
	for id, n := range count {
		if n != 3 {
			t.Errorf("%d of 3 passages of %s", n, id)
		}
	}
}
