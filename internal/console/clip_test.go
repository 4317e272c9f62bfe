package console

import (
	"fmt"
	"strings"
	"testing"
)

// paragraphs are n paragraphs of one line, some of which say something special.
func paragraphs(n int, special map[int]string) []line {
	lines := make([]line, n)
	for i := range lines {
		lines[i] = line{text: "plain", block: i}
		if s, ok := special[i]; ok {
			lines[i].text = s
		}
	}
	return lines
}

func TestClip(t *testing.T) {
	t.Parallel()
	asked := questionWords("renewal risk")
	for _, tt := range []struct {
		name        string
		lines       []line
		tall        int
		first, last string
		has         string
	}{
		{"all", paragraphs(50, nil), 0, "plain", "plain", "plain"},
		{"short enough", paragraphs(13, nil), 10, "plain", "plain", "plain"},
		{"no word", paragraphs(50, map[int]string{0: "start"}), 10, "start", "⋮", "start"},
		{"in the middle", paragraphs(50, map[int]string{25: "renewal at risk"}), 10, "⋮", "⋮", "renewal at risk"},
		{"at the end", paragraphs(50, map[int]string{49: "the risk"}), 10, "⋮", "the risk", "the risk"},
		{"near the end", paragraphs(50, map[int]string{47: "the risk", 49: "end"}), 10, "⋮", "end", "the risk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := clip(tt.lines, hit{asked: asked}, tt.tall)
			if got[0].text != tt.first || got[len(got)-1].text != tt.last {
				t.Errorf("begins %q, ends %q; want %q and %q", got[0].text, got[len(got)-1].text, tt.first, tt.last)
			}
			if !strings.Contains(shown(got), tt.has) {
				t.Errorf("%q is not shown in\n%s", tt.has, shown(got))
			}
			if tt.tall > 0 && len(got) > tt.tall+2*slack+2 {
				t.Errorf("%d lines are shown, wanted about %d", len(got), tt.tall)
			}
		})
	}
}

func shown(lines []line) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.text)
	}
	return strings.Join(all, "\n")
}

// leave is a page whose answer stands in a table, while more of the words stand
// in what follows.
const leave = `Effective 2026-01-01. The same rules hold in both offices.

| Office | Room |
| --- | --- |
| Utrecht | 3.07 |

## How much

| Who | Paid leave | When |
| --- | --- | --- |
| Parent who gives birth | 20 weeks | from 6 weeks before |
| Other parent | 12 weeks | within 12 months |

- There is no minimum length of service.
- Leave can be taken in one piece.
- The leave is extended by the length of the stay.

## Phased return

For the first weeks after leave you may work less. There is no need to stay long after your leave.

The leave plan stays. Leave days cannot be saved, and leave is leave however long the leave.`

// rows is a table of n rows, of which row 17 is asked for.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("| Data | Kept |\n| --- | --- |\n")
	for i := range n {
		name := fmt.Sprintf("thing %d", i)
		if i == 17 {
			name = "webhook payloads"
		}
		fmt.Fprintf(&b, "| %s | %d days |\n", name, i)
	}
	return b.String()
}

// cited are the lines of a text from one that holds some words to one that holds
// others; none where they are "".
func cited(text, from, to string) extent {
	var e extent
	for i, l := range strings.Split(text, "\n") {
		if from != "" && e.first == 0 && strings.Contains(l, from) {
			e.first = i + 1
		}
		if to != "" && strings.Contains(l, to) {
			e.last = i + 1
		}
	}
	return e
}

func TestClipShowsTheCitedBlock(t *testing.T) {
	t.Parallel()
	code := "```\n" + strings.Repeat("step\n", 30) + "flush leave\n" + strings.Repeat("step\n", 30) + "```\n"
	for _, tt := range []struct {
		name, text, question, from, to string
		has, hasNot                    []string
	}{
		{
			name: "a table, whole", text: leave, question: "how long is parental leave", from: "20 weeks", to: "20 weeks",
			has: []string{"Paid leave", "20 weeks", "12 weeks", "no minimum"}, hasNot: []string{"Utrecht", "however long"},
		},
		{
			name: "another section", text: leave, question: "how long is parental leave", from: "plan stays", to: "plan stays",
			has: []string{"Phased return", "however long"}, hasNot: []string{"Utrecht"},
		},
		{
			name: "before the first heading", text: leave, question: "which office room", from: "3.07", to: "3.07",
			has: []string{"Effective", "Utrecht", "3.07"}, hasNot: []string{"however long"},
		},
		{
			name: "a block that has fewer of the words", text: leave, question: "leave leave plan saved long", from: "Effective", to: "Effective",
			has: []string{"Effective"}, hasNot: []string{"however long"},
		},
		{
			name: "none of the words", text: leave, question: "zanzibar", from: "one piece", to: "one piece",
			has: []string{"one piece", "20 weeks"}, hasNot: []string{"however long"},
		},
		{
			name: "no block is cited", text: leave, question: "parents giving birth",
			has: []string{"20 weeks", "Paid leave"},
		},
		{
			name: "a row of a long table", text: "Intro.\n\n" + rows(40), question: "how long are webhook payloads kept", from: "thing 31", to: "thing 31",
			has: []string{"Kept", "31 days", "17 days"}, hasNot: []string{"| 3 days", "39 days"},
		},
		{
			name: "a long table, of which no block is cited", text: "Intro.\n\n" + rows(40), question: "how long are webhook payloads kept",
			has: []string{"Kept", "webhook payloads", "17 days"}, hasNot: []string{"3 days", "39 days"},
		},
		{
			name: "a long table that has none of the words", text: rows(40), question: "zanzibar",
			has: []string{"Kept", "0 days"}, hasNot: []string{"39 days"},
		},
		{
			name: "below a table", text: rows(8) + strings.Repeat("\nplain\n", 12) + "\n## End", question: "zanzibar plain",
			has: []string{"Kept", "plain", "7 days"},
		},
		{
			name: "code that is long", text: leave + "\n\n" + code, question: "leave", from: "```", to: "```",
			has: []string{"flush leave"}, hasNot: []string{"Utrecht"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := shown(clip(lay(tt.text, 74), hit{questionWords(tt.question), cited(tt.text, tt.from, tt.to)}, passageLines))
			for _, want := range tt.has {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not shown in\n%s", want, got)
				}
			}
			for _, not := range tt.hasNot {
				if strings.Contains(got, not) {
					t.Errorf("%q is shown in\n%s", not, got)
				}
			}
			if n := strings.Count(got, "\n"); n > 2*passageLines+2*slack+2 {
				t.Errorf("%d lines", n)
			}
			if strings.HasSuffix(got, "## \n⋮") || strings.Contains(got, "⋮\n\n⋮") {
				t.Errorf("nothing between marks, or a bare heading:\n%s", got)
			}
		})
	}
}

// Whatever the passage and the question, clip leaves the cited line, and lines of
// the passage in their order, and never a row of a table without its header.
func FuzzClip(f *testing.F) {
	f.Add(leave, "how long is parental leave", 11, 10)
	f.Add(rows(30)+"\n## X\n\n"+rows(3), "webhook", 2, 4)
	f.Add("# A\n# B\n# C\n# D\n# E\n# F\n# G", "a", 7, 1)
	f.Add("⋮\n\n⋮\n|a|\n|-|\n|⋮|", "a", 0, 1)
	f.Fuzz(func(t *testing.T, text, question string, cited, tall int) {
		lines := lay(text, 60)
		got := clip(lines, hit{questionWords(question), extent{cited, cited}}, tall%40)
		if len(lines) > 0 && len(got) == 0 {
			t.Fatal("nothing is left")
		}
		if is, was := citedText(got, cited), citedText(lines, cited); is != was {
			t.Fatalf("of the cited line %q is shown, of %q", is, was)
		}
		at := 0
		for i, l := range got {
			if l.text == ellipsis {
				continue
			}
			for at < len(lines) && lines[at] != l {
				at++
			}
			if at == len(lines) {
				t.Fatalf("line %d, %q, is not in its place", i, l.text)
			}
			if l.row > headerRow && hasHeader(lines, l.block) && !hasHeader(got, l.block) {
				t.Fatalf("row %q without its header", l.text)
			}
			at++
		}
	})
}

// citedText is what the lines say of line at, but for a heading, which proves
// nothing, and the header of a table.
func citedText(lines []line, at int) string {
	var b strings.Builder
	for _, l := range lines {
		if l.at == at && !l.strong && l.row != headerRow {
			b.WriteString(l.text + "\n")
		}
	}
	return strings.TrimSpace(b.String())
}

func hasHeader(lines []line, block int) bool {
	for _, l := range lines {
		if l.block == block && l.row == headerRow {
			return true
		}
	}
	return false
}
