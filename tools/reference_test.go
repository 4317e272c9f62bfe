package tools

import (
	"strings"
	"testing"
)

func TestReferencesAndDates(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"Refund policy", "https://example.com/0a1b0000000000000000000000000001", "1234"} {
		_, err := reference("page", bad)
		if err == nil || !strings.Contains(err.Error(), "search_notion") {
			t.Errorf("reference(%q): %v, want the next step", bad, err)
		}
	}
	for in, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31T09:00:00+02:00": "2026-01-31T07:00:00Z", "2026-01": "2026-01-01T00:00:00Z",
	} {
		at, err := date("edited_after", in)
		if err != nil || stamp(at) != want {
			t.Errorf("date(%q) = %s, %v, want %s", in, stamp(at), err, want)
		}
	}
	for _, bad := range []string{"yesterday", "31.1.2026", "2026-13-01"} {
		if _, err := date("edited_after", bad); err == nil || !strings.Contains(err.Error(), "2026-01-31") {
			t.Errorf("date(%q): %v, want an example", bad, err)
		}
	}
}
