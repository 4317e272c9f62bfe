package web

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

func TestShow(t *testing.T) {
	t.Parallel()
	p := newPassages()
	for in, want := range map[string]string{
		"## At risk\n\nWho **signs**":                          "<p><strong>At risk</strong></p>\n<p>Who <strong>signs</strong></p>",
		"| Who | Paid |\n| --- | --- |\n| Ada | 20 weeks |":    "<td>20 weeks</td>",
		"- [x] done\n- [ ] open":                               "<li>[x] done</li>",
		"see [Time off](https://app.notion.com/p/0123)":        `see <a href="https://app.notion.com/p/0123">Time off</a>`,
		"see [**Time** off](https://evil.example/p)":           "<p>see <strong>Time</strong> off</p>",
		"a ![picture](https://evil.example/p.png) of it":       "<p>a picture of it</p>",
		"![a](https://evil.example/p.png)![b](//evil.example)": "<p>ab</p>",
		"[![a](https://evil.example/p.png)](javascript:x)":     "<p>a</p>",
		"<https://evil.example/p>":                             "<p>https://evil.example/p</p>",
		`5 \< 6 \*and\* &lt;b&gt;`:                             "<p>5 &lt; 6 *and* &lt;b&gt;</p>",
		"a <img src=x onerror=alert(1)> b":                     "<p>a <!-- raw HTML omitted --> b</p>",
	} {
		if got := string(p.show(markdown.Text(in))); !strings.Contains(got, want) {
			t.Errorf("%s\ngives %s\nwant  %s", in, got, want)
		}
	}
}
