package markdowntest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// atoms are what hostile texts are put together from.
var atoms = slices.Concat(strings.Split("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\n \t\t", ""), []string{
	"a", "word", "two words", "7", "é", "汉字", "x", "X",
	// references and their definitions
	"[x]", "![x]", "[x][x]", "[x]: /a", "[x]:\n/a", "[x]: <https://evil.example>", "[^1]", "[^1]: note", "![^1]", "[[x]]", "![[x]]", "]: /a", "](/a)", "[x](/a \"t\")", "![x](/a)", "[ ] ", "[x] ", "[!NOTE]",
	// blocks
	"# ", "#", "###### ", "===", "---", "- ", "* ", "+ ", "1. ", "1) ", "999999999. ", "> ", ">", ": ", "~ ", "***", "___", "- - -", "```", "~~~", "````", "    ", "\t", "\n\n", "\n    ", "\n\t", "|", "| - |", "|---|---|", "\n|-|-|\n", "\na\n:   b", "\n===\n", "\n---\n",
	// HTML of all seven kinds, and what looks like it
	"<script>", "</script>", "<pre>", "<!-- ", " -->", "<?php", "?>", "<!X ", "<![CDATA[", "]]>", "<div>", "</div>", "<b>", "</b>", "<img src=x>", "<a href='https://evil.example'>", "<x:y>", "<quoted>", "</quoted>", "< /quoted>", "<|im_start|>", "<tool_call>",
	// addresses
	"https://evil.example/a", "http://evil.example", "www.evil.example", "ftp://evil.example", "mailto:a@evil.example", "xmpp:a@evil.example/b", "a@evil.example", "//evil.example", "<https://evil.example>", "javascript:alert(1)", "data:text/html,x", "evil.example", "https://app.notion.com/p/evil",
	// entities, escapes, emphasis
	"&lt;", "&#60;", "&#x3c;", "&amp;lt;", "&nbsp;", "&copy", "&NewLine;", "&lpar;", "&lbrack;", "\\", "\\\\", "\\[", "\\<", "\\\n", "  \n", "**", "__", "~~", "*a*", "_a_", "**a**", "~a~", "``", "` `", "$", "$$", "$a$", "\\(", "\\[", "==", "^", "++", "...", "--", "(c)", "<<", ">>", "{.x}", "{#id}", "{{x}}", ":smile:", "@[x]", "#tag",
	// what an answer has of its own
	"#0123456789abcdef0123456789abcdef", "{#0123456789abcdef0123456789abcdef}", "Evidence: strong", "Searched all 412 pages shared with this connection", "# Title", "https://app.notion.com/p/22222222222222222222222222222222", "Note: ", "§ ", "…", "End of the page (parts 1 to 1 of 1).", "[1] ",
	// what is not seen, or ends lines
	"\u200b", "\u200d", "\u00ad", "\u202e", "\u2066", "\u2028", "\u2029", "\u0085", "\r", "\r\n", "\v", "\f", "\x00", "\ufffd", "\ufeff", "\u00a0", "\u3000", "\u2003", "\x1a", "\x1b[2J", "\U000e0041", "e\u0301\u0301",
})

// Dice decides what a page is made of. The same seed, or the same bytes, give
// the same page.
type Dice struct {
	data []byte
	rnd  *rand.Rand
}

// Seeded are dice that never run out.
func Seeded(seed uint64) *Dice { return &Dice{rnd: rand.New(rand.NewPCG(seed, 7))} }

// Read are dice that data decides, for fuzzing: zeros when it runs out.
func Read(data []byte) *Dice { return &Dice{data: data} }

func (d *Dice) roll(n int) int {
	if d.rnd != nil {
		return d.rnd.IntN(n)
	}
	var two [2]byte
	d.data = d.data[copy(two[:], d.data):]
	return int(binary.LittleEndian.Uint16(two[:])) % n
}

// Text is a hostile text.
func (d *Dice) Text() string {
	var b strings.Builder
	for range 1 + d.roll(7) {
		b.WriteString(atoms[d.roll(len(atoms))])
	}
	return b.String()
}

// Block is a block as Notion's API takes it, and what is below it, which is
// written by itself since a request may not nest deep.
type Block struct {
	Type     string         `json:"type"`
	Content  map[string]any `json:"content"`
	Children []Block        `json:"children,omitempty"`

	// Says is all that a reader sees of the block itself, in order.
	Says string `json:"says"`
}

// The types of blocks that hold others, that hold none, and headings.
var (
	holders  = []string{"paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "quote", "toggle", "callout"}
	leaves   = []string{"code", "table", "divider"}
	headings = []string{"heading_1", "heading_2", "heading_3"} // which begin a passage, and so end what is around them
)

// Blocks are some blocks, nested up to depth.
func (d *Dice) Blocks(depth int) []Block {
	return d.blocks(depth, slices.Concat(holders, leaves, headings))
}

func (d *Dice) blocks(depth int, kinds []string) []Block {
	all := make([]Block, 1+d.roll(4))
	for i := range all {
		all[i] = d.block(depth, kinds[d.roll(len(kinds))])
	}
	return all
}

func (d *Dice) block(depth int, kind string) Block {
	b := Block{Type: kind, Content: map[string]any{}}
	switch kind {
	case "divider":
	case "code":
		b.Says = d.Text()
		b.Content["rich_text"], b.Content["language"] = []any{words(b.Says)}, "plain text"
	case "table":
		d.table(&b)
	default:
		b.Content["rich_text"], b.Says = d.Runs()
		if depth > 1 && slices.Contains(holders, kind) && d.roll(2) == 0 {
			b.Children = d.blocks(depth-1, slices.Concat(holders, leaves))
		}
	}
	return b
}

func (d *Dice) table(b *Block) {
	b.Content["table_width"], b.Content["has_column_header"] = 2, d.roll(2) == 0
	var rows []any
	for range 1 + d.roll(3) {
		var cells []any
		for range 2 {
			runs, says := d.Runs()
			cells, b.Says = append(cells, runs), b.Says+says
		}
		rows = append(rows, map[string]any{"type": "table_row", "table_row": map[string]any{"cells": cells}})
	}
	b.Content["children"] = rows
}

// Own is where the links of hostile pages lead that may stay links.
const Own = "https://app.notion.com/p/22222222222222222222222222222222"

func words(s string) map[string]any {
	return map[string]any{"type": "text", "text": map[string]any{"content": s}}
}

// Runs are a hostile text as rich text, with marks and links, and the text.
func (d *Dice) Runs() (runs []any, says string) {
	for range d.roll(4) {
		text := d.Text()
		r := words(text)
		says += text
		switch d.roll(8) {
		case 0:
			r["annotations"] = map[string]any{[]string{"bold", "italic", "strikethrough", "code"}[d.roll(4)]: true}
		case 1:
			r["annotations"] = map[string]any{"bold": true, "italic": d.roll(2) == 0, "code": d.roll(2) == 0, "strikethrough": d.roll(2) == 0}
		case 2:
			r["text"] = map[string]any{"content": text, "link": map[string]any{"url": Own}}
		}
		runs = append(runs, r)
	}
	return runs, says
}

// Says is all that a reader sees of blocks, in order.
func Says(all []Block) string {
	var b strings.Builder
	for _, one := range all {
		fmt.Fprint(&b, one.Says, "\n", Says(one.Children))
	}
	return b.String()
}
