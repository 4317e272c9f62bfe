package tools

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// manyKinds is a page with blocks of many kinds, in short sections.
const manyKinds = `# Kinds

An opening paragraph.

## Lists

- first item
  - nested item
    - deeper item
- second item

1. step one
2. step two

- [ ] open task
- [x] done task

## Said

> a quoted line

` + "```sh\nmake release\n```" + `

## Table

| Plan | Seats |
| --- | --- |
| Team | 5 seats |
| Corporate | 50 seats |

## End

A last paragraph
with a second line.
`

// Whatever a page says can be cited: each block stands with the anchor that opens
// it, once, and what only announces others has none.
func TestEveryClaimHasItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Kinds.md": manyKinds}, nil).sync()
	page := w.page("Kinds")
	a := w.call(ReadPage, map[string]any{"page": page.URL})
	blocks := 0
	for _, p := range must(w.index.Passages(t.Context(), page.ID))(t) {
		for _, s := range p.Spans {
			text, anchor := string(p.Text[s.Start:s.End]), "#"+s.Block.Compact()
			cited := strings.Contains(a.Text, text+" "+anchor+"\n") || strings.Contains(a.Text, text+"\n"+anchor+"\n")
			if leads := passage.ShapeOf(p.Text[s.Start:s.End]).Leads(); cited == leads || strings.Count(a.Text, anchor) > 1 {
				t.Errorf("%q: cited %v", text, cited)
			}
			blocks++
		}
	}
	if blocks < 19 {
		t.Errorf("only %d blocks: %s", blocks, a.Text)
	}
}

// What is read is no longer than was asked for, anchors and all that stands
// around it included, and adds up to the page, in whatever steps.
func TestReadFitsItsBudget(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range 150 {
		fmt.Fprintf(&list, "- item%d is short\n", i)
	}
	list.WriteString("\n| Key | Value |\n| --- | --- |\n")
	for i := range 60 {
		fmt.Fprintf(&list, "| key%d | value |\n", i)
	}
	w := newWorld(t, map[string]string{"List.md": "Said first.\n\n## Above\n\nShort.\n\n## Items\n\n" + list.String() + "\n\n## Below\n\nNot asked for.\n"}, nil).sync()
	page := w.page("List")
	w.call(AppendComment, map[string]any{"page": page.URL, "text": strings.Repeat("A comment takes room, too. ", 10)})
	for _, args := range []map[string]any{{}, {"section": "Items"}, {"comments": true}} {
		for _, size := range []int{500, 900, 2000} {
			t.Run(fmt.Sprint(args, size), func(t *testing.T) {
				args := map[string]any{"page": page.URL, "max_tokens": size, "section": args["section"], "comments": args["comments"]}
				if args["section"] == nil {
					delete(args, "section")
				}
				if args["comments"] == nil {
					delete(args, "comments")
				}
				seen := stepThrough(t, w, args, size)
				for i := range 150 {
					if name := fmt.Sprintf("item%d ", i); strings.Count(seen, name) != 1 {
						t.Errorf("%q is shown %d times", name, strings.Count(seen, name))
					}
				}
				if args["section"] != nil && (strings.Contains(seen, "Short.") || strings.Contains(seen, "Not asked for")) {
					t.Errorf("more than the section")
				}
			})
		}
	}
}

// stepThrough reads to the end of the page or section, and gives all that it
// was shown.
func stepThrough(t *testing.T, w *world, args map[string]any, size int) string {
	t.Helper()
	var seen strings.Builder
	for range 100 {
		a := w.call(ReadPage, args)
		if n := passage.Tokens(a.Text); n > size {
			t.Errorf("%d tokens where %d were asked for: %s", n, size, a.Text)
		}
		if row := strings.Index(a.Text, "\n| key"); row >= 0 && !strings.Contains(a.Text[:row], "| Key | Value |") {
			t.Errorf("rows without the names of their columns: %s", a.Text)
		}
		if cut, whole := strings.Contains(a.Text, "not to its end"), strings.Contains(a.Text, "key59"); cut && whole {
			t.Errorf("all is there: %s", a.Text)
		}
		seen.WriteString(a.Text)
		if strings.Contains(a.Text, "the end of the section") {
			return seen.String()
		}
		if args = goOn(t, a.Text, size); args == nil {
			return seen.String()
		}
	}
	t.Fatal("reading does not come to an end")
	return ""
}

// A section begins at its heading and ends where the next begins, also where
// short ones are stored together.
func TestSectionAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Kinds.md": manyKinds}, nil).sync()
	for section, want := range map[string][]string{"Said": {"## Said", "make release"}, "Table": {"## Table", "Corporate"}, "End": {"## End", "second line"}} {
		a := w.call(ReadPage, map[string]any{"page": "Kinds", "section": section})
		out := got[ReadOut](t, a)
		if len(out.Passages) == 0 || !strings.HasPrefix(string(out.Passages[0].Text), want[0]) || !strings.Contains(a.Text, want[1]) || strings.Count(a.Text, "\n## ") != 1 {
			t.Errorf("%s: %s", section, a.Text)
		}
	}
}

// A link starts at the heading that its block stands under.
func TestReadStartsAtTheHeading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Kinds.md": manyKinds}, nil).sync()
	page := w.page("Kinds")
	a := w.call(ReadPage, map[string]any{"page": notion.BlockURL(page.URL, w.block(page.ID, "make release"))})
	if out := got[ReadOut](t, a); !strings.HasPrefix(string(out.Passages[0].Text), "## Said") || strings.Contains(a.Text, "first item") {
		t.Errorf("%s", a.Text)
	}
}

// placesPage is a page of sections that say much the same.
func placesPage() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "## Region %d\n\n%s\n\nThe zeppelin of region %d lands at noon.\n\n", i, strings.Repeat("Other words fill this up. ", 30), i)
	}
	return "# Flights\n\n" + b.String()
}

// What is found stands in the order of the page, with its headings and anchors,
// and what is between is marked; the counts are of what is there.
func TestFindInPageOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Flights.md": placesPage()}, nil).sync()
	page := w.page("Flights")
	all := w.call(ReadPage, map[string]any{"page": page.URL, "find": "zeppelin noon"})
	if out := got[ReadOut](t, all); out.Places != 12 || !strings.Contains(all.Text, "12 of 12 places shown") {
		t.Errorf("%d places: %s", out.Places, all.Text)
	}
	some := w.call(ReadPage, map[string]any{"page": page.URL, "find": "zeppelin region noon", "max_tokens": 900})
	out := got[ReadOut](t, some)
	n := len(out.Passages)
	if n == 0 || n == 12 || out.Places != 12 || !strings.Contains(some.Text, fmt.Sprintf("%d of 12 places shown", n)) || passage.Tokens(some.Text) > 900 {
		t.Errorf("%d of %d places, %d tokens: %s", n, out.Places, passage.Tokens(some.Text), some.Text)
	}
	var at []int
	for _, p := range out.Passages {
		at = append(at, strings.Index(all.Text, string(p.Text[:20])))
		if block := w.block(page.ID, string(p.Text[len(p.Text)-30:])); !strings.Contains(some.Text, "lands at noon. #"+block.Compact()) {
			t.Errorf("no anchor %s", block)
		}
	}
	if !slices.IsSorted(at) {
		t.Errorf("not in the order of the page: %s", some.Text)
	}
}

func TestFindInASection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Flights.md": placesPage(), "Kinds.md": manyKinds}, nil).sync()
	a := w.call(ReadPage, map[string]any{"page": "Flights", "section": "Region 7", "find": "zeppelin"})
	if out := got[ReadOut](t, a); out.Places != 1 || len(out.Passages) != 1 || !strings.Contains(a.Text, "zeppelin of region 7") {
		t.Errorf("%s", a.Text)
	}
	short := w.call(ReadPage, map[string]any{"page": "Kinds", "section": "Table", "find": "seats"})
	if out := got[ReadOut](t, short); out.Places != 1 || strings.Contains(short.Text, "make release") || !strings.Contains(short.Text, "50 seats") {
		t.Errorf("%s", short.Text)
	}
	none := w.call(ReadPage, map[string]any{"page": "Kinds", "section": "Table", "find": "release"})
	if out := got[ReadOut](t, none); out.Places != 0 || len(out.Passages) != 0 || !strings.Contains(none.Text, "does not stand in this section") || strings.Contains(none.Text, "0 of 0") {
		t.Errorf("%s", none.Text)
	}
	if a := w.call(ReadPage, map[string]any{"page": "Flights", "section": "Nowhere", "find": "zeppelin"}); !a.IsError {
		t.Errorf("%s", a.Text)
	}
}

// Where sections share a passage, only those are shown that have the words.
func TestFindShowsSections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"Kinds.md": manyKinds}, nil).sync()
	a := w.call(ReadPage, map[string]any{"page": "Kinds", "find": "release"})
	if !strings.Contains(a.Text, "<quoted>\n## Said\n") || !strings.Contains(a.Text, "make release") || strings.Contains(a.Text, "Corporate") || strings.Contains(a.Text, "first item") {
		t.Errorf("%s", a.Text)
	}
}

// The title of the page counts where no other place has the words.
func TestFindByTitle(t *testing.T) {
	t.Parallel()
	files := map[string]string{"Vouchers.md": "# Vouchers\n\n## First\n\n" + strings.Repeat("Nothing of this here. ", 80) + "\n\n## Second\n\nThe vouchers end in June.\n\n" + strings.Repeat("More of other things. ", 80)}
	w := newWorld(t, files, nil).sync()
	a := w.call(ReadPage, map[string]any{"page": "Vouchers", "find": "vouchers"})
	if out := got[ReadOut](t, a); out.Places != 1 || !strings.Contains(a.Text, "end in June") || strings.Contains(a.Text, "Nothing of this") {
		t.Errorf("%s", a.Text)
	}
}

// A table is searched for the titles of its rows.
func TestFindARow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, handbook(), nil).sync()
	a := w.call(ReadPage, map[string]any{"page": w.page("Customers").URL, "find": "globex"})
	if out := got[ReadOut](t, a); len(out.Rows) != 1 || out.Rows[0].Title != "Globex" || out.Places != 1 {
		t.Errorf("%s", a.Text)
	}
	if a := w.call(ReadPage, map[string]any{"page": w.page("Customers").URL, "find": "zebra"}); !strings.Contains(a.Text, "titles alone are looked at") {
		t.Errorf("%s", a.Text)
	}
}
