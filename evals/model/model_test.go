package model

import (
	"testing"

	"github.com/sashabaranov/go-openai"
)

func TestKeyIgnoresTheTime(t *testing.T) {
	t.Parallel()
	m := &Model{}
	key := func(text, base string) string {
		m.cfg.BaseURL = base
		k, err := m.key(openai.ChatCompletionRequest{Model: "m", Messages: []openai.ChatCompletionMessage{{Content: text}}})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := key("Searched all 3 pages, as of 14:02 UTC.", "x")
	if a != key("Searched all 3 pages, as of 2026-11-03 09:00 UTC.", "x") {
		t.Error("the time of the sync makes another question")
	}
	if a == key("Searched all 4 pages, as of 14:02 UTC.", "x") || a == key("Searched all 3 pages, as of 14:02 UTC.", "y") {
		t.Error("different requests have one key")
	}
}
