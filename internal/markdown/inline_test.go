package markdown

import (
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestInline(t *testing.T) {
	t.Parallel()
	run := func(s string) notion.RichText { return notion.RichText{Type: "text", PlainText: s} }
	styled := func(s string, a notion.Annotations) notion.RichText {
		return notion.RichText{Type: "text", PlainText: s, Annotations: &a}
	}
	linked := func(s, url string) notion.RichText {
		return notion.RichText{Type: "text", PlainText: s, Text: &notion.Text{Content: s, Link: &notion.Link{URL: url}}}
	}
	bold, italic, code := notion.Annotations{Bold: true}, notion.Annotations{Italic: true}, notion.Annotations{Code: true}
	tests := []struct {
		name string
		runs []notion.RichText
		want string
	}{
		{"none", nil, ""},
		{"plain", []notion.RichText{run("a_b * c")}, "a_b * c"},
		{"spaces outside marks", []notion.RichText{run("x"), styled(" bold ", bold), run("y")}, "x **bold** y"},
		{"blank bold", []notion.RichText{run("x"), styled(" ", bold), run("y")}, "x y"},
		{"no mark within a word", []notion.RichText{styled("un", bold), run("believable")}, "unbelievable"},
		{"no code within a word", []notion.RichText{run("the "), styled("Page", code), run("s")}, "the Pages"},
		{"neighbours of one style", []notion.RichText{styled("a ", bold), styled("b", bold)}, "**a b**"},
		{"marks do not touch", []notion.RichText{styled("a:", bold), styled("b", italic)}, "a:*b*"},
		{"all marks", []notion.RichText{styled("x", notion.Annotations{Bold: true, Italic: true, Strikethrough: true, Code: true, Underline: true, Color: "red"})}, "~~***`x`***~~"},
		{"code with a tick", []notion.RichText{styled("a`b", code)}, "``a`b``"},
		{"code that begins with a tick", []notion.RichText{styled("`b", code)}, "`` `b ``"},
		{"equation", []notion.RichText{run("so "), {Type: "equation", PlainText: "E=mc^2", Equation: &notion.Equation{Expression: "E=mc^2"}}}, "so $E=mc^2$"},
		{"equation behind half an address", []notion.RichText{run("mailto:a@"), {Type: "equation", PlainText: "(x"}}, "mailto:a@(x"},
		{"link", []notion.RichText{run("see "), linked(" the guide ", "https://a.example/x (1)"), run("now")}, "see  the guide (a.example/x%20(1)) now"},
		{"link of two styles", []notion.RichText{{PlainText: "a ", Href: "https://a.example"}, {PlainText: "b", Href: "https://a.example", Annotations: &bold}}, "a **b** (a.example)"},
		{"address as text", []notion.RichText{linked("https://a.example/b", "https://a.example/b")}, "`https://a.example/b`"},
		{"link within the workspace", []notion.RichText{linked("Leave", "/0123456789abcdef0123456789ABCDEF?pvs=4#fff")}, "[Leave](https://app.notion.com/p/0123456789abcdef0123456789abcdef)"},
		{"link whose text ends in a backslash", []notion.RichText{linked(`C:\`, "/0123456789abcdef0123456789abcdef"), run(" it is")}, `[C:\\](https://app.notion.com/p/0123456789abcdef0123456789abcdef) it is`},
		{"link whose text ends in a backslash, before a word", []notion.RichText{linked(`C:\`, "/0123456789abcdef0123456789abcdef"), run("it")}, `[C:\\](https://app.notion.com/p/0123456789abcdef0123456789abcdef)it`},
		{"link whose text ends in a backslash and a space", []notion.RichText{linked(`C:\ `, "/0123456789abcdef0123456789abcdef"), run("it")}, `[C:\\](https://app.notion.com/p/0123456789abcdef0123456789abcdef) it`},
		{"link whose text begins with spaces", []notion.RichText{linked("\t    1. x \n ", "/0123456789abcdef0123456789abcdef"), run("# it")}, "[1. x](https://app.notion.com/p/0123456789abcdef0123456789abcdef) \n \\# it"},
		{"tilde before a mark", []notion.RichText{run("~"), styled("x", notion.Annotations{Strikethrough: true}), run(" "), styled("y~", notion.Annotations{Strikethrough: true})}, `~x y\~`},
		{"bold around a line of a wide space", []notion.RichText{styled("a\n\u3000\nb", bold)}, "a\n\nb"},
		{"equation with marks", []notion.RichText{run("a *b "), {Type: "equation", PlainText: "x* + y_i"}}, "a *b $`x* + y_i`$"},
		{"link without words, before bold", []notion.RichText{run("a"), linked("\u00a0", "https://a.example"), styled("b@c.example", bold)}, "a\u00a0**`b@c.example`**"},
		{"host of several scripts", []notion.RichText{linked("log in", "https://\u0430pple.com/login"), run(" and "), linked("b", "https://b\u00fccher.example/a")}, "log in (xn--pple-43d.com/login) and b (b\u00fccher.example/a)"},
		{"link of a wiki", []notion.RichText{run("[[a]] ![[b]]")}, `\[[a]] !\[[b]]`},
		{"mark of a block before a wide space, which may be trimmed", []notion.RichText{run("+\u3000")}, "\\+\u3000"},
		{"backslash before a hard break", []notion.RichText{run("a\\  \n*b*")}, "a\\\\  \n*b\\*"},
		{"address of a link, before bold", []notion.RichText{linked("a", "https:////a.example"), run(","), styled("b", bold)}, "a, (`//a.example)`**`b`**"},
		{"tilde behind a mark", []notion.RichText{styled("~ x", notion.Annotations{Strikethrough: true})}, `~~\~ x~~`},
		{"underscore behind a mark", []notion.RichText{styled("a", bold), run("_b c_")}, `**a**_b c\_`},
		{"fence behind a wide space, which may be trimmed", []notion.RichText{run("\u3000~~~\n\u3000# b")}, "\\~~~\n   \\# b"},
		{"address behind a backslash", []notion.RichText{run(`\https://a.example`)}, "\\\\`https://a.example`"},
		{"address without a scheme", []notion.RichText{run("see //a.example/b and slack://c, 2"), styled("//d", bold)}, "see `//a.example/b` and `slack://c`, 2`//d`"},
		{"address of letters", []notion.RichText{run("ask ada@bücher.example (`b@c.example`) or mailto:0@0")}, "ask `ada@bücher.example` (\\``b@c.example`\\`) or `mailto:0@0`"},
		{"address with a tick", []notion.RichText{run("ask ada@b`c.example")}, "ask ``ada@b`c.example``"},
		{"address of the letters of its scheme", []notion.RichText{run("http://ftp.ws")}, "`http://ftp.ws`"},
		{"host of two scripts", []notion.RichText{linked("pay", "https://p\u0430ypal.example/x")}, "pay (xn--pypal-4ve.example/x)"},
		{"signed address", []notion.RichText{linked("file", "https://s3.amazonaws.com/x?X-Amz-Signature=abc")}, "file"},
		{"script", []notion.RichText{linked("click", "javascript:alert(1)")}, "click"},
		{"page mention", []notion.RichText{{Type: "mention", PlainText: "Roadmap", Href: "https://www.notion.so/x", Mention: &notion.Mention{Type: "page", Page: &notion.Object{ID: "01234567-89ab-cdef-0123-456789abcdef"}}}}, "[Roadmap](https://app.notion.com/p/0123456789abcdef0123456789abcdef)"},
		{"user mention", []notion.RichText{run("ask "), {Type: "mention", PlainText: "@Ada", Mention: &notion.Mention{Type: "user", User: &notion.User{ID: "u"}}}}, "ask @Ada"},
		{"link mention", []notion.RichText{{Type: "mention", PlainText: "Go", Mention: &notion.Mention{Type: "link_mention", LinkMention: &notion.LinkMention{Href: "https://go.dev"}}}}, "Go (go.dev)"},
		{"text without plain text", []notion.RichText{{Type: "text", Text: &notion.Text{Content: "new"}}}, "new"},
		{"prices, which are no equation", []notion.RichText{run("from $5 to $10, "), styled("$7", bold), run(", $")}, `from \$5 to \$10, **\$7**, \$`},
		{"line ends", []notion.RichText{run("a\r\nb\u2028c")}, "a\nb\nc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(Inline(tt.runs)); got != tt.want {
				t.Errorf("Inline = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHeading(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"#": `\#`, "Learn C #": `Learn C \#`, "Learn C#": "Learn C#", "a ## ": `a \##`, "a {.x}": `a \{.x}`, `a {x="}"}`: `a \{x="}"}`, "a {b} c": "a {b} c",
	} {
		if got := Heading([]notion.RichText{{PlainText: text}}); string(got) != want {
			t.Errorf("Heading(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	const own = "https://app.notion.com/p/22222222222222222222222222222222"
	for address, want := range map[string]string{
		own: "[a](" + own + ")", "https://evil.example/a": "a (`https://evil.example/a`)", "22222222222222222222222222222222": "a (22222222222222222222222222222222)",
		"https://app.notion.com/x)![b](c)/22222222222222222222222222222222": "[a](" + own + ")",
	} {
		if got := Link("a", address); string(got) != want {
			t.Errorf("Link to %s = %s, want %s", address, got, want)
		}
	}
}

func TestNotionURL(t *testing.T) {
	t.Parallel()
	const id = "22222222222222222222222222222222"
	for url, want := range map[string]string{
		"https://app.notion.com/p/A_title-" + id + "?d=" + id + "#" + id: "https://app.notion.com/p/A_title-" + id + "?d=" + id + "#" + id,
		"https://app.notion.com/p/a)![b](c)" + id:                        "`https://app.notion.com/p/a)![b](c)" + id + "`",
		"https://evil.example/" + id:                                     "`https://evil.example/" + id + "`",
		"javascript:alert(1)":                                            "",
	} {
		if got := NotionURL(url); string(got) != want {
			t.Errorf("NotionURL(%s) = %s, want %s", url, got, want)
		}
	}
}

// The name of a column defines no reference with its value, and a title ends no
// heading early.
func TestLineBeginsAndEnds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"[y]": `\[y]`, "[Draft] plan": "[Draft] plan", "a [y]": "a [y]", "C #": `C \#`, "#": `\#`, "a {.x}": `a \{.x}`} {
		if got := Start(text); string(got) != want {
			t.Errorf("Start(%q) = %q, want %q", text, got, want)
		}
	}
}

// A pipe ends no cell, and a backslash before it is not taken away.
func TestCell(t *testing.T) {
	t.Parallel()
	for text, want := range map[Text]string{
		"a|b": `a\|b`, `a\|b`: `a\|b`, `a\\|b`: `a\\\|b`, "`a|b`": "`a\\|b`", "`a\\|b`|": "`a\\ \\|b`\\|", "\\`a|b\\`": "\\`a\\|b\\`",
	} {
		if got := Cell(text); string(got) != want {
			t.Errorf("Cell(%s) = %s, want %s", text, got, want)
		}
	}
}
