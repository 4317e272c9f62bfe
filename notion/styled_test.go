package notion

import "testing"

func TestSameText(t *testing.T) {
	t.Parallel()
	plain := func(s string) RichText {
		return RichText{Type: "text", PlainText: s, Annotations: &Annotations{Color: "default"}}
	}
	bold := func(s string) RichText {
		return RichText{Type: "text", PlainText: s, Annotations: &Annotations{Bold: true}}
	}
	to := func(s, url string) RichText { return RichText{Type: "text", PlainText: s, Href: url} }
	made := func(s string) RichText { return RichText{Type: "text", Text: &Text{Content: s}} }
	for _, c := range []struct {
		name string
		a, b []RichText
		want bool
	}{
		{"as it was made", []RichText{plain("One two")}, []RichText{made("One "), made("two")}, true},
		{"other space", []RichText{plain("One  two ")}, []RichText{made("One\ntwo")}, true},
		{"other words", []RichText{plain("One two")}, []RichText{made("One")}, false},
		{"a mark", []RichText{plain("One "), bold("two")}, []RichText{made("One two")}, false},
		{"a mark on another word", []RichText{bold("go"), plain(" go")}, []RichText{plain("go "), bold("go")}, false},
		{"a link", []RichText{to("here", "https://example.com/a")}, []RichText{made("here")}, false},
		{"another link", []RichText{to("here", "https://example.com/a")}, []RichText{to("here", "https://example.com/b")}, false},
		{"a link to a page, in two forms", []RichText{to("here", "/0a1b0000000080008000000000000009")}, []RichText{to("here", "https://www.notion.so/Plan-0a1b0000000080008000000000000009")}, true},
		{"a mention", []RichText{{Type: "mention", PlainText: "@Kim"}}, []RichText{made("@Kim")}, false},
		{"a color", []RichText{{Type: "text", PlainText: "x", Annotations: &Annotations{Color: "red"}}}, []RichText{made("x")}, false},
	} {
		if SameText(c.a, c.b) != c.want || SameText(c.b, c.a) != c.want {
			t.Errorf("%s: want %v", c.name, c.want)
		}
	}
}
