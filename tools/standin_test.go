package tools

import (
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Comments without a text say what they have, and those that cannot be read
// are counted.
func TestCommentsThatCannotBeShown(t *testing.T) {
	t.Parallel()
	all, hidden := readable([]notion.Comment{
		{ID: "a"}, {ID: "b", DiscussionID: "d", Attachments: []notion.Attachment{{Category: "image"}}}, {ID: "c", DiscussionID: "d"},
		{ID: "e", DiscussionID: "d", CreatedBy: notion.User{ID: "kim"}, RichText: []notion.RichText{{PlainText: "see"}}, Attachments: make([]notion.Attachment, 2)},
	})
	if hidden != 1 || len(all) != 3 {
		t.Fatalf("%d hidden, %+v", hidden, all)
	}
	shown := authored(all, nil, func(notion.ID) string { return "" })
	for i, want := range []string{"(attachment)", "(nothing that can be shown)", "see (2 attachments)"} {
		if string(shown[i].Text) != want || shown[i].Author == "" {
			t.Errorf("%+v, want %q", shown[i], want)
		}
	}
	if !strings.Contains(string(shown[2].Author), "kim") {
		t.Errorf("%+v", shown[2])
	}
}
