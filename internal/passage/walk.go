package passage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
)

const (
	reasonCycle       = "appears inside itself"
	reasonUnsupported = "not supported by Notion's API"
	reasonTooMany     = "beyond the first million blocks of the page"

	maxBlocks = 1_000_000 // a guard against trees that share parts and so grow without bound
	maxIndent = 24        // bytes; deeper levels are not indented further
)

// walker goes through a tree of blocks in the order of reading and collects
// what is to be packed into passages. It keeps its own stack, because people
// nest blocks deeper than a stack of calls may grow.
type walker struct {
	opt      Options
	units    []unit
	sections []section
	path     []heading // the headings above what comes next
	blocks   int
	pending  int
	skipped  map[Skip]int // by type and reason
	ids      map[notion.ID]bool
	nodes    map[*Node]bool // with ids: what is being read at the moment, from the outermost block in
	near     notion.ID      // the innermost block around the one being written that has an id
}

// unit is the smallest piece of text that is never cut.
type unit struct {
	block   notion.ID
	near    bool // see Span
	text    markdown.Text
	sep     markdown.Text // between this unit and the one before, in one passage
	size    int           // see size
	section int           // index in walker.sections
	level   int           // of a heading, else 0
	tight   tight
	table   *table
	header  bool          // of table
	outer   markdown.Text // prefix of the lines of the container
	inner   markdown.Text // prefix of the lines of blocks within this one
	late    bool          // a numbered item that is not the first: it begins no list right below text
}

// tight is the kind of units that stand on lines next to each other, without a
// blank line between.
type tight int

const (
	loose tight = iota
	listItem
	tableRow
	property
	paragraphPart
)

// section is what stands under one heading, up to the next.
type section struct {
	path   []heading
	headed bool // begins with the last heading of path
}

type heading struct {
	level int
	title string
}

// frame is a list of siblings that is being read.
type frame struct {
	owner    *Node // nil for the page
	near     notion.ID
	nodes    []*Node
	next     int
	prefix   markdown.Text // of each line
	indented bool          // prefix has the space of a paragraph already
	number   int           // of the last numbered item
	table    *table
	restore  bool      // headings end with this list
	path     []heading // to restore
}

func newWalker(opt Options) *walker {
	return &walker{
		opt:      opt.withDefaults(),
		sections: []section{{}},
		skipped:  map[Skip]int{},
		ids:      map[notion.ID]bool{},
		nodes:    map[*Node]bool{},
	}
}

func (w *walker) walk(body []*Node) {
	stack := []*frame{{nodes: body}}
	for len(stack) > 0 {
		f := stack[len(stack)-1]
		if f.next == len(f.nodes) {
			w.leave(f)
			stack = stack[:len(stack)-1]
			continue
		}
		n := f.nodes[f.next]
		f.next++
		if n == nil || !w.seen(n) {
			continue
		}
		if below := w.enter(f, n); below != nil {
			stack = append(stack, below)
		}
	}
}

// seen counts a block and what is known to be missing of it, and says whether
// to read it.
func (w *walker) seen(n *Node) bool {
	kind := blockType(&n.Block)
	switch {
	case w.nodes[n], n.Block.ID != "" && w.ids[n.Block.ID]:
		w.skipped[Skip{Type: kind, Reason: reasonCycle}]++
		return false
	case w.blocks == maxBlocks:
		w.skipped[Skip{Type: kind, Reason: reasonTooMany}]++
		return false
	}
	w.blocks++
	switch {
	case n.Skip != "" && n.Rough && n.Read: // by its Markdown alone
	case n.Skip != "":
		w.skipped[Skip{Type: kind, Reason: n.Skip}]++
	case unreadable(&n.Block):
		w.skipped[Skip{Type: kind, Reason: reasonUnsupported}]++
	case n.Block.HasChildren && !n.Read && !isChildPage(n.Block.Type):
		w.pending++
	}
	return true
}

// enter writes a block and gives the list of its children, nil if it has none.
func (w *walker) enter(f *frame, n *Node) *frame {
	below := &frame{owner: n, nodes: n.Children, prefix: f.prefix, indented: f.indented}
	sections := len(w.sections)
	w.near, below.near = f.near, cmp.Or(n.Block.ID, f.near)
	w.block(f, n, below)
	if len(n.Children) == 0 || isChildPage(n.Block.Type) {
		return nil
	}
	below.restore = n.Block.Type != "synced_block"
	below.path = w.path
	if len(w.sections) > sections { // the block is a heading: what follows it is not below it
		below.path = below.path[:len(below.path)-1]
	}
	w.nodes[n] = true
	if n.Block.ID != "" {
		w.ids[n.Block.ID] = true
	}
	return below
}

// leave ends a list of children. A heading within a column, a list item, a
// toggle and so on says nothing about what follows outside.
func (w *walker) leave(f *frame) {
	if f.owner == nil {
		return
	}
	delete(w.nodes, f.owner)
	delete(w.ids, f.owner.Block.ID)
	if f.restore && !slices.Equal(w.path, f.path) {
		w.startSection(f.path, false)
	}
}

func (w *walker) startSection(path []heading, headed bool) {
	w.path = path
	w.sections = append(w.sections, section{path: path, headed: headed})
}

// add appends a unit. It fills in what follows from the text and from the unit
// before.
func (w *walker) add(u unit) {
	if u.block == "" {
		u.block, u.near = w.near, w.near != ""
	}
	u.size = max(1, size(string(u.text)))
	u.section = len(w.sections) - 1
	u.sep = "\n\n"
	if n := len(w.units); n > 0 {
		u.sep = separator(&w.units[n-1], &u)
	}
	w.units = append(w.units, u)
}

// separator is what keeps two units apart, and within the quote that both
// belong to.
func separator(a, b *unit) markdown.Text {
	switch {
	case a.tight != b.tight, b.tight == loose:
	case b.late && len(b.outer) > len(a.outer):
	case b.tight == tableRow && a.table != b.table:
	case b.tight == paragraphPart && a.block != b.block:
	default:
		return "\n"
	}
	n := 0
	for n < len(a.inner) && n < len(b.outer) && a.inner[n] == b.outer[n] {
		n++
	}
	common := b.outer[:n]
	if !strings.Contains(string(common), ">") {
		return "\n\n"
	}
	return "\n" + common.TrimRight(" ") + "\n"
}

// blockType is the type to report: the real one where the API only says
// "unsupported".
func blockType(b *notion.Block) string {
	if b.Type == "unsupported" && b.Content.BlockType != "" {
		return b.Content.BlockType
	}
	return b.Type
}

func isChildPage(blockType string) bool {
	return blockType == "child_page" || blockType == "child_database"
}

// headingLevel is the level of a heading block, else 0.
func headingLevel(blockType string) int {
	if level, ok := strings.CutPrefix(blockType, "heading_"); ok && len(level) == 1 && '1' <= level[0] && level[0] <= '6' {
		return int(level[0] - '0')
	}
	return 0
}

// indent extends the prefix of lines, up to a limit.
func indent(prefix, by markdown.Text) markdown.Text {
	if len(prefix) >= maxIndent {
		return prefix
	}
	return prefix + by
}

// indented writes text with first before its first line and rest before all
// others. Blank lines get no trailing space.
func indented(text, first, rest markdown.Text) markdown.Text {
	lines := text.Lines()
	for i, line := range lines {
		switch {
		case i == 0:
			lines[i] = first + line
		case line.Trim() == "":
			lines[i] = rest.TrimRight(" ")
		default:
			lines[i] = rest + line
		}
	}
	return markdown.Join(lines, "\n")
}

// HeadingLine takes apart the first line of a text: the level of the heading
// and its title as Markdown; 0 and "" where it is none.
func HeadingLine(unit markdown.Text) (level int, title markdown.Text) {
	text := unit.TrimLeft(" >")
	rest := text.TrimLeft("#")
	level = len(text) - len(rest)
	if level == 0 || level > 6 || !strings.HasPrefix(string(rest), " ") {
		return 0, ""
	}
	if title = rest.FirstLine().Trim(); title == "" {
		return 0, ""
	}
	return level, title
}
