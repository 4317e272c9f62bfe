package ingest_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/index"
)

var mirrors = flag.Int("mirrors", 32, "how many fresh mirrors are made")

// within puts a link to a child page where it is not the page's own child block.
var within = []string{
	"- point\n\n    %s\n\n",
	"1. first\n    - second\n\n        %s\n\n",
	"<details><summary>More</summary>\n\n%s\n\n</details>\n\n",
	"<columns>\n<column>\n\n%s\n\n</column>\n<column>\n\nbeside\n\n</column>\n</columns>\n\n",
	"<synced_block id=\"shared\">\n\n- held\n\n    %s\n\n</synced_block>\n\n",
	"> [!NOTE]\n> words\n\n%s\n\n",
}

// nestedWorkspace has child pages in lists, columns, toggles and synced blocks,
// which other pages show again, and a table whose rows have bodies.
func nestedWorkspace(r *rand.Rand) fstest.MapFS {
	var home strings.Builder
	home.WriteString("# Home\n\nOpening words.\n\n")
	pairs := []string{}
	synced := false
	for i := range 6 + r.IntN(8) {
		name := fmt.Sprintf("home/topic%d.md", i)
		place := within[r.IntN(len(within))]
		if strings.Contains(place, "shared") {
			if synced {
				place = within[0]
			}
			synced = true
		}
		fmt.Fprintf(&home, place, fmt.Sprintf("[Topic %d](%s)", i, name))
		text := fmt.Sprintf("# Topic %d\n\n%s", i, strings.Repeat("- point\n    - detail\n        - finer\n\n", r.IntN(4)))
		if i%3 == 0 {
			below := fmt.Sprintf("home/topic%d/below.md", i)
			text += fmt.Sprintf("- in here\n\n    [Below %d](topic%d/below.md)\n\n", i, i)
			pairs = append(pairs, below, fmt.Sprintf("# Below %d\n\n- deep\n    - deeper\n", i))
		}
		if synced && i%2 == 0 {
			text += "<!-- synced_copy: shared -->\n"
		}
		pairs = append(pairs, name, text)
	}
	pairs = append(pairs, "home.md", home.String(), "home/tasks.csv", "Name,Status\nOne,Open\nTwo,Done\n", "home/tasks/Two.md", "# Two\n\n- body\n    - of a row\n")
	return files(pairs...)
}

// However many workers read, and whoever is first, a fresh mirror is complete
// and the same as any other.
func TestFreshMirrorsAreCompleteAndEqual(t *testing.T) {
	t.Parallel()
	const each = 8 // of one workspace
	for seed := range max(*mirrors/each, 1) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		cfg := emulator.Config{SearchOmits: []int{0, 3}[seed%2], PageSizeMax: []int{0, 4}[seed/2%2]}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, nestedWorkspace(r), cfg)
			var first *index.Index
			for i := range each {
				x, s := w.mirrorWith(t.TempDir(), 1+(seed+5*i)%16)
				sum, err := s.Sync(t.Context())
				if err != nil || sum.Complete != sum.Known || len(sum.Problems) > 0 || !sum.Ready() {
					t.Fatalf("mirror %d: %v, %+v", i, err, sum.Coverage)
				}
				if first == nil {
					first = x
				}
				equalContent(t, x, first)
			}
		})
	}
}
