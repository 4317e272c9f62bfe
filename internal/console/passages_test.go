package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/tools"
)

func sampleAnswer(t *testing.T) tools.SearchOut {
	t.Helper()
	raw, err := os.ReadFile("testdata/passages.json")
	if err != nil {
		t.Fatal(err)
	}
	var out tools.SearchOut
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPassagesGolden(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 120} {
		for _, color := range []bool{false, true} {
			name := fmt.Sprintf("passages_%d.golden", width)
			if color {
				name = fmt.Sprintf("passages_%d_color.golden", width)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var out, diag bytes.Buffer
				term := Terminal{Out: &out, Err: &diag, Width: width, Color: color}
				term.result(sampleAnswer(t), SearchConfig{Question: "Which renewals are at risk?", Full: true})
				golden.File(t, "testdata/"+name, out.String())
				if want := "mcp-notion sync"; !strings.Contains(diag.String(), want) {
					t.Errorf("stderr %q does not mention %q although pages are missing", diag.String(), want)
				}
			})
		}
	}
}

// What a page says must not reach the terminal as a command, and lines stay
// within the terminal but for links, which must stay whole.
func TestPassagesObeyTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 63, 80, 110} {
		var out bytes.Buffer
		term := Terminal{Out: &out, Width: width}
		term.result(sampleAnswer(t), SearchConfig{Question: "risk", Full: width%2 == 0})
		if i := strings.IndexAny(out.String(), "\x1b\x07\u202e"); i >= 0 {
			t.Errorf("width %d: a control character got through: %q", width, out.String()[i:min(i+20, out.Len())])
		}
		for l := range strings.Lines(out.String()) {
			l = strings.TrimSuffix(l, "\n")
			if uniseg.StringWidth(l) > width && !strings.Contains(l, "https://") {
				t.Errorf("width %d: line of %d columns: %q", width, uniseg.StringWidth(l), l)
			}
			if strings.HasSuffix(l, " ") {
				t.Errorf("width %d: space at the end of %q", width, l)
			}
		}
	}
}

func TestResultOfNothing(t *testing.T) {
	t.Parallel()
	var out, diag bytes.Buffer
	found := tools.SearchOut{Coverage: tools.Coverage{Known: 3, Complete: 3, State: string(ingest.Settled), Statement: "Searched all 3 pages shared with this connection.", Ready: true}}
	Terminal{Out: &out, Err: &diag}.result(found, SearchConfig{Question: "zanzibar"})
	if !strings.HasPrefix(out.String(), "Nothing found.") || !strings.Contains(out.String(), "Searched all 3 pages ") {
		t.Errorf("got %q", out.String())
	}
	if diag.Len() > 0 {
		t.Errorf("stderr has %q although the index is complete", diag.String())
	}
}

// A search shows the lines around what is cited, and the rest on demand. Words
// of rephrasings count too.
func TestResultIsClipped(t *testing.T) {
	t.Parallel()
	show := func(cfg SearchConfig) string {
		var out bytes.Buffer
		Terminal{Out: &out}.result(sampleAnswer(t), cfg)
		return out.String()
	}
	short := show(SearchConfig{Question: "zanzibar", Also: []string{"health in Relata"}})
	if !strings.Contains(short, "if health is Red") || strings.Contains(short, "Last words.") {
		t.Errorf("not the lines around the words:\n%s", short)
	}
	if !strings.Contains(short, "--full shows all of it") {
		t.Errorf("it is not said that text is left out:\n%s", short)
	}
	full := show(SearchConfig{Question: "Mistral Garden", Full: true})
	if !strings.Contains(full, "Last words.") || strings.Contains(full, ellipsis) || strings.Contains(full, "--full") {
		t.Errorf("not the whole passages:\n%s", full)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "1 ms", 42 * time.Millisecond: "42 ms", 1240 * time.Millisecond: "1.2 s", 12 * time.Second: "12 s",
		3*time.Minute + 5*time.Second: "3 min 05 s", 2*time.Hour + 7*time.Minute: "2 h 07 min",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}
