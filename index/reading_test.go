package index

import "testing"

// An index that is only read is left as it is on disk, byte for byte, so that a
// question to one that was idle waits for no disk; and the first change to it
// finds it as it was.
func TestReadingWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	filled(t, dir)
	before := contents(t, dir)
	for range 2 {
		s := openStore(t, dir, Config{})
		if got := ids(find(t, openIndex(t, s, "somebody"), Query{Text: "zebra", Limit: 1})); got == "" {
			t.Error("nothing is found")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := contents(t, dir); after != before {
		t.Errorf("files changed from\n%s\nto\n%s", before, after)
	}
	s := openStore(t, dir, Config{})
	x := openIndex(t, s, "somebody")
	apply(t, x, Change{Put: []Entry{entry("page9", "A", "giraffe zebra")}})
	if got := ids(find(t, x, Query{Text: "giraffe"})); got != "page9/0" || x.Totals().Pages != 6 {
		t.Errorf("after a change it finds %q among %d pages", got, x.Totals().Pages)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if y := openIndex(t, openStore(t, dir, Config{}), "somebody"); y.Totals().Pages != 6 || y.Recovered() != "" {
		t.Errorf("opened again it has %d pages and says %q", y.Totals().Pages, y.Recovered())
	}
}
