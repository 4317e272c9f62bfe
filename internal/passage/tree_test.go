package passage

import (
	"bufio"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// parseTree reads a page in the notation of testdata: a line for each block,
// "id type text" or "id type {payload}", children indented by two spaces. In a
// payload rich text may be a plain string, and "_skip" and "_unread" set the
// node's own fields. "{words N}" stands for N words in sentences of ten. A
// first line "page {...}" is the page object.
func parseTree(t testing.TB, src string) (*notion.Page, []*Node) {
	t.Helper()
	page := &notion.Page{ID: "page"}
	root := &Node{}
	above := []*Node{root}
	sc := bufio.NewScanner(strings.NewReader(src))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := strings.TrimLeft(sc.Text(), " ")
		depth := (len(sc.Text()) - len(line)) / 2
		if line == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "page "); ok {
			if err := json.Unmarshal([]byte(rest), page); err != nil {
				t.Fatalf("page: %v", err)
			}
			continue
		}
		n := parseNode(t, line)
		parent := above[depth]
		parent.Children = append(parent.Children, n)
		parent.Block.HasChildren = true
		above = append(above[:depth+1], n)
	}
	return page, root.Children
}

func parseNode(t testing.TB, line string) *Node {
	t.Helper()
	fields := strings.SplitN(line, " ", 3)
	if len(fields) < 2 {
		t.Fatalf("line %q has no type", line)
	}
	payload := map[string]any{}
	if len(fields) == 3 {
		text := fillWords(strings.ReplaceAll(fields[2], `\n`, "\n"))
		if strings.HasPrefix(text, "{") {
			if err := json.Unmarshal([]byte(fillWords(fields[2])), &payload); err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
		} else {
			payload[textField(fields[1])] = text
		}
	}
	n := &Node{Read: true}
	if s, ok := payload["_skip"].(string); ok {
		n.Skip = s
	}
	unread := payload["_unread"] != nil
	n.Read = !unread
	wire := map[string]any{"id": fields[0], "type": fields[1], fields[1]: richPayload(fields[1], payload), "has_children": unread}
	data, err := json.Marshal(wire)
	if err == nil {
		err = json.Unmarshal(data, &n.Block)
	}
	if err != nil {
		t.Fatalf("line %q: %v", line, err)
	}
	return n
}

func textField(blockType string) string {
	switch blockType {
	case "table_row":
		return "cells"
	case "child_page", "child_database", "meeting_notes":
		return "title"
	case "equation":
		return "expression"
	}
	return "rich_text"
}

// richPayload makes rich text of strings.
func richPayload(blockType string, payload map[string]any) map[string]any {
	for k, v := range payload {
		s, ok := v.(string)
		switch {
		case !ok:
		case k == "cells":
			var cells []any
			for _, cell := range strings.Split(s, " ; ") {
				cells = append(cells, richText(cell))
			}
			payload[k] = cells
		case k == "rich_text", k == "caption", k == "title" && blockType == "meeting_notes":
			payload[k] = richText(s)
		}
	}
	return payload
}

func richText(s string) []any {
	return []any{map[string]any{"type": "text", "text": map[string]any{"content": s}, "plain_text": s}}
}

var wordsMacro = regexp.MustCompile(`\{words (\d+)\}`)

func fillWords(s string) string {
	return wordsMacro.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(wordsMacro.FindStringSubmatch(m)[1])
		return prose(n)
	})
}

// prose is n words in sentences of ten.
func prose(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		switch {
		case i%10 == 1:
			fmt.Fprintf(&b, "Word%d", i)
		default:
			fmt.Fprintf(&b, " word%d", i)
		}
		if i%10 == 0 || i == n {
			b.WriteByte('.')
			if i < n {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// show writes a split so that people can check it: [id] begins the bytes of a
// block, [] begins bytes of none.
// nobody knows a title.
func nobody(notion.ID) string { return "" }

func show(s Split) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d blocks, %d pending\n", s.Blocks, s.Pending)
	for _, k := range s.Skipped {
		fmt.Fprintf(&b, "skipped %d %s: %s\n", k.Count, k.Type, k.Reason)
	}
	for _, p := range s.Passages {
		fmt.Fprintf(&b, "\n=== %d, %d words, under %q\n%s\n", p.Ordinal, Words(string(p.Text)), p.Headings, marked(p.Named(nobody)))
	}
	return b.String()
}

func marked(p Passage) string {
	var b strings.Builder
	at := 0
	gap := func(to int) {
		if s := p.Text[at:to]; strings.TrimSpace(string(s)) != "" {
			b.WriteString("[]")
		}
		b.WriteString(string(p.Text[at:to]))
	}
	for _, s := range p.Spans {
		gap(s.Start)
		fmt.Fprintf(&b, "[%s]%s", s.Block, p.Text[s.Start:s.End])
		at = s.End
	}
	gap(len(p.Text))
	return b.String()
}
