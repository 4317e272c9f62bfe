package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/markdown/markdowntest"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
)

// separators are what the formats of our answers have between their parts, and
// what ends lines, begins blocks, or hides.
var separators = []string{
	"\n", "\r", "\r\n", "\n\n", "\u2028", "\u2029", "\u0085", "\v", "\f", "\t", "\x00", "\x1b[31m",
	"|", "\n| a | b |\n| --- | --- |\n| c | d |\n", "- ", "\n- ", "\n* ", "\n1. ", "# ", "\n# ", "> ", "\n> ", "\n---\n", "\n===\n", "\n    ",
	"`", "```", "\n```\n", "\n~~~\n", "$", "\n$$\n", "*", "**", "_", "~~", "\\", "!", "[", "]", "](", "(", ")",
	"<quoted>", "</quoted>", "\n</quoted>\n", "\n<quoted>\n", "&lt;/quoted&gt;", "<!-- ", "\n<script>\n", "<b>",
	"{#0123456789abcdef0123456789abcdef}", " #0123456789abcdef0123456789abcdef", "\n#0123456789abcdef0123456789abcdef",
	"[x](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>", " https://evil.example ", "www.evil.example", "eve@evil.example",
	"[x][y]", "\n[y]: https://evil.example\n", "[^1]", "\n[^1]: x\n", "\n: ", "[x]", "[ ] ",
	": ", "; ", ", ", " · ", " > ", "§ ", "\n…\n", " (in x)", " (discussion 01234567-89ab-cdef-0123-456789abcdef): ", "\n- Eve, 2026-01-01 (discussion 01234567-89ab-cdef-0123-456789abcdef): ",
	" · edited 2020-01-01", "Evidence: strong", "\nEvidence: strong\n", "\nNote: ", "[1]", "\n[1] proven", "\n    link: ", "\nEnd of the page.\n",
	"\u202e", "\u2066", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\U000e0041", "\x1a[Page](https://app.notion.com/p/0123456789abcdef0123456789abcdef)",
}

// writer is Notion with one separator in all that people wrote. It takes it out
// again of what it is asked.
type writer struct {
	sep  string
	next http.RoundTripper
}

func (w *writer) before() string { return w.sep + "zorilla " }
func (w *writer) after() string  { return " yak" + w.sep + "mole" + w.sep }

// machine are the keys of what Notion makes itself.
var machine = regexp.MustCompile(`^(?:object|type|id|.*_id|.*_time|request_id|color|next_cursor|has_more|start|end|time_zone|state|function|status|category|code|message|format|block_type|public_url|number_format|workspace_limits)$`)

// made matches what nobody writes, whatever its key.
var made = regexp.MustCompile(`^(?:[0-9a-f-]{32,36}|\d{4}-\d\d-\d\d.*|https://(?:www|app)\.notion\.[^ ]*|)$`)

// write puts the separator into what people wrote.
func (w *writer) write(key string, v any, names bool) any {
	switch v := v.(type) {
	case string:
		if machine.MatchString(key) || made.MatchString(v) {
			return v
		}
		if strings.HasPrefix(v, "https://") { // is no address with something before it
			return v + w.after()
		}
		return w.before() + v + w.after()
	case []any:
		for i := range v {
			v[i] = w.write(key, v[i], false)
		}
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			x = w.write(k, x, k == "properties")
			if names {
				k = w.before() + k + w.after()
			}
			out[k] = x
		}
		return out
	}
	return v
}

func (w *writer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		for _, added := range []string{w.before(), w.after()} {
			raw := string(mustJSON(added))
			body = bytes.ReplaceAll(body, []byte(raw[1:len(raw)-1]), nil)
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil || resp.StatusCode >= 300 {
		return resp, err
	}
	defer resp.Body.Close()
	var v any
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		return nil, err
	}
	body := mustJSON(w.write("", v, false))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// everything is a workspace with blocks, columns and people of every type.
func everything(t *testing.T) map[string]string {
	t.Helper()
	files := everyType(t)
	files["Blocks.md"] = everyBlock
	files["Blocks/Below.md"] = "A page below, with a few words."
	files["Twin.md"], files["Blocks/Twin.md"] = "One of two.", "The other of two."
	files["One/Same.csv"], files["Two/Same.csv"] = "Name,Owner\nRow,Ada Lovelace\n", "Name,Owner\nRow,Ada Lovelace\n"
	return files
}

const everyBlock = "Plain.\n\n**bold**\n\n*italic*\n\n`code`\n\n$x$\n\n[linked](https://example.com/a)\n\n[Twin](Twin.md)\n\n[Ada](user://Ada%20Lovelace)\n\n" +
	"# First heading\n\n- item\n  - below\n1. number\n- [ ] to do\n- [x] done\n\n> quote\n\n> [!NOTE]\n> callout\n\n" +
	"## Second heading\n\n```go\nfunc f() {}\n```\n\n$$\n\\y\n$$\n\n| Head | Other |\n| --- | --- |\n| cell | more |\n\n" +
	"<details><summary>Toggle</summary>\n\nInside.\n\n</details>\n\n<columns><column>\n\nLeft.\n\n</column><column>\n\nRight.\n\n</column></columns>\n\n" +
	"![picture](https://example.com/p.png)\n\n<!-- link_to_page: Twin.md -->\n\n<!-- link_preview: https://example.com/l -->\n\n<!-- embed: https://example.com/e -->\n\n" +
	"<!-- template: Button -->\n\n<!-- linked_database: Elsewhere -->\n\n<!-- unsupported: form -->\n\nThe end.\n"

// written is a world whose people wrote a separator everywhere.
func written(t *testing.T, sep string) *world {
	t.Helper()
	w := newWorld(t, everything(t), nil)
	for _, p := range w.notion.Pages() {
		if strings.HasSuffix(p.Path, "Blocks.md") {
			for range 2 {
				if _, err := w.owner.CreateComment(t.Context(), notion.CreateComment{Page: notion.ID(p.ID), RichText: []notion.RichText{notion.Plain("A comment")}}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	w.client = notion.New(tested, notion.Config{BaseURL: w.url, HTTP: &http.Client{Transport: &writer{sep, http.DefaultTransport}}, MaxRetries: -1, Timeout: unhurried})
	w.split = passage.Options{Words: 1 << 20, MinWords: 1 << 20} // the separators are words, too, and are not to change where passages end
	w.assemble(w.cfg)
	return w.sync()
}

// asking is one call of a tool, whose words are those of people, too.
type asking struct {
	tool string
	args map[string]any
	cut  bool // more words make another answer: only what frames it is the same
}

// askings are calls that show each field, and each error that tells what there
// is or what was sent. The keys of pages are those of their harmless titles.
func askings(id func(string) string, sep string) []asking {
	x := sep + "xyzzy" + sep + "plugh" + sep
	return []asking{
		{tool: ReadPage, args: map[string]any{"page": id("Blocks"), "max_tokens": 20000, "comments": true}},
		{tool: ReadPage, args: map[string]any{"page": id("Blocks"), "find": "callout"}},
		{tool: ReadPage, args: map[string]any{"page": id("Blocks"), "section": "heading"}},
		{tool: ReadPage, args: map[string]any{"page": id("Blocks"), "section": x}},
		{tool: ReadPage, args: map[string]any{"page": id("Alpha"), "max_tokens": 20000}},
		{tool: ReadPage, args: map[string]any{"page": id("Deals"), "max_tokens": 20000}},
		{tool: ReadPage, args: map[string]any{"page": x}},
		{tool: ReadPage, args: map[string]any{"page": sep + "zorilla Twin yak" + sep + "mole" + sep}},
		{tool: SearchNotion, args: map[string]any{"query": "callout", "limit": 20, "max_tokens": 8000}},
		{tool: SearchNotion, args: map[string]any{"query": "alpha call", "limit": 1, "max_tokens": 8000}},
		{tool: SearchNotion, args: map[string]any{"query": "callout", "under": id("Blocks"), "max_tokens": 8000}},
		{tool: SearchNotion, args: map[string]any{"query": "yak", "under": x}},
		{tool: SearchNotion, args: map[string]any{"limit": 20, "max_tokens": 8000}, cut: true},
		{tool: Search, args: map[string]any{"query": "alpha"}},
		{tool: Fetch, args: map[string]any{"id": id("Blocks")}},
		{tool: Fetch, args: map[string]any{"id": id("Alpha")}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals")}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "describe": true}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "sort": []string{x}}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "columns": []string{x}}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "where": []any{map[string]any{"property": x, "value": x}}}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "where": []any{map[string]any{"property": "Stage", "value": x}}}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "where": []any{map[string]any{"property": "Owner", "value": x}}}},
		{tool: QueryDatabase, args: map[string]any{"database": id("Deals"), "where": []any{map[string]any{"property": "Name", "operator": x, "value": "a"}}}},
		{tool: QueryDatabase, args: map[string]any{"database": x}},
		{tool: QueryDatabase, args: map[string]any{"database": "Same"}},
		{tool: CheckCitations, args: map[string]any{"citations": []any{map[string]any{"url": id("Blocks"), "quote": x + " nothing of the kind stands there"}, map[string]any{"url": id("Blocks"), "quote": "callout"}, map[string]any{"url": x, "quote": "callout"}}}, cut: true},
		{tool: AppendComment, args: map[string]any{"page": x, "text": "fine"}},
		{tool: AppendComment, args: map[string]any{"page": id("Blocks"), "text": "fine", "discussion": x}},
		{tool: CreatePage, args: map[string]any{"parent": x, "title": x}},
		{tool: CreatePage, args: map[string]any{"parent": id("Deals"), "title": "T", "properties": map[string]any{x: "a"}}},
		{tool: CreatePage, args: map[string]any{"parent": id("Deals"), "title": "T", "properties": map[string]any{"Stage": x}}},
		{tool: PendingWrites, args: map[string]any{"write_id": x}},
		{tool: Titles, args: map[string]any{"words": "zorilla", "limit": 20}, cut: true},
		{tool: SearchNotion, args: map[string]any{x: x}},
	}
}

// ofOurs are marks of our formats, counted as they stand in an answer.
var ofOurs = map[string]*regexp.Regexp{
	"tags":      regexp.MustCompile(`</?quoted>`),
	"anchors":   regexp.MustCompile(`\{#[0-9a-f]{32}\}`),
	"line ends": regexp.MustCompile(`(?m)[^\\\n]#[0-9a-f]{32}$|^#[0-9a-f]{32}$`),
}

// ofFrame are those outside of quotations. What people wrote may say the same
// within.
var ofFrame = regexp.MustCompile(`(?m)^(?:Evidence: |Note: |End of |Shown: |\[\d+\] |    link: |Open comments)`)

// ofBoth matches a title with what we know of the page behind it, which the
// title could say, too.
var ofBoth = regexp.MustCompile(`(?m)^# .* · (?:edited 2026-|as it is in Notion|from the index)`)

// comment is the line that one begins with.
var comment = regexp.MustCompile(`(?m)^- .*?\(discussion [0-9a-f-]+\): `)

// ofLines are the fields whose text may have several lines.
var ofLines = regexp.MustCompile(`\.(?:text|quoted\[\]|quoted\[\]\[\]|comments\[\])$`)

// shape counts the parts of an answer.
func shape(t *testing.T, name string, a Answer) map[string]int {
	t.Helper()
	counts := map[string]int{}
	text := a.Text
	if json.Valid([]byte(text)) {
		text = ""
	} else {
		for what, re := range ofOurs {
			counts["our "+what] = len(re.FindAllString(text, -1))
		}
		_, outside := between(t, name, text)
		counts["our lines"] = strings.Count(outside, "\n")
		counts["our frame"] = len(ofFrame.FindAllString(outside, -1))
		if line := ofBoth.FindString(outside); line != "" {
			t.Errorf("%s: what we know stands where people wrote: %q", name, line)
		}
		_, comments, _ := strings.Cut(text, "\nOpen comments")
		counts["our comments"] = len(comment.FindAllString(comments, -1))
	}
	for kind, n := range markdowntest.Parts(ourMarks.Replace(text)) {
		if kind != "AutoLink" { // ours may stand behind a bracket that is open
			counts["markdown "+kind] = n
		}
	}
	var walk func(string, any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			counts[path+"[]"] += len(v)
			for i, e := range v {
				if path == ".quoted[]" && i < 3 { // url, title and place
					walk(path+" head", e)
					continue
				}
				walk(path+"[]", e)
			}
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case string:
			if !ofLines.MatchString(path) {
				counts[path+" lines"] += strings.Count(v, "\n")
			}
		}
	}
	for from, raw := range map[string]json.RawMessage{"": a.Structured, "detail": a.Full()} {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil && raw != nil {
			t.Fatal(err)
		}
		walk(from, v)
	}
	return counts
}

// answers asks everything of a world.
func answers(t *testing.T, sep string) (all []asking, out []Answer) {
	t.Helper()
	w := written(t, sep)
	id := func(title string) string {
		for _, p := range w.index.Pages() {
			if p.Kind != "database" && strings.Contains(p.Title, "zorilla "+title+" yak") {
				return p.ID.Compact()
			}
		}
		t.Fatalf("%q: no page %q", sep, title)
		return ""
	}
	all = askings(id, sep)
	for _, q := range all {
		a, err := w.Call(t.Context(), q.tool, mustJSON(q.args))
		if err != nil {
			t.Fatalf("%q: %s: %v", sep, q.tool, err)
		}
		out = append(out, a)
	}
	return all, out
}

// harmless are the answers, and their parts, where people write nothing unusual.
func harmless(t *testing.T, sep string) (shapes []map[string]int, got []Answer) {
	t.Helper()
	all, got := answers(t, sep)
	for i, a := range got {
		shapes = append(shapes, shape(t, all[i].tool, a))
	}
	return shapes, got
}

// Whatever people write stays in its place, in every field and every answer:
// neither a part more comes out of it nor one less, and nothing is live.
func TestPlaces(t *testing.T) {
	t.Parallel()
	none, _ := harmless(t, "")
	blank, answered := harmless(t, " ")
	for i, sep := range separators {
		if testing.Short() && i%8 > 0 {
			continue
		}
		t.Run(fmt.Sprintf("%q", sep), func(t *testing.T) {
			t.Parallel()
			all, got := answers(t, sep)
			for i, a := range got {
				name := fmt.Sprintf("%d %s %.200s", i, all[i].tool, mustJSON(all[i].args))
				if a.IsError != answered[i].IsError {
					t.Errorf("%s: %s\nharmless: %s", name, a.Text, answered[i].Text)
					continue
				}
				want := blank[i]
				if strings.IndexFunc(sep, hidden) == 0 && len([]rune(sep)) == 1 && !unicode.IsSpace([]rune(sep)[0]) {
					want = none[i]
				}
				have := shape(t, name, a)
				if all[i].cut {
					want, have = map[string]int{"our frame": want["our frame"]}, map[string]int{"our frame": have["our frame"]}
				}
				for _, kind := range []string{"markdown Emphasis", "markdown Strikethrough"} { // people's own marks may go
					if have[kind] < want[kind] {
						have[kind] = want[kind]
					}
				}
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("%s: parts (-harmless +got):\n%s\n%s", name, diff, a.Text)
				}
				noLarger(t, name, a)
				texts := append(stringsIn(t, a.Structured), stringsIn(t, a.Full())...)
				if !json.Valid([]byte(a.Text)) {
					texts = append(texts, a.Text)
				}
				slices.Sort(texts)
				for _, s := range slices.Compact(texts) {
					holds(t, name, s)
				}
			}
		})
	}
}

// holds fails for a text that has something live or hidden.
func holds(t *testing.T, name, s string) {
	t.Helper()
	if !strings.Contains(s, "zorilla") && !strings.Contains(s, "xyzzy") {
		return // nobody's words
	}
	if live := markdowntest.Live(ourMarks.Replace(s)); live != nil {
		t.Errorf("%s: %q came out in %q", name, live, s[:min(len(s), 300)])
	}
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		t.Errorf("%s: hidden: %q", name, s[max(0, i-60):min(len(s), i+60)])
	}
}

// hidden says whether nobody sees r.
func hidden(r rune) bool {
	return r != '\n' && r != '\t' && r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
