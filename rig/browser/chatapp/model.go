package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// model stands in for one that writes answers: it quotes the first passage, or
// where the question asks for it, words that nobody wrote.
func model(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || len(ask.Messages) == 0 {
		http.Error(w, "no messages", http.StatusBadRequest)
		return
	}
	last := ask.Messages[len(ask.Messages)-1].Content
	p := passage.FindStringSubmatch(last)
	if p == nil {
		http.Error(w, "no passage", http.StatusBadRequest)
		return
	}
	words := strings.TrimSpace(p[3])
	if strings.Contains(last, invented) {
		words = "Everybody gets forty days of paid leave and a pony."
	}
	answer := fmt.Sprintf("The page says: %q ([%s](%s)).", words, p[1], p[2])
	_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": answer}}}})
}

// invented is in questions whose answer the model invents.
const invented = "Make something up"

var passage = regexp.MustCompile(`<passage title="([^"]*)" url="([^"]*)">\n(?:(?:…|[#|][^\n]*)?\n)*([^\n]+)`) // the first line that is prose
