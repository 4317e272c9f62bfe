package markdown_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator/block"
	"github.com/mcp-notion/mcp-notion/emulator/markdown"
)

var corpus = flag.String("corpus", "testdata/handbook", "folder of Markdown that TestCoverage reads")

var (
	onlyMarkup = regexp.MustCompile("^[\\s>|:*_`~=-]*$|^\\s*</?(details|aside|columns?|tabs?|summary)[^>]*>\\s*$|^<!--.*-->$")
	definition = regexp.MustCompile(`^\s*\[[^\]]+\]:`)
	linkTarget = regexp.MustCompile(`\]\((?:[^()]|\([^()]*\))*\)|\]\[[^\]]*\]|<[^>]*>|&[a-z]+;`)
	word       = regexp.MustCompile(`[A-Za-z0-9]{3,}`)
)

// lost names the words of a file that are in no block whose lines hold them,
// and the lines with text that no block covers.
func lost(src string, blocks []*block.Block) (words, lines []string) {
	all := strings.Split(src, "\n")
	text := make([]string, len(all)+2)
	covered := make([]bool, len(all)+2)
	block.Walk(blocks, func(b *block.Block) {
		for i := b.Source.LineStart; i <= b.Source.LineEnd; i++ {
			text[i] += " " + b.PlainText() + " " + b.Source.Path
			if lang, ok := b.Content["language"].(string); ok {
				text[i] += " " + lang
			}
			covered[i] = true
		}
	})
	inDefinition := false
	for i, line := range all {
		inDefinition = definition.MatchString(line) || inDefinition && strings.HasPrefix(line, "  ")
		if strings.TrimSpace(line) == "" || onlyMarkup.MatchString(line) || inDefinition {
			continue
		}
		if !covered[i+1] {
			lines = append(lines, line)
			continue
		}
		if strings.Contains(line, "[!") || strings.Contains(line, "```") {
			continue
		}
		flat := strings.Join(word.FindAllString(text[i+1], -1), " ")
		for _, w := range word.FindAllString(linkTarget.ReplaceAllString(line, " "), -1) {
			if !strings.Contains(flat, w) {
				words = append(words, w+" in: "+line)
			}
		}
	}
	return words, lines
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(*corpus, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".md" {
			return err
		}
		files++
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		words, lines := lost(string(src), markdown.Parse(src, markdown.Options{}))
		for _, l := range lines {
			t.Errorf("%s: no block covers %q", name, l)
		}
		for _, w := range words {
			t.Errorf("%s: lost %s", name, w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 6 {
		t.Errorf("read %d files", files)
	}
}
