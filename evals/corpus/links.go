package corpus

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/emulator/block"
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
// brackets behind the words: the address or a part of it, perhaps cut off. Other
// brackets stay, though an address may have their word: "an authority (ATO)".
func unlinked(text string, links [][]string) string {
	return bracketed.ReplaceAllStringFunc(text, func(s string) string {
		if leads(strings.Trim(s, "()"), links) {
			return " "
		}
		return s
	})
}

func leads(shown string, links [][]string) bool {
	some, cut := addressWords(shown), strings.HasSuffix(shown, "…")
	if len(some) == 0 {
		return false
	}
	if !strings.ContainsAny(shown, ".:/@#") { // a host of one word at most
		return slices.ContainsFunc(links, func(link []string) bool { return slices.Equal(link[min(1, len(link)):], some) })
	}
	return slices.ContainsFunc(links, func(link []string) bool { return partOf(some, link, cut) })
}

// partOf says whether some words follow each other in a link; the last may be
// cut off.
func partOf(some, link []string, cut bool) bool {
	last := len(some) - 1
	for i := 0; i+last < len(link); i++ {
		if slices.Equal(link[i:i+last], some[:last]) && (link[i+last] == some[last] || cut && strings.HasPrefix(link[i+last], some[last])) {
			return true
		}
	}
	return false
}
