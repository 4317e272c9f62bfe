package enhanced_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/enhanced"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// show writes blocks as an outline: type, text, and "?" for a gap.
func show(nodes []*passage.Node, indent string) string {
	var b strings.Builder
	for _, n := range nodes {
		c := n.Block.Content
		words := notion.PlainText(c.RichText) + notion.PlainText(c.Title) + notion.PlainText(c.Caption) + c.Expression + c.BlockType
		for _, cell := range c.Cells {
			words += "|" + notion.PlainText(cell)
		}
		gap := ""
		if n.Gap {
			gap = "?"
		}
		fmt.Fprintf(&b, "%s%s%s %q\n", indent, n.Block.Type, gap, words)
		b.WriteString(show(n.Children, indent+"  "))
	}
	return b.String()
}

func lines(all ...string) string { return strings.Join(all, "\n") }

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"lines are blocks", "One\nTwo\n- three\n\t1. four\n\t2. five\n\t\tbelow\nsix", lines(
			`paragraph "One"`, `paragraph "Two"`, `bulleted_list_item "three"`, `  numbered_list_item "four"`, `  numbered_list_item "five"`, `    paragraph "below"`, `paragraph "six"`)},
		{"attributes", "## Open {toggle=\"true\" color=\"green_bg\"}\n\tin\n- [x] done {color=\"red\"}\nnot {these}", lines(
			`heading_2 "Open"`, `  paragraph "in"`, `to_do "done"`, `paragraph "not {these}"`)},
		{"tags within tags", "<columns>\n\t<column>\n\t\t<callout icon=\"💡\" color=\"gray_bg\">\n\t\t\tOwn\n\t\t\tbelow\n\t\t</callout>\n\t</column>\n</columns>\nafter", lines(
			`column_list ""`, `  column ""`, `    callout "Own"`, `      paragraph "below"`, `paragraph "after"`)},
		{"callouts with colons", "::: callout {icon=\"🎯\"}\nOwn\n- item\n\tbelow\n:::\nafter", lines(
			`callout "Own"`, `  bulleted_list_item "item"`, `    paragraph "below"`, `paragraph "after"`)},
		{"a callout that begins with a heading", "<callout>\n\t## Title\n\ttext\n</callout>", lines(`callout ""`, `  heading_2 "Title"`, `  paragraph "text"`)},
		{"toggles", "<details color=\"red\">\n<summary>One<br>two</summary>\n\t<details>\n\t<summary>inner</summary>\n\t</details>\n\t\n</details>", lines(
			`toggle "One\ntwo"`, `  toggle "inner"`)},
		{"rows of a table are not indented", "- a\n\t<table header-row=\"true\">\n<colgroup>\n<col>\n</colgroup>\n<tr color=\"red\">\n<td>x</td>\n<td color=\"red\">**y**<br>z</td>\n</tr>\n\t</table>\n\tb", lines(
			`bulleted_list_item "a"`, `  table ""`, `    table_row "|x|y\nz"`, `  paragraph "b"`)},
		{"code keeps its lines", "- a\n\t```go\n\tx\n\t\ty\n\n\t# no heading\n\t```\nb", lines(`bulleted_list_item "a"`, `  code "x\n\ty\n\n# no heading"`, `paragraph "b"`)},
		{"code that is not indented", "- a\n\t```go\nx\n\ty\n\t```", lines(`bulleted_list_item "a"`, `  code "x\n\ty"`)},
		{"a table that is told of in a cell", "<table>\n<tr>\n<td>x `</table>` y</td>\n<td>`</table>`</td>\n</tr>\n<tr>\n<td>kept</td>\n</tr>\n</table>\nafter", lines(
			`table ""`, `  table_row "|x </table> y|</table>"`, `  table_row "|kept"`, `paragraph "after"`)},
		{"a cell that is told of in a cell", "<table>\n<tr>\n<td>a `</td></tr><tr><td>` b</td>\n</tr>\n</table>\n<table>\n<tr>\n<td>a `<td>x` b</td>\n</tr>\n</table>", lines(
			`table? ""`, `  table_row? "|a `+"`"+`"`, `  table_row? "|`+"`"+` b"`, `table? ""`, `  table_row? "|x`+"`"+` b"`)},
		{"a row behind its table", "- a\n\t<table>\n<tr>\n<td>x</td>\n</tr>\n\t</table>\n<tr>\n<td>y</td>\n</tr>", lines(
			`bulleted_list_item? "a"`, `  table? ""`, `    table_row? "|x"`, `unsupported? "tr"`, `  unsupported? "td"`)},
		{"colons in a callout", "::: callout\n\tOwn\n\t- l\n\t\t:::\n\tkept\n:::\nafter", lines(
			`callout? "Own"`, `  bulleted_list_item? "l"`, `    paragraph ":::"`, `  paragraph "kept"`, `paragraph "after"`)},
		{"colons that may have closed too much", "- a\n\t::: callout\n\tOwn\n\t:::\n\tin it?\n\t:::\nafter", lines(
			`bulleted_list_item? "a"`, `  callout "Own"`, `  paragraph? "in it?"`, `  paragraph ":::"`, `paragraph "after"`)},
		{"a fence farther in", "- a\n\t```go\n\tx\n\t\t```\n\ty\n\t```\n\tafter", lines(`bulleted_list_item "a"`, "  code \"x\\n\\t```\\ny\"", `  paragraph "after"`)},
		{"fences in code", "- a\n\t```markdown\n\tx\n\t```\n\ty\n\t```\n\tz\n\t```\n- b\n\t```\n\tx\n\t```", lines(
			`bulleted_list_item? "a"`, `  code "x"`, `  paragraph "y"`, `  code? "z"`, `bulleted_list_item "b"`, `  code "x"`)},
		{"equations", "$$\n\\alpha_1 * 2\n$$\nwith $`x_1*y`$ and $z$", lines(`equation "\\alpha_1 * 2"`, `paragraph "with x_1*y and z"`)},
		{"empty blocks", "<empty-block/>\n\n- \n>", lines(`paragraph ""`, `bulleted_list_item ""`, `quote ""`)},
		{"references", `<page url="https://app.notion.com/p/Pay-de7db83d1cb288aca0b58a7ab2c6a1c9">P\[ay\]</page>`, `child_page "P[ay]"`},
		{"media", "![cap\\]tion](https://example.com/a_(b).png) {color=\"red\"}\n<video src=\"https://example.com/v\">v</video>", lines(`image "cap]tion"`, `video "v"`)},
		{"what is missing", "- a\n\t- b\n\t\t<unknown url=\"https://app.notion.com/p/de7db83d1cb288aca0b58a7ab2c6a1c9#ae7db83d1cb288aca0b58a7ab2c6a1c9\" alt=\"bookmark\"/>\n- c", lines(
			`bulleted_list_item? "a"`, `  bulleted_list_item? "b"`, `    unsupported? "bookmark"`, `bulleted_list_item "c"`)},
		{"a tag of a kind to come", "<carousel kind=\"x\">\n\tin it\n</carousel>\nafter", lines(`unsupported? "carousel"`, `  paragraph "in it"`, `paragraph "after"`)},
		{"databases may be views", "- a\n\t<database url=\"https://app.notion.com/p/de7db83d1cb288aca0b58a7ab2c6a1c9\" inline=\"true\">D</database>", lines(`bulleted_list_item? "a"`, `  child_database? "D"`)},
		{"what ends too early", "<details>\n<summary>a\n- b\n```\nc", lines(`toggle? "a"`, `  bulleted_list_item "b"`, `  code? "c"`)},
	} {
		if diff := cmp.Diff(tt.want+"\n", show(enhanced.Parse(tt.src, nil), "")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestInline(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`**half **plain *it ****both***`:                             "b:half  plain  i:it  bi:both",
		`a **b *c* d** e`:                                            "a  b:b  bi:c b: d  e",
		"~~gone~~ `co*de` `` x`y ``":                                 "s:gone   c:co*de   c:x`y",
		`\*no\* 5 \< 6 \\ \$3`:                                       `*no* 5 < 6 \ $3`,
		`[**x**y](https://example.com/\(z) on`:                       "b:x→https://example.com/(z y→https://example.com/(z  on",
		`<span color="red">r<span underline="true">u</span></span>n`: "r u n",
		`<mention-date start="2026-01-31" end="2026-02-01"/>`:        "2026-01-31 → 2026-02-01",
		`<mention-user url="user://x">Ann</mention-user> and`:        "@Ann  and",
		`<mention-page url="{{https://app.notion.com/p/de7db83d1cb288aca0b58a7ab2c6a1c9}}">Pay</mention-page>`: "Pay",
		`<mention-user url="user://x"/>`:                                        "?",
		`<mention-date start="2026-01-31" startTime="09:00" timeZone="Etc/X"/>`: "2026-01-31?",
		`one [^https://example.com]`:                                            "one [^https://example.com]?",
		"`a<br>b`":                                                              "c:a<br>b?",
		`[https://a/](https://a/)6](https://a/)6)`:                              "https://a/→https://a/ 6](https://a/)6)?",
	} {
		n := enhanced.Parse(src, nil)[0]
		var got []string
		for _, r := range n.Block.Content.RichText {
			marks, a := "", r.Annotations
			if a != nil {
				for _, m := range []struct {
					on   bool
					mark string
				}{{a.Bold, "b"}, {a.Italic, "i"}, {a.Strikethrough, "s"}, {a.Code, "c"}} {
					if m.on {
						marks += m.mark
					}
				}
			}
			if marks != "" {
				marks += ":"
			}
			if r.Href != "" {
				r.PlainText += "→" + r.Href
			}
			got = append(got, marks+r.PlainText)
		}
		all := strings.Join(got, " ")
		if n.Gap {
			all += "?"
		}
		if all != want {
			t.Errorf("%s is %q, want %q", src, all, want)
		}
	}
}

// Any text is read, to its end, and in time that its length bounds.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"<details>\n<summary>a</summary>\n\t</details>", "<table>\n<tr><td>", "::: callout\n:::\n:::", "``` \n\t```", "****a*[b](c**d)", "- \n\t\t\t\t- x\n</details>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		passage.SplitPage(&notion.Page{ID: "p"}, enhanced.Parse(src, nil), passage.Options{})
	})
}
