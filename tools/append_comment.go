package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
)

// CommentIn is what append_comment takes: exactly one of Page, Block and
// Discussion.
type CommentIn struct {
	Page       string `json:"page"`
	Block      string `json:"block"`
	Discussion string `json:"discussion"`
	Text       string `json:"text"`
}

// CommentOut is what append_comment answers.
type CommentOut struct {
	CommentID    string   `json:"comment_id,omitempty" jsonschema:"the first, where the text took several"`
	DiscussionID string   `json:"discussion_id,omitempty" jsonschema:"pass it as discussion to reply"`
	URL          string   `json:"url,omitempty" jsonschema:"opens the comment in Notion"`
	Posted       bool     `json:"posted" jsonschema:"something was written by this call"`
	Duplicate    bool     `json:"duplicate" jsonschema:"the same comment was there already and nothing was written"`
	Parts        int      `json:"parts" jsonschema:"comments that the text took"`
	Notes        []string `json:"notes,omitempty"`
	Error        *Failure `json:"error,omitempty" jsonschema:"set alone when the call failed"`
}

// commentLimit is the longest text, in characters. Longer texts are pages.
const commentLimit = 50_000

func commentTool() tool {
	return tool{
		name:  AppendComment,
		set:   Write,
		title: "Comment in Notion",
		about: "Post a comment on a Notion page or block, or reply in a discussion, visible to others: only when the user asked for it. Give exactly one of page, block, discussion. The same text is not posted twice within ten minutes.",
		params: argument.Params{
			{Name: "page", Kind: argument.Text, About: "Link or id; a link with a block anchor means that block, with ?d= that discussion"},
			{Name: "block", Kind: argument.Text, About: "Link with anchor, or block id"},
			{Name: "discussion", Kind: argument.Text, About: "Link with ?d=, or discussion id"},
			{Name: "text", Kind: argument.Text, Required: true, Max: commentLimit, About: "Inline Markdown: bold, italic, strike, code, links, $equations$; no headings or lists"},
		},
		output: mcp.WithOutputSchema[CommentOut](),
		run:    (*Set).comment,
		writes: true,
	}
}

func (s *Set) comment(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[CommentIn](commentTool(), args)
	if err != nil {
		return Answer{}, err
	}
	to, err := in.target()
	if err != nil {
		return Answer{}, err
	}
	texts := richtext.Parse(in.Text)
	if len(texts) == 0 {
		return Answer{}, argument.Errorf("%q has nothing to show: it is empty once the Markdown is read.", "text")
	}
	client, err := s.client(ctx)
	if err != nil {
		return Answer{}, err
	}
	p := &posting{set: s, client: client, to: to, texts: texts}
	leave, err := p.begin(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer leave()
	out, err := p.run(ctx)
	if err != nil {
		return Answer{}, p.told(err)
	}
	return answer(out.words(), out)
}

// target is where a comment goes.
type target struct {
	page       notion.ID // the page that the caller named, or that was found
	block      notion.ID
	discussion notion.ID
}

// target reads the place that the caller named.
func (in CommentIn) target() (target, error) {
	given := 0
	for _, s := range []string{in.Page, in.Block, in.Discussion} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		return target{}, argument.Errorf("append_comment needs exactly one of page, block and discussion, not %d of them.", given)
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
	ref, err := reference("page", in.Page)
	switch {
	case ref.Discussion != "":
		return target{page: ref.Page, block: ref.Block, discussion: ref.Discussion}, err
	case ref.Block != "":
		return target{page: ref.Page, block: ref.Block}, err
	}
	return target{page: ref.Page}, err
}

// blockTarget takes a bare id for that of the block.
func blockTarget(ref notion.Ref) target {
	if ref.Block == "" {
		return target{block: ref.Page}
	}
	return target{page: ref.Page, block: ref.Block}
}

// discussionTarget takes a bare id for that of the discussion.
func discussionTarget(ref notion.Ref, link bool) target {
	if ref.Discussion == "" && !link {
		return target{discussion: ref.Page}
	}
	return target{page: ref.Page, block: ref.Block, discussion: ref.Discussion}
}

func isLink(s string) bool { return strings.Contains(s, "/") }

// request is the comment to write.
func (t target) request(runs []notion.RichText) notion.CreateComment {
	req := notion.CreateComment{RichText: runs}
	switch {
	case t.discussion != "":
		req.Discussion = t.discussion
	case t.block != "":
		req.Block = t.block
	default:
		req.Page = t.page
	}
	return req
}

// id is that of the discussion, block or page that is written to.
func (t target) id() notion.ID { return cmp.Or(t.discussion, t.block, t.page) }

// listed is the block or page whose comments include those of the target; ""
// where only a discussion is known, which Notion cannot list.
func (t target) listed() notion.ID {
	if t.block != "" {
		return t.block
	}
	return t.page
}

// words tell a model what happened.
func (o CommentOut) words() string {
	var b strings.Builder
	switch {
	case o.Duplicate:
		b.WriteString("Already there: the same comment was posted within the last ten minutes. Nothing was written.")
	case o.Parts > 1:
		fmt.Fprintf(&b, "Posted, as %d comments of one discussion because of its length.", o.Parts)
	default:
		b.WriteString("Posted.")
	}
	for _, line := range []struct{ name, value string }{{"Link", o.URL}, {"Comment", o.CommentID}, {"Discussion", o.DiscussionID}} {
		if line.value != "" {
			fmt.Fprintf(&b, "\n%s: %s", line.name, line.value)
		}
	}
	for _, n := range o.Notes {
		b.WriteString("\nNote: " + n)
	}
	return b.String()
}
