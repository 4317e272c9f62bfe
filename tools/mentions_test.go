package tools

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/notion"
)

// team is a workspace of five people, two of them called Grace.
func team() map[string]string {
	return map[string]string{
		"Plan.md":          "# Plan\n\nWe ship.\n",
		"Work.csv":         "Name,Owner\nOne,Grace Osei\nTwo,Grace Hopper\nThree,Anne-Marie Dubois\nFour,Łukasz Weber\nFive,Ada\n",
		"Work.schema.yaml": "columns:\n  - {name: Owner, type: people}\n",
	}
}

// A name behind an @ mentions whom it fits alone; what is in doubt is refused,
// and what is nobody's name is told.
func TestCommentMentions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, mentions, says string }{
		{"@Grace Osei please look", "@Grace Osei", ""},
		{"Ask @grace hopper, and @ada.", "@Grace Hopper @Ada", "Mentioned: Grace Hopper."},
		{"**@Anne-Marie Dubois** and (@Łukasz Weber's list)", "@Anne-Marie Dubois @Łukasz Weber", ""},
		{"@Łukasz Weber: see `@Ada` and [@Ada](https://example.com), mail x@ada.example, $a @Ada$", "@Łukasz Weber", ""},
		{"@Anne-Marie Dubois @grace.osei@example.com", "@Anne-Marie Dubois @Grace Osei", ""},
		{"@Eve, @Ada", "@Ada", `Nobody in the workspace is called "@Eve"`},
		{"@here", "", `Nobody in the workspace is called "@here"`},
		{"@Grace and @Weber Schmidt", "refused", "\"@Grace\" may be Grace Osei (`grace.osei@example.com`), Grace Hopper (`grace.hopper@example.com`). \"@Weber\" may be Łukasz Weber"},
		{"@Weber, look", "refused", "may be Łukasz Weber"},
		{"@Ada Byron", "refused", `"@Ada" may be Ada`},
		{"@Ada von Stein", "refused", `"@Ada" may be Ada`},
		{"@ada.byron and @Łukasz Weber-Schmidt", "refused", `"@Łukasz Weber" may be Łukasz Weber`},
		{"@Adam", "", `Nobody in the workspace is called "@Adam"`},
	} {
		w := newWorld(t, team(), nil).sync()
		page := w.page("Plan")
		a := w.call(AppendComment, map[string]any{"page": page.URL, "text": c.text})
		if !strings.Contains(a.Text, c.says) || c.says == "" && strings.Contains(a.Text, "Nobody") {
			t.Errorf("%q: %s", c.text, a.Text)
		}
		if c.mentions == "refused" {
			if failure(t, a, codeInput); w.sent() != 0 {
				t.Errorf("%q was posted", c.text)
			}
			continue
		}
		var all []string
		for _, r := range w.commentsOn(page.ID)[0].RichText {
			if r.Mention != nil && r.Mention.User != nil {
				all = append(all, r.PlainText)
			}
		}
		if got := strings.Join(all, " "); got != c.mentions {
			t.Errorf("%q mentions %q, want %q", c.text, got, c.mentions)
		}
		if again := got[CommentOut](t, w.call(AppendComment, map[string]any{"page": page.URL, "text": c.text})); !again.Duplicate {
			t.Errorf("%q was posted twice", c.text)
		}
	}
}

// Whose integration may not see people comments all the same.
func TestCommentMentionsWithoutPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, team(), func(k *emulator.Token, _ *Config) { k.NoUsers = true }).sync()
	page := w.page("Plan")
	a := w.call(AppendComment, map[string]any{"page": page.URL, "text": "@Ada, look"})
	if posted := notion.PlainText(w.commentsOn(page.ID)[0].RichText); posted != "@Ada, look" || !strings.Contains(a.Text, "Read user information") {
		t.Errorf("%q: %s", posted, a.Text)
	}
}
