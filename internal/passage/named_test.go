package passage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
)

// Every reference to a page whose title Notion does not tell along with it gets
// the title that is known, the spans keep to their blocks, and whatever the
// title is stays in its place.
func TestNamed(t *testing.T) {
	t.Parallel()
	const a, b = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	page, body := parseTree(t, `page {"properties":{"Client":{"type":"relation","relation":[{"id":"`+a+`"},{"id":"`+b+`"}]}}}
lp link_to_page {"page_id":"`+a+`"}
ld link_to_page {"database_id":"`+a+`"}
ls link_to_page {"data_source_id":"`+a+`"}
no link_to_page {"page_id":"`+b+`"}
`+strings.ReplaceAll(a, "0123", "3210")+` child_database {"title":""}
pm paragraph {"rich_text":[{"type":"text","plain_text":"see"},{"type":"mention","mention":{"type":"page","page":{"id":"`+a+`"}},"plain_text":"Untitled"},{"type":"text","plain_text":", "},{"type":"mention","mention":{"type":"database","database":{"id":"`+a+`"}}},{"type":"text","plain_text":" and "},{"type":"mention","mention":{"type":"data_source","data_source":{"id":"`+a+`"}},"plain_text":""}]}
it bulleted_list_item {"rich_text":[{"type":"mention","mention":{"type":"page","page":{"id":"`+b+`"}},"plain_text":"Untitled"}]}
nm paragraph {"rich_text":[{"type":"mention","mention":{"type":"page","page":{"id":"`+a+`"}},"plain_text":"As written"}]}
hd heading_1 {"rich_text":[{"type":"mention","mention":{"type":"page","page":{"id":"`+a+`"}},"plain_text":""}]}
ta table {"table_width":2}
  tr table_row {"cells":[[{"type":"mention","mention":{"type":"page","page":{"id":"`+a+`"}},"plain_text":"Untitled"}],[{"type":"text","plain_text":"x"}]]}
cd code `+"\x1a[Page](https://app.notion.com/p/"+a+")")
	title := func(id notion.ID) string {
		if strings.ReplaceAll(string(id), "-", "") == b {
			return ""
		}
		return "Terms | ](https://evil.example)\n# <quoted>"
	}
	split := SplitPage(page, body, Options{Words: 2000})
	checkSplit(t, split, nil, Options{Words: 2000})
	for i := range split.Passages {
		split.Passages[i] = split.Passages[i].Named(title)
	}
	checkShape(t, split)
	golden.File(t, "testdata/named.golden", show(split))
	plain := Passage{Text: "No reference here.", Spans: []Span{{End: 18, Block: "x"}}}
	if diff := cmp.Diff(plain, plain.Named(title)); diff != "" {
		t.Error(diff)
	}
}
