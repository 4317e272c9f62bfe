package richtext

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// hostile are pieces which, many times over, leave as much as can be without a
// partner, nest it, or change the style with every letter.
var hostile = []string{
	"word ", "**b** i ", "*a ", "**a", "_a ", "`", "`a``", "``a` b``` ", "$a ", "$a", "[", "[a", "[a](", "[a](b ", "[a](https://b(", "](((", "~~a",
	"https://", "http", "*_", "**_~~", "***a", "*a **b ", "\\", "\\`", "a*b**", "_a__b ", "~~a ~b ", "[a](https://b) ", "$x$", "# a\n", "# *a `", "#", "\n* ", "  *", "```\n", "**a *b ~~c `d` ~~ * ** ",
}

// repeated is a piece, as often as goes into so many bytes.
func repeated(piece string, size int) string { return strings.Repeat(piece, size/len(piece)) }

// ticks are runs of backticks of which no two are alike.
func ticks(size int) string {
	var b strings.Builder
	for n := 1; b.Len() < size; n++ {
		b.WriteString(strings.Repeat("`", n) + " ")
	}
	return b.String()
}

// The work grows as the text does, whatever is in it: counted in looks and in
// bytes, as no clock tells it of a machine that is busy. It must not be
// parallel, for the bytes are those of all that runs.
func TestWorkGrowsAsTheText(t *testing.T) {
	inputs := map[string]func(int) string{"ticks of all lengths": ticks}
	for _, piece := range hostile {
		inputs[piece] = func(size int) string { return repeated(piece, size) }
	}
	for name, input := range inputs {
		short, long := input(20_000), input(200_000)
		p := inline{foresight: look(long)}
		if p.read(0, len(long)); p.steps > 50*len(long) {
			t.Errorf("%q: %d looks at a text of %d bytes", name, p.steps, len(long))
		}
		few := allocated(func() { Parse(short) })
		var parts [][]notion.RichText
		if many := allocated(func() { parts = Parse(long) }); many > 20*few+1<<20 {
			t.Errorf("%q: %d bytes for a text, and %d for one ten times as long", name, few, many)
		}
		checkLimits(t, parts)
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func BenchmarkParse(b *testing.B) {
	for _, piece := range []string{"word **b** [a](https://b) `c` ", "\\", "`a``", "https://"} {
		for _, size := range []int{10_000, 100_000, 200_000} {
			in := repeated(piece, size)
			b.Run(fmt.Sprintf("%q/%dkB", piece, size/1000), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					Parse(in)
				}
			})
		}
	}
}
