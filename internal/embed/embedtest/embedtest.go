// Package embedtest is an endpoint for tests that speaks OpenAI's protocol. Its
// vectors are made of the words of a text and the name of the model, always the
// same; texts with words in common are near each other. It can be made to fail
// in the ways in which endpoints fail.
package embedtest

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// Endpoint is a running endpoint. Its fields may be set before it is asked;
// change them later by Set.
type Endpoint struct {
	URL string // for embed.Config

	mu       sync.Mutex
	behavior Behavior
	texts    []string
	requests int
}

// Behavior is how an Endpoint answers. The zero value answers well.
type Behavior struct {
	Dimension int                                          // 0 means 64
	Models    []string                                     // that there are; nil means any
	Key       string                                       // that is asked for
	Longest   int                                          // bytes of a text that is taken; 0 means any
	Most      int                                          // texts of a request; 0 means any
	Instead   func(w http.ResponseWriter, r *http.Request) // nil embeds
}

// New starts an endpoint that ends with the test.
func New(t testing.TB) *Endpoint {
	e := &Endpoint{}
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	e.URL = srv.URL + "/v1"
	return e
}

// Set changes how the endpoint answers.
func (e *Endpoint) Set(b Behavior) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.behavior = b
}

// Texts returns the texts that were embedded so far, and forgets them.
func (e *Endpoint) Texts() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	texts := e.texts
	e.texts = nil
	return texts
}

// Requests counts the requests so far.
func (e *Endpoint) Requests() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.requests
}

func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	b := e.behavior
	e.requests++
	e.mu.Unlock()
	if b.Instead != nil {
		b.Instead(w, r)
		return
	}
	var in struct {
		Model string
		Input []string
	}
	raw, _ := io.ReadAll(r.Body)
	if r.URL.Path != "/v1/embeddings" || json.Unmarshal(raw, &in) != nil {
		refuse(w, http.StatusNotFound)
		return
	}
	switch {
	case b.Key != "" && r.Header.Get("Authorization") != "Bearer "+b.Key:
		refuse(w, http.StatusUnauthorized)
	case b.Models != nil && !slices.Contains(b.Models, in.Model):
		refuse(w, http.StatusNotFound)
	case b.Most > 0 && len(in.Input) > b.Most, slices.ContainsFunc(in.Input, func(s string) bool { return b.Longest > 0 && len(s) > b.Longest }):
		refuse(w, http.StatusBadRequest)
	default:
		e.mu.Lock()
		e.texts = append(e.texts, in.Input...)
		e.mu.Unlock()
		b.answer(w, in.Model, in.Input)
	}
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"error":{"message":"refused, and here is a secret: sk-echo","type":"test"}}`)
}

func (b Behavior) answer(w http.ResponseWriter, model string, texts []string) {
	type item struct {
		Object    string    `json:"object"`
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	dimension := b.Dimension
	if dimension == 0 {
		dimension = 64
	}
	out := struct {
		Object string `json:"object"`
		Model  string `json:"model"`
		Data   []item `json:"data"`
	}{Object: "list", Model: model}
	for i, text := range slices.Backward(texts) { // the order is not that of the request
		out.Data = append(out.Data, item{"embedding", i, Vector(model, text, dimension)})
	}
	_ = json.NewEncoder(w).Encode(out)
}

// Vector is the vector of a text.
func Vector(model, text string, dimension int) []float32 {
	v := make([]float32, dimension)
	v[0] = 0.01 // a text without words has one too
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		h := fnv.New64a()
		_, _ = io.WriteString(h, model+"\x00"+word)
		for n, sum := 0, h.Sum64(); n < 4; n, sum = n+1, sum>>16 {
			v[sum%uint64(dimension)] += 1 - 2*float32(sum>>15&1)
		}
	}
	return v
}
