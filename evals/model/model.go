// Package model asks language models behind one endpoint that speaks OpenAI's
// chat protocol: to answer a question with our tools, and to judge an answer.
// Every reply is kept under what was asked, so that a rerun is free and a run
// that was stopped goes on; and nothing is asked beyond a limit.
package model

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/sashabaranov/go-openai"

	"github.com/mcp-notion/mcp-notion/evals/report"
	"github.com/mcp-notion/mcp-notion/internal/passage"
)

// Config says which models answer and judge, behind one endpoint that
// speaks OpenAI's chat protocol, and what they may cost.
type Config struct {
	BaseURL  string // "" means OpenAI
	Key      string // never shown or stored
	Model    string // answers
	Judge    string // judges; "" judges nothing
	Cache    string // folder of all replies so far, which a rerun reads; "" keeps none
	PriceIn  float64
	PriceOut float64       // dollars for a million tokens; 0 means that they cost nothing
	MaxUSD   float64       // after which no more is asked; 0 is no limit
	MaxCalls int           // that are not in the cache; 0 is no limit
	Pause    time.Duration // before a refused call is made again, doubled each time; 0 means 2 seconds
}

// ErrLimit ends a run whose money or calls are spent. What was asked so far is
// in the cache, so that a run with a higher limit goes on where it ended.
var ErrLimit = errors.New("the spending limit is reached")

// Model is one endpoint. It counts what it cost so far.
type Model struct {
	cfg    Config
	client *openai.Client
	cost   report.Cost
}

// New makes the cache and connects to nothing yet.
func New(cfg Config) (*Model, error) {
	c := openai.DefaultConfig(cfg.Key)
	c.BaseURL = cmp.Or(cfg.BaseURL, c.BaseURL)
	c.HTTPClient = &http.Client{Timeout: 5 * time.Minute}
	cfg.Pause = cmp.Or(cfg.Pause, 2*time.Second)
	if cfg.Cache != "" {
		if err := os.MkdirAll(cfg.Cache, 0o700); err != nil {
			return nil, fmt.Errorf("make the cache: %w", err)
		}
	}
	return &Model{cfg: cfg, client: openai.NewClientWithConfig(c)}, nil
}

// Cost is what all calls so far took.
func (m *Model) Cost() report.Cost { return m.cost }

// longestReply bounds one reply in tokens.
const longestReply = 1500

// ask returns the model's next message.
func (m *Model) ask(ctx context.Context, request openai.ChatCompletionRequest) (openai.ChatCompletionMessage, error) {
	m.cost.Calls++
	key, err := m.key(request)
	if err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	if reply, ok := m.remembered(key); ok {
		m.cost.Cached++
		return reply, nil
	}
	if err := m.afford(request); err != nil {
		m.cost.Calls--
		return openai.ChatCompletionMessage{}, err
	}
	request.MaxCompletionTokens = longestReply
	response, err := m.insist(ctx, request)
	if err != nil {
		return openai.ChatCompletionMessage{}, fmt.Errorf("ask %s: %w", request.Model, err)
	}
	m.cost.TokensIn += response.Usage.PromptTokens
	m.cost.TokensOut += response.Usage.CompletionTokens
	m.cost.USD += m.price(response.Usage.PromptTokens, response.Usage.CompletionTokens)
	if len(response.Choices) == 0 {
		return openai.ChatCompletionMessage{}, fmt.Errorf("ask %s: the reply holds no choice", request.Model)
	}
	reply := response.Choices[0].Message
	return reply, m.remember(key, reply)
}

func (m *Model) price(in, out int) float64 {
	return (float64(in)*m.cfg.PriceIn + float64(out)*m.cfg.PriceOut) / 1e6
}

// afford refuses a call that could go beyond a limit.
func (m *Model) afford(request openai.ChatCompletionRequest) error {
	if m.cfg.MaxCalls > 0 && m.cost.Calls-m.cost.Cached > m.cfg.MaxCalls {
		return fmt.Errorf("%w: %d calls", ErrLimit, m.cfg.MaxCalls)
	}
	raw, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("write a request: %w", err)
	}
	if most := m.cost.USD + m.price(passage.Tokens(string(raw)), longestReply); m.cfg.MaxUSD > 0 && most > m.cfg.MaxUSD {
		return fmt.Errorf("%w: $%.2f, of which $%.4f is spent", ErrLimit, m.cfg.MaxUSD, m.cost.USD)
	}
	return nil
}

// insist makes a call again when the endpoint is busy.
func (m *Model) insist(ctx context.Context, request openai.ChatCompletionRequest) (openai.ChatCompletionResponse, error) {
	const attempts = 5
	pause := m.cfg.Pause
	for n := 1; ; n++ {
		response, err := m.client.CreateChatCompletion(ctx, request)
		if err == nil || n == attempts || !busy(err) {
			return response, err
		}
		select {
		case <-ctx.Done():
			return response, ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func busy(err error) bool {
	status := 0
	var api *openai.APIError
	var request *openai.RequestError
	switch {
	case errors.As(err, &api):
		status = api.HTTPStatusCode
	case errors.As(err, &request):
		status = request.HTTPStatusCode
	}
	return status == http.StatusTooManyRequests || status >= 500
}

// moment matches the time of the last sync in the text of a tool: it differs
// in every run and must not make every question a new one.
var moment = regexp.MustCompile(`as of [^.()\n]*`)

// key names a request by its content and by who is asked. The key of the
// endpoint is no part of it.
func (m *Model) key(request openai.ChatCompletionRequest) (string, error) {
	raw, err := json.Marshal(request)
	if err != nil {
		return "", fmt.Errorf("write a request: %w", err)
	}
	raw = moment.ReplaceAll(raw, []byte("as of then"))
	sum := sha256.Sum256(append([]byte(m.cfg.BaseURL+"\x00"), raw...))
	return hex.EncodeToString(sum[:]), nil
}

func (m *Model) remembered(key string) (openai.ChatCompletionMessage, bool) {
	var reply openai.ChatCompletionMessage
	if m.cfg.Cache == "" {
		return reply, false
	}
	raw, err := os.ReadFile(filepath.Join(m.cfg.Cache, key+".json"))
	if err != nil || json.Unmarshal(raw, &reply) != nil {
		return reply, false
	}
	return reply, true
}

// remember writes a reply so that a process killed meanwhile leaves none or a
// whole one.
func (m *Model) remember(key string, reply openai.ChatCompletionMessage) error {
	if m.cfg.Cache == "" {
		return nil
	}
	raw, err := json.Marshal(reply)
	if err != nil {
		return fmt.Errorf("keep a reply: %w", err)
	}
	name := filepath.Join(m.cfg.Cache, key)
	if err := os.WriteFile(name+".part", raw, 0o600); err != nil {
		return fmt.Errorf("keep a reply: %w", err)
	}
	if err := os.Rename(name+".part", name+".json"); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep a reply: %w", err)
	}
	return nil
}
