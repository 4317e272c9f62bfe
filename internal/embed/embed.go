// Package embed turns texts into vectors, and puts passages in order, with
// models behind an endpoint that speaks OpenAI's protocol. It makes one request
// for one call: when to come again is for the caller to decide, and Error says
// what for. Neither keys nor texts get into errors.
package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/sashabaranov/go-openai"
)

// Config says which endpoint and model. The zero value is no endpoint.
type Config struct {
	URL   string // base of the endpoint, such as https://api.openai.com/v1
	Model string
	Key   Key           // zero sends none
	Wait  time.Duration // for an answer, where the caller has no deadline; 0 means one minute
	Pacer *Pacer        // shared by all who use the endpoint; nil means that nobody waits for others
	Owner string        // whose turn it is, of those who share the Pacer

	Transport http.RoundTripper // that of net/http if nil
}

// On says whether an endpoint is configured.
func (c Config) On() bool { return c.URL != "" }

func (c Config) lane() lane { return lane{pacer: c.Pacer, owner: c.Owner} }

// Check says what is wrong with a Config that is on.
func (c Config) Check() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the address of the embeddings endpoint must be like https://api.openai.com/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the address of the embeddings endpoint must not hold a password, a query or a fragment")
	case c.Model == "":
		return errors.New("an embeddings endpoint needs the name of a model")
	}
	return nil
}

// Embedder makes vectors with one model. It may be used concurrently.
type Embedder struct {
	model  string
	before prefixes
	client *openai.Client
	wait   time.Duration
	lane   lane
}

// New returns an Embedder. It connects to nothing yet.
func New(cfg Config) (*Embedder, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	return &Embedder{model: cfg.Model, before: prefixesOf(cfg.Model), client: newClient(cfg), wait: cmp.Or(cfg.Wait, time.Minute), lane: cfg.lane()}, nil
}

// Model is the name of the model.
func (e *Embedder) Model() string { return e.model }

// Queries returns a vector of length 1 for each question, in the order of the
// texts, all of one dimension. The error is an *Error, or that of ctx.
func (e *Embedder) Queries(ctx context.Context, texts []string) ([][]float32, error) {
	return e.embed(ctx, e.lane, prefixed(e.before.query, texts))
}

// Passages does the same for what is to be found. People's questions go first.
func (e *Embedder) Passages(ctx context.Context, texts []string) ([][]float32, error) {
	l := e.lane
	l.background = true
	return e.embed(ctx, l, prefixed(e.before.passage, texts))
}

func (e *Embedder) embed(ctx context.Context, l lane, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	var response openai.EmbeddingResponse
	err := l.ask(ctx, e.wait, func(ctx context.Context) (err error) {
		response, err = e.client.CreateEmbeddings(ctx, openai.EmbeddingRequestStrings{
			Input: texts, Model: openai.EmbeddingModel(e.model), EncodingFormat: openai.EmbeddingEncodingFormatFloat,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	vectors, err := inOrder(response.Data, len(texts))
	if err != nil {
		return nil, &Error{Kind: Garbled, Detail: err.Error()}
	}
	return vectors, nil
}

// maxDimension is more than any model has.
const maxDimension = 1 << 16

// inOrder takes the vectors out of an answer, and believes none of it.
func inOrder(data []openai.Embedding, want int) ([][]float32, error) {
	if len(data) != want {
		return nil, fmt.Errorf("%d vectors for %d texts", len(data), want)
	}
	vectors := make([][]float32, want)
	for i, d := range data {
		// Some servers number none of them: then the order is that of the texts.
		if d.Index == 0 && i > 0 && vectors[0] != nil {
			d.Index = i
		}
		if d.Index < 0 || d.Index >= want || vectors[d.Index] != nil {
			return nil, errors.New("the vectors are numbered wrongly")
		}
		if len(d.Embedding) == 0 || len(d.Embedding) > maxDimension || len(d.Embedding) != len(data[0].Embedding) {
			return nil, errors.New("the vectors have no dimension in common")
		}
		if !normalize(d.Embedding) {
			return nil, errors.New("a vector has no direction")
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}

// normalize gives v the length 1, and says whether that is possible.
func normalize(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 1e-20) || math.IsInf(sum, 0) { // NaN too
		return false
	}
	scale := 1 / math.Sqrt(sum)
	for i := range v {
		v[i] = float32(float64(v[i]) * scale)
	}
	return true
}

func newClient(cfg Config) *openai.Client {
	c := openai.DefaultConfig(cfg.Key.Reveal())
	c.BaseURL = cfg.URL
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	c.HTTPClient = &http.Client{
		Transport: &bounded{base: cfg.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the key is for one address
		},
	}
	return openai.NewClientWithConfig(c)
}
