package corpus

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/block"
)

// linksOf are the words of the addresses that a page links to.
func linksOf(body []*block.Block) [][]string {
	var all [][]string
	add := func(runs []block.Text) {
		for _, r := range runs {
			if r.Link != "" {
				all = append(all, addressWords(r.Link))
			}
		}
	}
	block.Walk(body, func(b *block.Block) {
		for _, v := range b.Content {
			switch v := v.(type) {
			case []block.Text:
				add(v)
			case [][]block.Text:
				for _, cell := range v {
					add(cell)
				}
			}
		}
	})
	return all
}

func addressWords(address string) []string {
	return words(strings.ReplaceAll(strings.TrimSpace(address), " ", "%20"))
}

var bracketed = regexp.MustCompile(`\((?:[^\s()]|\([^\s()]*\))+\)`)

// unlinked takes out of a text where its links lead, which tools show in
// brackets behind the words: the address or a part of it, perhaps cut off.
func unlinked(text string, links [][]string) string {
	return bracketed.ReplaceAllStringFunc(text, func(s string) string {
		if partOfAny(addressWords(strings.Trim(s, "()")), links) {
			return " "
		}
		return s
	})
}

func partOfAny(some []string, links [][]string) bool {
	return len(some) > 0 && slices.ContainsFunc(links, func(link []string) bool {
		for i := 0; i+len(some) <= len(link); i++ {
			last := len(some) - 1
			if slices.Equal(link[i:i+last], some[:last]) && strings.HasPrefix(link[i+last], some[last]) {
				return true
			}
		}
		return false
	})
}
