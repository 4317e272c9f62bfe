package echo_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/echo"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                       `""`,
		"my-notion":              `"my-notion"`,
		"a\nb\x00\u202ec":        `"a b  c"`,
		strings.Repeat("é", 80):  `"` + strings.Repeat("é", 80) + `"`,
		strings.Repeat("é", 81):  `"` + strings.Repeat("é", 80) + `..."`,
		strings.Repeat("x", 9e5): `"` + strings.Repeat("x", 80) + `..."`,
		"\xff\xfe":               `"  "`,
	} {
		got := echo.Quote(in)
		if in == "\xff\xfe" {
			got = strings.ReplaceAll(got, string(utf8.RuneError), " ")
		}
		if got != want {
			t.Errorf("%.20q: got %s, want %s", in, got, want)
		}
	}
}
