package tools

import (
	"strings"
	"testing"
	"time"
)

func TestReferencesAndDates(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"Refund policy", "https://example.com/0a1b0000000000000000000000000001", "1234"} {
		_, err := reference("page", bad)
		if err == nil || !strings.Contains(err.Error(), "search_notion") {
			t.Errorf("reference(%q): %v, want the next step", bad, err)
		}
	}
	now := time.Date(2026, 2, 14, 10, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"2026-01-31": "2026-01-31T00:00:00Z", "31.1.2026": "2026-01-31T00:00:00Z", "2026-01-31T09:00:05": "2026-01-31T09:00:05Z", "yesterday": "2026-02-13T00:00:00Z", "2026-01-31T09:00:00+02:00": "2026-01-31T07:00:00Z", "2026-01": "2026-01-01T00:00:00Z",
	} {
		at, err := date("edited_after", in, now)
		if err != nil || stamp(at) != want {
			t.Errorf("date(%q) = %s, %v, want %s", in, stamp(at), err, want)
		}
	}
	for _, bad := range []string{"soon", "31.6.2026", "2026-13-01"} {
		if _, err := date("edited_after", bad, now); err == nil || !strings.Contains(err.Error(), "2026-07-01") {
			t.Errorf("date(%q): %v, want an example", bad, err)
		}
	}
}
