package markdown

import "testing"

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]Text{0: "0 comments are", 1: "1 comment is", 2: "2 comments are"} {
		if got := Counted(n, "comment is", "comments are"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if Count(1, "row") != "1 row" || Count(12, "row") != "12 rows" {
		t.Errorf("%q, %q", Count(1, "row"), Count(12, "row"))
	}
}
