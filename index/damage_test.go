package index

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

// filled makes an index of several batches and closes it.
func filled(t *testing.T, dir string) {
	t.Helper()
	s := openStore(t, dir, Config{})
	x := openIndex(t, s, "somebody")
	for n := range 5 {
		apply(t, x, Change{
			Put:   []Entry{entry(fmt.Sprint("page", n), "A", strings.Repeat("zebra lion ", 50))},
			State: map[string][]byte{"mark": []byte(strconv.Itoa(n))},
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func glob(t *testing.T, pattern ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %v: %v", pattern, err)
	}
	return files
}

func TestDamagedIndexIsRebuilt(t *testing.T) {
	t.Parallel()
	change := func(edit func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, file string) {
			data, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, edit(data), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// What is left of root.bolt are its two meta pages: the second half of the
	// file may be free, and then nothing is lost with it.
	cut := change(func(b []byte) []byte { return b[:min(len(b)/2, 8<<10)] })
	empty := change(func([]byte) []byte { return nil })
	garble := change(func(b []byte) []byte {
		for i := range b {
			b[i] = byte(i * 7)
		}
		return b
	})
	flip := change(func(b []byte) []byte { b[len(b)/3] ^= 0x40; return b })
	lose := func(t *testing.T, file string) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"data/root.bolt", "data/*.zap", "format"} {
		for name, harm := range map[string]func(*testing.T, string){"cut": cut, "empty": empty, "garbled": garble, "flipped": flip, "lost": lose} {
			for _, sealed := range []bool{true, false} {
				if !sealed && file == "data/root.bolt" && name == "flipped" {
					continue // one bit in it can only be found by the seal
				}
				t.Run(fmt.Sprintf("%s %s sealed=%v", file, name, sealed), func(t *testing.T) {
					t.Parallel()
					dir := t.TempDir()
					filled(t, dir)
					if !sealed {
						lose(t, glob(t, dir, "*", "seal")[0])
					}
					for _, name := range glob(t, dir, "*", file) { // some segments may be left over from before a merge
						harm(t, name)
					}
					checkRebuilt(t, dir)
				})
			}
		}
	}
}

func checkRebuilt(t *testing.T, dir string) {
	t.Helper()
	s := openStore(t, dir, Config{})
	x := openIndex(t, s, "somebody")
	if x.Recovered() == "" {
		t.Error("the index does not say that it was rebuilt")
	}
	if got := x.Totals(); got != (Totals{}) {
		t.Errorf("totals %+v", got)
	}
	checkState(t, x, "mark", "")
	apply(t, x, Change{Put: []Entry{entry("page0", "A", "zebra")}})
	if got := ids(find(t, x, Query{Text: "zebra"})); got != "page0/0" {
		t.Errorf("the new index finds %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	y := openIndex(t, openStore(t, dir, Config{}), "somebody")
	if got := ids(find(t, y, Query{Text: "zebra"})); got != "page0/0" || y.Recovered() != "" {
		t.Errorf("after one more opening it finds %q and says %q", got, y.Recovered())
	}
}

// TestFlippedBytes flips bytes anywhere. The index is then either empty and
// says why, or it is what some batch left, mostly the last one: the byte said
// nothing.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	source := t.TempDir()
	filled(t, source)
	files := append(glob(t, source, "*", "data", "*"), glob(t, source, "*", "format")...)
	for range 40 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(source, files[r.IntN(len(files))])
		file := filepath.Join(dir, rel)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := r.IntN(len(data))
		data[at] ^= byte(1 + r.IntN(255))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openStore(t, dir, Config{})
		x, err := s.Open(t.Context(), connection("somebody"))
		if errors.Is(err, ErrNewer) {
			continue // a larger number in the format file cannot be told from a newer version
		}
		if err != nil {
			t.Fatalf("byte %d of %s: %v", at, rel, err)
		}
		mark, err := x.State("mark")
		pages := x.Totals().Pages
		if err != nil || (x.Recovered() == "") != (string(mark) == strconv.Itoa(pages-1)) {
			t.Errorf("byte %d of %s: %d pages, mark %q, %v, recovered %q", at, rel, pages, mark, err, x.Recovered())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEnvironmentIsNoDamage(t *testing.T) {
	t.Parallel()
	for _, err := range []error{syscall.EMFILE, syscall.ENOSPC, os.ErrPermission} {
		if !transient(fmt.Errorf("open: %w", err)) {
			t.Errorf("%v would delete the index", err)
		}
	}
	if transient(damage("x")) || transient(os.ErrNotExist) {
		t.Error("damage is taken for a passing fault")
	}
}

// TestUnfinishedCreationIsNoDamage opens a folder whose creation was cut off.
func TestUnfinishedCreationIsNoDamage(t *testing.T) {
	t.Parallel()
	s := openStore(t, t.TempDir(), Config{})
	if err := os.MkdirAll(filepath.Join(s.Dir(connection("somebody")), "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if x := openIndex(t, s, "somebody"); x.Recovered() != "" {
		t.Errorf("recovered: %s", x.Recovered())
	}
}

const childDir = "INDEX_TEST_CHILD_DIR"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		childWrites(dir)
		return
	}
	os.Exit(m.Run())
}

// step is what the child's n-th change leaves: three pages in turn, each with
// the number in all passages, and a mark.
func step(n int) Change {
	word := fmt.Sprintf("step%d", n)
	c := Change{State: map[string][]byte{"mark": []byte(strconv.Itoa(n))}}
	var texts []string
	for range 1 + n%4 {
		texts = append(texts, "zebra "+word)
	}
	c.Put = []Entry{entry(fmt.Sprint("page", n%3), word, texts...)}
	if n%5 == 0 {
		c.Remove = []notion.ID{notion.ID(fmt.Sprint("page", (n+1)%3))}
	}
	return c
}

// childWrites goes on from the mark until it is killed, and says after each
// change that it is durable.
func childWrites(dir string) {
	s, err := OpenStore(dir, Config{})
	if err != nil {
		panic(err)
	}
	x, err := s.Open(context.Background(), connection("somebody"))
	if err != nil {
		panic(err)
	}
	mark, _ := x.State("mark")
	n, _ := strconv.Atoi(string(mark))
	for {
		n++
		if err := x.Apply(context.Background(), step(n)); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func TestKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(5, 5))
	m, done := model{}, 0
	for round := 0; round < 10 || done < 20; round++ { // each child lives to make one change at least
		told := runAndKill(t, dir, time.Duration(r.IntN(120))*time.Millisecond)
		s := openStore(t, dir, Config{})
		x := openIndex(t, s, "somebody")
		if x.Recovered() != "" {
			t.Fatalf("recovered: %s", x.Recovered())
		}
		mark, err := x.State("mark")
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(string(mark))
		if n < told || n < done {
			t.Fatalf("the mark is %d, but change %d was acknowledged", n, max(told, done))
		}
		for ; done < n; done++ {
			m.apply(step(done + 1))
		}
		checkContents(t, m, x)
		for _, h := range find(t, x, Query{Text: "zebra"}) {
			if string(h.Passage.Text) != "zebra "+h.Page.Title {
				t.Errorf("passage %q with the record of %q", h.Passage.Text, h.Page.Title)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// runAndKill starts a child, kills it some time after its first change, and
// returns the last change that it acknowledged.
func runAndKill(t *testing.T, dir string, after time.Duration) (told int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	var complaint bytes.Buffer
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if told == 0 {
			time.AfterFunc(after, func() { _ = child.Process.Kill() })
		}
		told, _ = strconv.Atoi(lines.Text())
	}
	_ = child.Wait()
	if told == 0 {
		t.Fatalf("the child made no change: %s", complaint.String())
	}
	return told
}
