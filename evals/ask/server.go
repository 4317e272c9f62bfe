package ask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/evals/questions"
	"github.com/mcp-notion/mcp-notion/internal/guard"
	"github.com/mcp-notion/mcp-notion/tools"
)

// ServerConfig says how to reach an MCP server: by a command that speaks it on
// stdio, or by the URL of a streamable HTTP endpoint.
type ServerConfig struct {
	Command string            // split at spaces; quotes keep them together
	URL     string            // used if Command is empty
	Env     []string          // "NAME=value" for the command, beside our own environment without its secrets
	Headers map[string]string // for the URL
	Version string            // of this program
}

// Server is a connection to an MCP server. It is a tools.Caller.
type Server struct {
	Name   string // as the server gave it
	Tools  []string
	Shown  string // what a model sees before its first call: the instructions, and of each tool a line of JSON with name, description, input schema
	client *client.Client
}

// startWithin bounds how long a server may take to start: npx may have to load
// it first.
const startWithin = 2 * time.Minute

// Connect starts or reaches a server and asks for its tools.
func Connect(ctx context.Context, cfg ServerConfig) (*Server, error) {
	c, err := newClient(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	s := &Server{client: c}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	if err := s.greet(ctx, cfg.Version); err != nil {
		return nil, errors.Join(fmt.Errorf("greet the server: %w%s", err, lastWords(c)), c.Close())
	}
	return s, nil
}

func newClient(ctx context.Context, cfg ServerConfig) (*client.Client, error) {
	if cfg.Command == "" {
		c, err := client.NewStreamableHttpClient(cfg.URL, transport.WithHTTPHeaders(cfg.Headers))
		if err != nil {
			return nil, err
		}
		return c, c.Start(ctx)
	}
	words, err := splitCommand(cfg.Command)
	if err != nil {
		return nil, err
	}
	return client.NewStdioMCPClientWithOptions(words[0], cfg.Env, words[1:], transport.WithCommandFunc(command))
}

// command makes the process of a server. It inherits our environment, but for
// what looks like a secret: the server is somebody else's program.
func command(ctx context.Context, name string, env, args []string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	for _, pair := range os.Environ() {
		if variable, _, _ := strings.Cut(pair, "="); !secretName.MatchString(variable) {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd, nil
}

var secretName = regexp.MustCompile(`(?i)(KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH)`)

func (s *Server) greet(ctx context.Context, version string) error {
	hello := mcp.InitializeRequest{}
	hello.Params.ClientInfo = mcp.Implementation{Name: "mcp-notion eval", Version: version}
	is, err := s.client.Initialize(ctx, hello)
	if err != nil {
		return err
	}
	s.Name, s.Shown = is.ServerInfo.Name, is.Instructions+"\n"
	list, err := s.client.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return err
	}
	for _, t := range list.Tools {
		s.Tools = append(s.Tools, t.Name)
		line, err := json.Marshal(map[string]any{"name": t.Name, "description": t.Description, "inputSchema": t.InputSchema})
		if err != nil {
			return fmt.Errorf("read the tool %s: %w", t.Name, err)
		}
		s.Shown += string(line) + "\n"
	}
	return nil
}

// lastWords is what a command wrote to its standard error before it failed.
func lastWords(c *client.Client) string {
	r, ok := client.GetStderr(c)
	if !ok || r == nil {
		return ""
	}
	said := make(chan string, 1)
	guard.Go(func() error {
		b := make([]byte, 2000)
		n, err := io.ReadAtLeast(r, b, 1)
		said <- string(b[:n])
		return err
	})
	select {
	case text := <-said:
		if text != "" {
			return "; it said: " + questions.Words(text, 300)
		}
	case <-time.After(200 * time.Millisecond): // it may live and be silent
	}
	return ""
}

// Call calls a tool of the server.
func (s *Server) Call(ctx context.Context, tool string, args json.RawMessage) (tools.Answer, error) {
	request := mcp.CallToolRequest{}
	request.Params.Name = tool
	request.Params.Arguments = args
	result, err := s.client.CallTool(ctx, request)
	if err != nil {
		return tools.Answer{}, err
	}
	a := tools.Answer{IsError: result.IsError, Structured: result.RawStructuredContent}
	a.Text, err = words(result.Content)
	return a, err
}

// words is what a model may see of an answer: texts as they are, and the rest,
// such as links to resources, as the JSON that came.
func words(parts []mcp.Content) (string, error) {
	var all []string
	for _, part := range parts {
		if text, ok := part.(mcp.TextContent); ok {
			all = append(all, text.Text)
			continue
		}
		other, err := json.Marshal(part)
		if err != nil {
			return "", fmt.Errorf("read a part of an answer: %w", err)
		}
		all = append(all, string(other))
	}
	return strings.Join(all, "\n"), nil
}

// Close ends the connection, and the command with it.
func (s *Server) Close() error { return s.client.Close() }

// splitCommand splits at spaces that are not between quotes.
func splitCommand(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	open, inWord := rune(0), false
	for _, r := range s {
		switch {
		case r == open:
			open = 0
		case open == 0 && (r == '"' || r == '\''):
			open, inWord = r, true
		case open == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	switch {
	case open != 0:
		return nil, fmt.Errorf("the command %q has an open quote", s)
	case len(words) == 0:
		return nil, errors.New("the command is empty")
	}
	return words, nil
}
