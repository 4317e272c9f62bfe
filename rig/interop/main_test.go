package main

import (
	"testing"
)

func TestCount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, output string
		want         counts
	}{
		{"spec reporter", "✔ a (1ms)\nℹ tests 3\nℹ suites 0\nℹ pass 3\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\n", counts{3, 0}},
		{"tap reporter", "ok 1 - a\n# tests 2\n# pass 1\n# fail 1\n", counts{1, 1}},
		{"not run is failed", "ℹ pass 5\nℹ fail 1\nℹ cancelled 2\nℹ skipped 3\nℹ todo 1\n", counts{5, 7}},
		{"nothing ran", "ℹ pass 0\nℹ fail 0\n", counts{0, 1}},
		{"died before the totals", "✔ a (1ms)\n", counts{0, 1}},
		{"a test's own words", "saw pass 3 times\nℹ pass 1\nℹ fail 0\n", counts{1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := count(tt.output); got != tt.want {
				t.Errorf("count = %+v, want %+v", got, tt.want)
			}
		})
	}
}
