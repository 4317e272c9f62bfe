package property

import (
	"slices"

	"github.com/mcp-notion/mcp-notion/notion"
)

// node is a test, or several of which all or one must hold.
type node struct {
	join  string // "and", "or"; "" for a test
	parts []node
	test  test
}

// maxDepth is how deep the API takes and/or into each other.
const maxDepth = 2

// maxTests bounds a filter that was written out to be less deep.
const maxTests = 200

func (n node) api() any {
	if n.join == "" {
		return n.test.api()
	}
	parts := []any{}
	for _, p := range n.parts {
		parts = append(parts, p.api())
	}
	return map[string]any{n.join: parts}
}

func (n node) match(row *notion.Page) bool {
	switch n.join {
	case "and":
		return !slices.ContainsFunc(n.parts, func(p node) bool { return !p.match(row) })
	case "or":
		return slices.ContainsFunc(n.parts, func(p node) bool { return p.match(row) })
	}
	return n.test.match(row)
}

// flat takes needless levels out.
func (n node) flat() node {
	if n.join == "" {
		return n
	}
	out := node{join: n.join}
	for _, p := range n.parts {
		p = p.flat()
		if p.join == n.join {
			out.parts = append(out.parts, p.parts...)
			continue
		}
		out.parts = append(out.parts, p)
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

func (n node) depth() int {
	if n.join == "" {
		return 0
	}
	deepest := 0
	for _, p := range n.parts {
		deepest = max(deepest, p.depth())
	}
	return deepest + 1
}

// shallow is the same in no more levels than the API takes; false if that
// would be too long.
func (n node) shallow() (node, bool) {
	if n.depth() <= maxDepth {
		return n, true
	}
	ways, ok := n.ways()
	if !ok {
		return node{}, false
	}
	out := node{join: "or"}
	for _, tests := range ways {
		out.parts = append(out.parts, node{join: "and", parts: tests})
	}
	return out.flat(), true
}

// ways are the lists of tests that let a row through, one list being enough.
func (n node) ways() ([][]node, bool) {
	switch n.join {
	case "":
		return [][]node{{n}}, true
	case "or":
		var all [][]node
		for _, p := range n.parts {
			ways, ok := p.ways()
			if !ok {
				return nil, false
			}
			all = append(all, ways...)
		}
		return all, count(all) <= maxTests
	}
	all := [][]node{nil}
	for _, p := range n.parts {
		ways, ok := p.ways()
		if !ok {
			return nil, false
		}
		if all = times(all, ways); count(all) > maxTests {
			return nil, false
		}
	}
	return all, true
}

func count(ways [][]node) int {
	n := 0
	for _, w := range ways {
		n += len(w)
	}
	return n
}

// times are the pairs of one way of each.
func times(some, others [][]node) [][]node {
	var all [][]node
	for _, a := range some {
		for _, b := range others {
			all = append(all, slices.Concat(a, b))
		}
	}
	return all
}
