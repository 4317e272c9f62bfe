package citation

import (
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/quote"
	"github.com/mcp-notion/mcp-notion/notion"
)

// pages are the pages that are cited, each read once, by the ids that they are
// cited by: their own, or that of a block.
type pages map[notion.ID]outcome

// outcome is a page, or why it could not be read.
type outcome struct {
	*sheet
	err error
}

// alone is the block that a link names without its page; "" if it names a page,
// or nothing.
func alone(url string) notion.ID {
	id, ok := strings.CutPrefix(url, "#")
	if !ok {
		return ""
	}
	ref, err := notion.ParseRef(id)
	if err != nil {
		return ""
	}
	return ref.Page
}

// named are the pages that links name.
func named(claims []quote.Cited) map[notion.ID]bool {
	ids := map[notion.ID]bool{}
	for _, c := range claims {
		if ref, err := notion.ParseRef(c.URL); err == nil {
			ids[ref.Page] = true
		}
	}
	return ids
}

// lacking are the blocks that links name without their page, where they are on
// none of the pages that were read.
func (p pages) lacking(claims []quote.Cited) map[notion.ID]bool {
	ids := map[notion.ID]bool{}
	for _, c := range claims {
		if block := alone(c.URL); block != "" && p.with(block) == "" {
			ids[block] = true
		}
	}
	return ids
}

// with is the page that a block is on; "" if that is none of these.
func (p pages) with(block notion.ID) notion.ID {
	for id, page := range p {
		if page.sheet != nil && page.span(block) != nil {
			return id
		}
	}
	return ""
}

// ref is what a link points at. An anchor alone is on one of the pages, or has
// been read as what it is.
func (p pages) ref(url string) (notion.Ref, error) {
	block := alone(url)
	if block == "" {
		return notion.ParseRef(url)
	}
	if page := p.with(block); page != "" {
		return notion.Ref{Page: page, Block: block}, nil
	}
	return notion.Ref{Page: block}, nil
}

// names says whether a link to a page stands there for anchors of its blocks.
func (p pages) names(link quote.Cited, claims []quote.Cited) bool {
	ref, err := notion.ParseRef(link.URL)
	page := p[ref.Page]
	if err != nil || ref.Block != "" || page.sheet == nil {
		return false
	}
	return slices.ContainsFunc(claims, func(c quote.Cited) bool {
		block := alone(c.URL)
		return block != "" && page.span(block) != nil
	})
}
