package tools

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// CommentIn is what append_comment takes: exactly one of Page, Block and
// Discussion.
type CommentIn struct {
	Page       string `json:"page"`
	Block      string `json:"block"`
	Discussion string `json:"discussion"`
	Text       string `json:"text"`
	Later      *bool  `json:"later"` // nil means true
}

// CommentOut is what append_comment answers.
type CommentOut struct {
	CommentID    string          `json:"comment_id,omitempty" jsonschema:"the first, where the text took several"`
	DiscussionID string          `json:"discussion_id,omitempty" jsonschema:"pass it as discussion to reply"`
	URL          string          `json:"url,omitempty" jsonschema:"opens the comment in Notion"`
	Posted       bool            `json:"posted" jsonschema:"something was written by this call"`
	Duplicate    bool            `json:"duplicate" jsonschema:"the same comment was there already and nothing was written"`
	Parts        int             `json:"parts" jsonschema:"comments that the text took"`
	WriteID      string          `json:"write_id,omitempty" jsonschema:"not posted yet: kept under this id, see pending_writes"`
	Notes        []markdown.Text `json:"notes,omitempty"`
	Error        *Failure        `json:"error,omitempty" jsonschema:"set alone when the call failed"`
}

// laterParam is shared by the tools that write.
var laterParam = argument.Param{Name: "later", Kind: argument.Boolean, About: "false: never later if Notion is busy"}

// commentLimit is the longest text, in characters. Longer texts are pages.
const commentLimit = 50_000

func commentTool() tool {
	return tool{
		name:  AppendComment,
		set:   Write,
		title: "Comment in Notion",
		about: "Post a comment on a Notion page or block, or reply in a discussion, visible to others: only when the user asked for it. Give exactly one of page, block, discussion. The same text is not posted twice within ten minutes.",
		params: argument.Params{
			{Name: "page", Kind: argument.Text, About: "Link, id or exact title; a link with a block anchor means that block, with ?d= that discussion"},
			{Name: "block", Kind: argument.Text, About: "Link with anchor, or block id"},
			{Name: "discussion", Kind: argument.Text, About: "Link with ?d=, or discussion id"},
			{Name: "text", Kind: argument.Text, Required: true, Max: commentLimit, About: "Inline Markdown: bold, italic, strike, code, links, $equations$, @Name; headings turn bold"},
			laterParam,
		},
		output: mcp.WithOutputSchema[commentBrief](),
		run:    (*Set).comment,
		writes: true,
	}
}

func (s *Set) comment(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[CommentIn](commentTool(), args)
	if err != nil {
		return Answer{}, err
	}
	to, err := s.target(in)
	if err != nil {
		return Answer{}, err
	}
	if len(richtext.Parse(in.Text)) == 0 {
		return Answer{}, argument.Errorf("%q has nothing to show: it is empty once the Markdown is read.", "text")
	}
	client, err := s.client(ctx)
	if err != nil {
		return Answer{}, err
	}
	people, notes, err := mentioned(ctx, client, in.Text)
	if err != nil {
		return Answer{}, err
	}
	notes = append(commentNotes(in.Text), notes...)
	for _, p := range people {
		notes = append(notes, markdown.Sprintf("Mentioned: %s.", markdown.Line(p.Name)))
	}
	done, err := s.write(ctx, client, writing.Comment{Target: to, Text: in.Text, People: people}, in.Later)
	if err != nil {
		return Answer{}, err
	}
	if done.kept != nil {
		out := CommentOut{Parts: len(richtext.Parse(in.Text, people...)), WriteID: done.kept.ID, Notes: notes}
		return detailed(s.keptWords(done)+noted(notes), out.brief(), func() any { return out })
	}
	out := commentOut(done.Outcome)
	out.Notes = append(out.Notes, notes...)
	return detailed(out.words(), out.brief(), func() any { return out })
}

// unsupported is what a comment cannot have, and what became of it.
var unsupported = []struct {
	has  *regexp.Regexp
	note markdown.Text
}{
	{regexp.MustCompile(`(?m)^[ \t]*#{1,6} +\S`), "A comment has no headings: they are bold lines."},
	{regexp.MustCompile(`(?m)^[ \t]*\|?[ \t]*:?-+:?[ \t]*\|[-| \t:]*$`), "A comment has no tables: yours stands there as it was typed."},
}

// commentNotes say what of a text a comment cannot have.
func commentNotes(text string) []markdown.Text {
	var notes []markdown.Text
	for _, l := range unsupported {
		if l.has.MatchString(text) {
			notes = append(notes, l.note)
		}
	}
	return notes
}

func commentOut(o writing.Outcome) CommentOut {
	return CommentOut{
		CommentID: string(o.ID), DiscussionID: string(o.Discussion), URL: o.URL,
		Posted: o.Written, Duplicate: !o.Written, Parts: o.Parts, Notes: markdown.Lines(o.Notes),
	}
}

// target reads the place that the caller named.
func (s *Set) target(in CommentIn) (writing.Target, error) {
	given := 0
	for _, place := range []string{in.Page, in.Block, in.Discussion} {
		if place != "" {
			given++
		}
	}
	if given != 1 {
		return writing.Target{}, argument.Errorf("append_comment needs exactly one of page, block and discussion, not %d of them.", given)
	}
	switch {
	case in.Discussion != "":
		ref, err := reference("discussion", in.Discussion)
		return discussionTarget(ref, isLink(in.Discussion)), err
	case in.Block != "":
		ref, err := reference("block", in.Block)
		if err == nil && ref.Block == "" && isLink(in.Block) {
			err = argument.Errorf("%q: this link has no block anchor (#...). Pass it as %q, or use Copy link to block.", "block", "page")
		}
		return blockTarget(ref), err
	}
	ref, err := s.titled("page", in.Page)
	switch {
	case ref.Discussion != "":
		return writing.Target{Page: ref.Page, Block: ref.Block, Discussion: ref.Discussion}, err
	case ref.Block != "":
		return writing.Target{Page: ref.Page, Block: ref.Block}, err
	}
	return writing.Target{Page: ref.Page}, err
}

// blockTarget takes a bare id for that of the block.
func blockTarget(ref notion.Ref) writing.Target {
	if ref.Block == "" {
		return writing.Target{Block: ref.Page}
	}
	return writing.Target{Page: ref.Page, Block: ref.Block}
}

// discussionTarget takes a bare id for that of the discussion.
func discussionTarget(ref notion.Ref, link bool) writing.Target {
	if ref.Discussion == "" && !link {
		return writing.Target{Discussion: ref.Page}
	}
	return writing.Target{Page: ref.Page, Block: ref.Block, Discussion: ref.Discussion}
}

func isLink(s string) bool { return strings.Contains(s, "/") }

// words tell a model what happened.
func (o CommentOut) words() markdown.Text {
	var b markdown.Builder
	switch {
	case o.Duplicate:
		b.Put("Already there: the same comment was posted within the last ten minutes. Nothing was written.")
	case o.Parts > 1:
		b.Putf("Posted, as %d comments of one discussion because of its length.", o.Parts)
	default:
		b.Put("Posted.")
	}
	for _, line := range []struct{ name, value markdown.Text }{{"Link", markdown.NotionURL(o.URL)}, {"Comment", markdown.Word(o.CommentID)}, {"Discussion", markdown.Word(o.DiscussionID)}} {
		if line.value != "" {
			b.Putf("\n%s: %s", line.name, line.value)
		}
	}
	return b.Text() + noted(o.Notes)
}

// noted is what else there is to say, a line each.
func noted(notes []markdown.Text) markdown.Text {
	var b markdown.Builder
	for _, n := range notes {
		b.Put("\nNote: ", n)
	}
	return b.Text()
}
