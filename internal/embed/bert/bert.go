// Package bert makes vectors of texts with a small encoder model, in this
// process: a transformer as BERT has it (Devlin and others, 2018), read from a folder
// as sentence-transformers writes them. Products of matrices are made by
// kernels for AVX2 and NEON; whatever else is plain Go.
package bert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"
)

// Model is an encoder. It may be used concurrently.
type Model struct {
	folder fs.FS
	config config
	words  vocabulary
	turn   chan struct{} // taken by whoever computes vectors of passages
	load   func() error  // reads the weights, once

	pieces table     // by number
	places []float32 // by position, with that of the first segment
	first  layerNorm
	layers []layer
}

// config is what config.json says, and the files beside it.
type config struct {
	Kind         string  `json:"model_type"`
	Name         string  `json:"_name_or_path"`
	Hidden       int     `json:"hidden_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Intermediate int     `json:"intermediate_size"`
	Positions    int     `json:"max_position_embeddings"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`

	mean           bool // vectors are the mean of all tokens, not that of the first
	query, passage string
}

// Open reads what a model is: config.json, vocab.txt and model.safetensors, and,
// if they are there, 1_Pooling/config.json for how a text's vector is made from
// those of its tokens, tokenizer_config.json for case, and
// config_sentence_transformers.json for what is put before questions and
// passages. The weights are read when they are first needed.
func Open(folder fs.FS) (*Model, error) {
	m := &Model{folder: folder, turn: make(chan struct{}, 1)}
	m.load = sync.OnceValue(m.weights)
	keepCase, err := m.configure(folder)
	if err != nil {
		return nil, err
	}
	vocab, err := fs.ReadFile(folder, "vocab.txt")
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary of the model: %w", err)
	}
	if m.words, err = readVocabulary(string(vocab), keepCase); err != nil {
		return nil, err
	}
	if _, err := fs.Stat(folder, "model.safetensors"); err != nil {
		return nil, fmt.Errorf("look for the weights of the model: %w", err)
	}
	return m, nil
}

func (m *Model) weights() error {
	file, err := fs.ReadFile(m.folder, "model.safetensors")
	if err != nil {
		return fmt.Errorf("read the weights of the model: %w", err)
	}
	t, err := readTensors(file)
	if err == nil {
		err = m.weigh(t)
	}
	if err != nil {
		return fmt.Errorf("read the weights of the model: %w", err)
	}
	return nil
}

func (m *Model) configure(folder fs.FS) (keepCase bool, err error) {
	var (
		pooling struct {
			Mean  bool `json:"pooling_mode_mean_tokens"`
			First bool `json:"pooling_mode_cls_token"`
		}
		casing struct {
			Lower *bool `json:"do_lower_case"`
		}
		prompts struct{ Prompts map[string]string }
	)
	if err := read(folder, "config.json", &m.config, true); err != nil {
		return false, err
	}
	if err := m.config.check(); err != nil {
		return false, err
	}
	for name, into := range map[string]any{
		"1_Pooling/config.json": &pooling, "tokenizer_config.json": &casing, "config_sentence_transformers.json": &prompts,
	} {
		if err := read(folder, name, into, false); err != nil {
			return false, err
		}
	}
	m.config.mean = !pooling.First
	m.config.query, m.config.passage = prompts.Prompts["query"], prompts.Prompts["passage"]
	return casing.Lower != nil && !*casing.Lower, nil
}

func read(folder fs.FS, name string, into any, needed bool) error {
	data, err := fs.ReadFile(folder, name)
	if errors.Is(err, fs.ErrNotExist) && !needed {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("read %s of the model: %w", name, err)
	}
	return nil
}

// check says what of the model cannot be computed here.
func (c *config) check() error {
	small := func(n, most int) bool { return n > 0 && n <= most }
	switch {
	case c.Kind != "bert":
		return fmt.Errorf("the model is of the kind %q; only bert can be run here", c.Kind)
	case c.Activation != "gelu":
		return fmt.Errorf("the model has the activation %q; only gelu can be run here", c.Activation)
	case !small(c.Hidden, 4096) || !small(c.Layers, 100) || !small(c.Heads, 100) || !small(c.Intermediate, 1<<14) || !small(c.Positions, 1<<14) || c.Positions < 3:
		return errors.New("config.json of the model lacks a size, or has one that is too large")
	case c.Hidden%c.Heads != 0 || c.Hidden/c.Heads%columns != 0 || c.Intermediate%columns != 0:
		return fmt.Errorf("the heads of the model are %d/%d wide; only multiples of %d can be run here", c.Hidden, c.Heads, columns)
	}
	return nil
}

// Model is the name of the model.
func (m *Model) Model() string { return m.config.Name }

// Dimension is the length of its vectors.
func (m *Model) Dimension() int { return m.config.Hidden }

// Queries returns a vector of length 1 for each question. The error is that of
// ctx, or of the weights.
func (m *Model) Queries(ctx context.Context, texts []string) ([][]float32, error) {
	return m.embed(ctx, m.config.query, texts)
}

// Passages returns a vector of length 1 for each text. Of a long one, the
// beginning counts. Those who want vectors of passages take turns, so that they
// leave room for questions. The error is that of ctx, or of the weights.
func (m *Model) Passages(ctx context.Context, texts []string) ([][]float32, error) {
	var vectors [][]float32
	for _, text := range texts {
		select {
		case m.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		v, err := m.embed(ctx, m.config.passage, []string{text})
		<-m.turn
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, v...)
	}
	return vectors, nil
}

// embed computes texts together, which are as long as questions are, or one.
func (m *Model) embed(ctx context.Context, before string, texts []string) ([][]float32, error) {
	if err := errors.Join(ctx.Err(), m.load()); err != nil {
		return nil, err
	}
	batch := make([][]int32, len(texts))
	for i, text := range texts {
		batch[i] = m.words.tokens(before+text, m.config.Positions)
	}
	return m.forward(batch), nil
}

// pool makes the vector of a text from those of its tokens, one after the other.
func (m *Model) pool(states []float32) []float32 {
	h := m.config.Hidden
	v := make([]float32, h)
	n := len(states)
	if !m.config.mean {
		n = h
	}
	for i, x := range states[:n] {
		v[i%h] += x
	}
	length := 0.0
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(max(length, 1e-30)))
	}
	return v
}
