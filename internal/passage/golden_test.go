package passage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/golden"
)

func TestSplitGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.tree")
	if err != nil || len(files) == 0 {
		t.Fatalf("no trees in testdata: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".tree")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			page, body := parseTree(t, string(src))
			split := SplitPage(page, body, Options{})
			checkSplit(t, split, body, Options{})
			golden.File(t, strings.TrimSuffix(file, ".tree")+".golden", show(split))
		})
	}
}
