package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools"
)

// pageURI is the resource that stands for a page, row or table.
const pageURI = "notion://page/{id}"

// offer adds what people pick by hand, beside the tools that models call: pages
// as resources, and a prompt that makes an answer rest on them. Nothing is
// listed: a workspace has more pages than anybody scrolls through.
func offer(srv *mcpserver.MCPServer, caller tools.Caller) {
	page := mcp.NewResourceTemplate(pageURI, "Notion page",
		mcp.WithTemplateDescription("A Notion page, row or table by its id, as Markdown with links to its sections"),
		mcp.WithTemplateMIMEType("text/markdown"),
	)
	srv.AddResourceTemplate(page, func(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return readResource(ctx, caller, req)
	})
	answer := mcp.NewPrompt("answer_from_notion",
		mcp.WithPromptDescription("Answer a question from the Notion pages shared with you, with a link to every block it rests on"),
		mcp.WithArgument("question", mcp.ArgumentDescription("What you want to know"), mcp.RequiredArgument()),
	)
	srv.AddPrompt(answer, func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		words, err := prompts.Answer(req.Params.Arguments["question"])
		if err != nil {
			return nil, err
		}
		return mcp.NewGetPromptResult(answer.Description, []mcp.PromptMessage{
			mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(words)),
		}), nil
	})
}

// readResource reads a page by the tool that models use, and so under the same
// rules.
func readResource(ctx context.Context, caller tools.Caller, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	id, err := resourceID(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", err, mcpserver.ErrResourceNotFound)
	}
	args, err := json.Marshal(map[string]string{"page": string(id)})
	if err != nil {
		return nil, err
	}
	a, err := caller.Call(ctx, tools.ReadPage, args)
	switch {
	case err != nil:
		return nil, errors.New("the page could not be read just now; the tool read_page says why")
	case a.IsError:
		return nil, errors.New(a.Text)
	}
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: req.Params.URI, MIMEType: "text/markdown", Text: a.Text}}, nil
}

// resourceID is the id in the URI. The library hands over what the template
// matched, decoded, and nothing where it matched the empty string.
func resourceID(req mcp.ReadResourceRequest) (notion.ID, error) {
	matched, _ := req.Params.Arguments["id"].([]string)
	if len(matched) != 1 {
		return "", errors.New("the URI names no page")
	}
	return notion.ParseID(matched[0])
}
