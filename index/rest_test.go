package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// What stands beside the text of a passage comes back as it was, and of anything
// cut short there is an error and no half a passage.
func TestRest(t *testing.T) {
	t.Parallel()
	const page, block = "0e3b1c9a-5d2f-4a7b-8c61-2f9d0a4b7e13", "1f3b1c9a-5d2f-4a7b-8c61-2f9d0a4b7e13"
	for name, p := range map[string]passage.Passage{
		"empty":   {},
		"no text": {Page: page, Ordinal: 70_000},
		"whole": {Page: page, Ordinal: 3, Headings: []string{"", "Über \"all\"\n"}, Spans: []passage.Span{
			{Start: 0, End: 5, Block: page}, {Start: 7, End: 300, Block: block}, {Start: 300, End: 301, Block: block},
			{Start: 303, End: 303, Block: page, Near: true}, {Start: 304, End: 305, Block: page}, {Start: 305, End: 310, Block: "not-a-uuid"}, {Start: 310, End: 311, Block: ""},
		}},
		"other ids": {Page: "0E3B1C9A5D2F4A7B8C612F9D0A4B7E13", Spans: []passage.Span{{End: 1, Block: "p1"}}},
	} {
		data := encodeRest(&p)
		got, err := decodeRest(data)
		if err != nil || !cmp.Equal(got, p) {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(p, got))
		}
		for n := range data {
			if got, err := decodeRest(data[:n]); err == nil || !cmp.Equal(got, passage.Passage{}) {
				t.Errorf("%s: %d of %d bytes are read as %+v, %v", name, n, len(data), got, err)
			}
		}
		if _, err := decodeRest(append(data, 0)); err == nil {
			t.Errorf("%s: a byte too many is taken", name)
		}
	}
}
