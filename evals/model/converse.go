package model

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sashabaranov/go-openai"

	"github.com/mcp-notion/mcp-notion/evals/answer"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/tools"
)

// rounds is how often a model may call tools before it has to answer.
const rounds = 6

// Answer lets the model answer a question with the tools that read. It returns
// the answer and all that the tools showed.
func (m *Model) Answer(ctx context.Context, caller tools.Caller, question string) (string, []answer.Evidence, error) {
	c := conversation{model: m, caller: caller}
	text, err := c.hold(ctx, question)
	return text, c.shown, err
}

// conversation is one question and the tool calls that a model makes for it.
type conversation struct {
	model  *Model
	caller tools.Caller
	shown  []answer.Evidence
}

// hold goes on until the model answers in words.
func (c *conversation) hold(ctx context.Context, question string) (string, error) {
	request := openai.ChatCompletionRequest{
		Model: c.model.cfg.Model,
		Tools: functions(),
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: answer.Instructions() + "\n" + prompts.Instructions([]string{tools.SearchNotion, tools.ReadPage})},
			{Role: openai.ChatMessageRoleUser, Content: question},
		},
	}
	for n := 0; ; n++ {
		if n == rounds {
			request.ToolChoice = "none"
		}
		reply, err := c.model.ask(ctx, request)
		if err != nil {
			return "", err
		}
		if len(reply.ToolCalls) == 0 || n == rounds {
			return reply.Content, nil
		}
		request.Messages = append(request.Messages, reply)
		for _, call := range reply.ToolCalls {
			text, err := c.use(ctx, call.Function)
			if err != nil {
				return "", err
			}
			request.Messages = append(request.Messages, openai.ChatCompletionMessage{
				Role: openai.ChatMessageRoleTool, ToolCallID: call.ID, Content: text,
			})
		}
	}
}

// use calls a tool as the model wants it, and notes what it showed.
func (c *conversation) use(ctx context.Context, f openai.FunctionCall) (string, error) {
	if !slices.Contains([]string{tools.SearchNotion, tools.ReadPage}, f.Name) {
		return "There is no such tool.", nil
	}
	a, err := c.caller.Call(ctx, f.Name, json.RawMessage(f.Arguments))
	if err != nil {
		return "", fmt.Errorf("call %s: %w", f.Name, err)
	}
	var out struct {
		PageID   notion.ID `json:"page_id"`
		URL      string    `json:"url"`
		Passages []struct {
			PageID notion.ID `json:"page_id"`
			URL    string    `json:"url"`
			Text   string    `json:"text"`
			Blocks []string  `json:"blocks"`
		} `json:"passages"`
	}
	if a.IsError || json.Unmarshal(a.Full(), &out) != nil {
		return a.Text, nil // nothing to cite
	}
	if out.PageID != "" { // a page: its text shows the anchors
		c.shown = append(c.shown, answer.Evidence{Page: out.PageID, Text: a.Text})
	}
	for _, p := range out.Passages {
		e := answer.Evidence{Page: p.PageID, Text: p.Text + "\n" + strings.Join(p.Blocks, "\n")}
		if ref, err := notion.ParseRef(p.URL); err == nil {
			e.Page, e.Block = ref.Page, ref.Block
		}
		c.shown = append(c.shown, e)
	}
	return a.Text, nil
}

// functions are our reading tools as chat models want them described.
func functions() []openai.Tool {
	var all []openai.Tool
	for _, d := range tools.Definitions(tools.Options{ReadOnly: true}) {
		all = append(all, openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: d.Name, Description: d.Description, Parameters: d.RawInputSchema,
		}})
	}
	return all
}

// Judge asks the judging model about an answer.
func (m *Model) Judge(ctx context.Context, c answer.Case) (answer.Verdict, error) {
	prompt, err := answer.JudgePrompt(c)
	if err != nil {
		return answer.Verdict{}, err
	}
	reply, err := m.ask(ctx, openai.ChatCompletionRequest{
		Model:          m.cfg.Judge,
		Messages:       []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: prompt}},
		ResponseFormat: &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject},
	})
	if err != nil {
		return answer.Verdict{}, err
	}
	return answer.ReadVerdict(reply.Content)
}
