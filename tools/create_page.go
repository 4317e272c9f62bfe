package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/writing"
)

// CreateIn is what create_page takes.
type CreateIn struct {
	Parent     string         `json:"parent"`
	Title      string         `json:"title"`
	Properties map[string]any `json:"properties"`
	Content    string         `json:"content"`
	Later      *bool          `json:"later"` // nil means true
}

// CreateOut is what create_page answers.
type CreateOut struct {
	PageID    string          `json:"page_id,omitempty"`
	URL       string          `json:"url,omitempty"`
	Title     markdown.Text   `json:"title,omitempty"`
	Created   bool            `json:"created" jsonschema:"a page was made by this call"`
	Duplicate bool            `json:"duplicate" jsonschema:"the same page was there already and nothing was made"`
	WriteID   string          `json:"write_id,omitempty" jsonschema:"not made yet: kept under this id, see pending_writes"`
	Notes     []markdown.Text `json:"notes,omitempty"`
	Error     *Failure        `json:"error,omitempty" jsonschema:"set alone when the call failed"`
}

// contentLimit is the longest body, in characters: a request has to stay below
// 500 kB.
const contentLimit = 100_000

func createTool() tool {
	return tool{
		name:  CreatePage,
		set:   Write,
		title: "Create a Notion page",
		about: "Make a Notion page below a page, or a row in a database, visible to others: only when the user asked for it. Values that do not fit are refused, with what would. The same is not made twice within ten minutes.",
		params: argument.Params{
			{Name: "parent", Kind: argument.Text, Required: true, About: "Link, id or exact title of the page or database"},
			{Name: "title", Kind: argument.Text, Required: true, About: "Title"},
			{Name: "properties", Kind: argument.Map, Max: 100, About: "Row only; people by name, relations by title"},
			{Name: "content", Kind: argument.Text, Max: contentLimit, About: "Body as Markdown"},
			laterParam,
		},
		output: mcp.WithOutputSchema[createBrief](),
		run:    (*Set).create,
		writes: true,
	}
}

func (s *Set) create(ctx context.Context, args json.RawMessage) (Answer, error) {
	in, err := decode[CreateIn](createTool(), args)
	if err != nil {
		return Answer{}, err
	}
	client, err := s.client(ctx)
	if err != nil {
		return Answer{}, err
	}
	page, err := s.page(ctx, client, in)
	if err != nil {
		return Answer{}, err
	}
	done, err := s.write(ctx, client, page, in.Later)
	if err != nil {
		return Answer{}, err
	}
	if done.kept != nil {
		out := CreateOut{Title: markdown.Line(page.Title), WriteID: done.kept.ID}
		return detailed(s.keptWords(done), out.brief(), func() any { return out })
	}
	out := createOut(done.Outcome)
	if out.Created {
		s.learn(ctx, done.ID)
	}
	return detailed(out.words(), out.brief(), func() any { return out })
}

// learn reads a new page into the index, so that it is found at once. A failure
// is left to the next poll.
func (s *Set) learn(ctx context.Context, id notion.ID) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CommentWithin/6)
	defer cancel()
	if _, err := s.cfg.Syncer.Read(ctx, id); err != nil {
		s.cfg.Log.Info("read a new page", "err", err)
	}
}

// page checks what is to be made, before anything is written.
func (s *Set) page(ctx context.Context, client *notion.Client, in CreateIn) (writing.Page, error) {
	from := s.databases(client)
	to, err := s.parent(ctx, from, in)
	if err != nil {
		return writing.Page{}, err
	}
	p := writing.Page{Below: to.page, Title: strings.TrimSpace(in.Title), Content: strings.TrimSpace(in.Content)}
	schema := map[string]notion.Schema{"title": {Type: "title"}}
	if to.table != nil {
		schema = to.table.Properties
		p.Table, p.Column = to.table.ID, property.Title(schema)
	} else if len(in.Properties) > 0 {
		return p, argument.Errorf("The parent is a page, so that the new page has no properties but its title. Leave out %q, or name a database as parent.", "properties")
	}
	values := map[string]any{}
	for name, v := range in.Properties {
		values[name] = v
	}
	if given, err := property.Find(schema, property.Title(schema)); err == nil {
		for name := range values {
			if f, err := property.Find(schema, name); err == nil && f.Name == given.Name {
				delete(values, name) // "title" has said it
			}
		}
		values[given.Name] = p.Title
	}
	p.Values, err = property.Encode(schema, values, property.Config{Now: s.cfg.Now(), Find: from.Lookup(ctx)})
	var misfit property.Misfit
	if errors.As(err, &misfit) {
		return p, argument.Errorf("Nothing was made. %s", misfit)
	}
	return p, err
}

func createOut(o writing.Outcome) CreateOut {
	return CreateOut{
		PageID: string(o.ID), URL: o.URL, Title: markdown.Line(o.Title), Created: o.Written, Duplicate: !o.Written, Notes: markdown.Lines(o.Notes),
	}
}

// words tell a model what happened.
func (o CreateOut) words() markdown.Text {
	said := markdown.Sprintf("Made the page %q: %s", o.Title, markdown.NotionURL(o.URL))
	if o.Duplicate {
		said = markdown.Sprintf("The page %q was there already, made within the last ten minutes with the same content, and was not made again: %s", o.Title, markdown.NotionURL(o.URL))
	}
	for _, n := range o.Notes {
		said += "\nNote: " + n
	}
	return said
}
