package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools"
)

// pageTemplates are the URIs that stand for a page, row or table. The library
// takes the first that matches.
var pageTemplates = []struct{ uri, name, about string }{
	{tools.PageURI("{id}"), "Notion page", "A Notion page, row or table by its id, as Markdown with links to its sections"},
	{"https://app.notion.com/{+path}", "Notion link", "A Notion page by its link; one with an anchor (#...) starts at that block"},
	{"https://www.notion.so/{+path}", "Notion link (notion.so)", "A Notion page by its link of the older form"},
}

// offers adds what people pick by hand, beside the tools that models call:
// pages as resources, and prompts for the jobs that they have.
type offers struct {
	caller tools.Caller
	names  []string // of the tools offered
}

// options are what a server needs to be made with.
func (o offers) options() []mcpserver.ServerOption {
	hooks := &mcpserver.Hooks{}
	hooks.AddOnRequestInitialization(checkLengths)
	hooks.AddAfterListResources(func(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, r *mcp.ListResourcesResult) {
		r.Resources = o.recent(ctx)
	})
	hooks.AddAfterSubscriptionsListen(acknowledged)
	return []mcpserver.ServerOption{
		mcpserver.WithTitle("Notion"),
		mcpserver.WithInstructions(prompts.Instructions(o.names)),
		mcpserver.WithToolCapabilities(false),
		mcpserver.WithResourceCapabilities(false, false),
		mcpserver.WithPromptCapabilities(false),
		mcpserver.WithResourceRecovery(),
		mcpserver.WithLogging(), // clients may say a level; nothing is logged to them, and so no page's words
		mcpserver.WithHooks(hooks),
		mcpserver.WithCompletions(),
		mcpserver.WithPromptCompletionProvider(o),
		mcpserver.WithResourceCompletionProvider(o),
	}
}

// How long a subscription to nothing stays open: until its acknowledgement has
// been written, within reason, or a moment where that cannot be seen.
const (
	beforeEnd = 2 * time.Second
	aMoment   = 50 * time.Millisecond
)

// acknowledged lets the acknowledgement of a subscription go out. There is
// nothing to subscribe to here, so the library ends it at once; it writes both
// from different goroutines, and drops the first if the second overtakes it.
func acknowledged(ctx context.Context, _ any, _ *mcp.SubscriptionsListenRequest, _ *mcp.SubscriptionsListenResult) {
	var written <-chan struct{}
	wait := aMoment
	if r := requestOf(ctx); r != nil {
		written, wait = r.begun, beforeEnd
	}
	select {
	case <-written:
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// register adds the resources, and the prompts that the tools can serve.
func (o offers) register(srv *mcpserver.MCPServer) {
	for _, t := range pageTemplates {
		page := mcp.NewResourceTemplate(t.uri, t.name, mcp.WithTemplateDescription(t.about), mcp.WithTemplateMIMEType("text/markdown"))
		srv.AddResourceTemplate(page, o.read)
	}
	if !slices.Contains(o.names, tools.SearchNotion) || !slices.Contains(o.names, tools.ReadPage) {
		return
	}
	for _, j := range prompts.Jobs() {
		p, ask := o.prompt(j)
		srv.AddPrompt(p, ask)
	}
}

func (o offers) prompt(j prompts.Job) (mcp.Prompt, mcpserver.PromptHandlerFunc) {
	options := []mcp.PromptOption{mcp.WithPromptDescription(j.About)}
	for _, a := range j.Args {
		about := []mcp.ArgumentOption{mcp.ArgumentDescription(a.About)}
		if a.Required {
			about = append(about, mcp.RequiredArgument())
		}
		options = append(options, mcp.WithArgument(a.Name, about...))
	}
	p := mcp.NewPrompt(j.Name, options...)
	p.Title = j.Title
	return p, func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		words, err := j.Text(req.Params.Arguments, o.names)
		if err != nil {
			return nil, err
		}
		return mcp.NewGetPromptResult(j.About, []mcp.PromptMessage{
			mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(string(words))),
		}), nil
	}
}

// recent lists the pages edited last of whoever asks. Without a connection, or
// before anything is read, there are none; the tools say why.
func (o offers) recent(ctx context.Context) []mcp.Resource {
	list := []mcp.Resource{}
	for _, p := range o.titles(ctx, "") {
		r := mcp.NewResource(tools.PageURI(p.PageID), string(p.Title), mcp.WithMIMEType("text/markdown"),
			mcp.WithResourceDescription("Notion page, edited "+p.LastEdited))
		list = append(list, r)
	}
	return list
}

// titles asks for pages by the beginning of their titles; none on any failure,
// because a list to pick from is no place for an error.
func (o offers) titles(ctx context.Context, words string) []tools.TitledPage {
	args, err := json.Marshal(tools.TitlesIn{Words: words, Limit: 20})
	if err != nil {
		return nil
	}
	a, err := o.caller.Call(ctx, tools.Titles, args)
	if err != nil || a.IsError {
		return nil
	}
	var out tools.TitlesOut
	if json.Unmarshal(a.Full(), &out) != nil {
		return nil
	}
	return out.Pages
}

// CompletePromptArgument offers titles where a prompt is told a page's name.
func (o offers) CompletePromptArgument(ctx context.Context, prompt string, arg mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	values := []string{}
	jobs := prompts.Jobs()
	if i := slices.IndexFunc(jobs, func(j prompts.Job) bool { return j.Name == prompt }); i >= 0 {
		if a, ok := jobs[i].Arg(arg.Name); ok && a.Pages {
			for _, p := range o.titles(ctx, arg.Value) {
				values = append(values, p.Title.Plain())
			}
		}
	}
	return &mcp.Completion{Values: slices.Compact(values)}, nil
}

// CompleteResourceArgument offers ids and links of pages, by the words of their
// titles that somebody typed.
func (o offers) CompleteResourceArgument(ctx context.Context, uri string, arg mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	values := []string{}
	for _, p := range o.titles(ctx, arg.Value) {
		if v := completed(uri, p); v != "" {
			values = append(values, v)
		}
	}
	return &mcp.Completion{Values: values}, nil
}

// completed is what a template takes to stand for a page; "" if it cannot.
func completed(uri string, p tools.TitledPage) string {
	if uri == pageTemplates[0].uri {
		return p.PageID
	}
	link, err := url.Parse(p.URL)
	if err != nil || "https://"+link.Host+"/{+path}" != uri {
		return ""
	}
	return link.Path[1:]
}

// read reads a page by the tool that models use, and so under the same rules.
func (o offers) read(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	page, err := pageOf(req.Params.URI)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", err, mcpserver.ErrResourceNotFound)
	}
	args, err := json.Marshal(map[string]string{"page": page})
	if err != nil {
		return nil, err
	}
	a, err := o.caller.Call(ctx, tools.ReadPage, args)
	switch {
	case err != nil:
		return nil, errors.New("the page could not be read just now; the tool read_page says why")
	case a.IsError:
		return nil, errors.New(a.Text)
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: req.Params.URI, MIMEType: "text/markdown", Text: a.Text}}, nil
}

// pageOf is the page that a URI names, in the form that read_page takes.
func pageOf(uri string) (string, error) {
	if id, ok := strings.CutPrefix(uri, tools.PageURI("")); ok {
		parsed, err := notion.ParseID(id)
		return string(parsed), err
	}
	_, err := notion.ParseRef(uri)
	return uri, err
}
