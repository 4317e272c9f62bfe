package answer

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/template"
)

//go:embed prompts/answer.md
var instructions string

//go:embed prompts/judge.md
var judge string

// Instructions tell a model in which form to answer, so that the answer can be
// checked.
func Instructions() string { return instructions }

// Case is what a judge has to look at.
type Case struct {
	Question  string
	Reference string // "" if there is no answer
	Answer    string
	Passages  []string // that the answer cites
}

// JudgePrompt asks a model to judge.
func JudgePrompt(c Case) (string, error) {
	t, err := template.New("judge").Parse(judge)
	if err != nil {
		return "", fmt.Errorf("make the judge's prompt: %w", err)
	}
	if c.Reference == "" {
		c.Reference = "(not in the documents)"
	}
	var b strings.Builder
	if err := t.Execute(&b, c); err != nil {
		return "", fmt.Errorf("make the judge's prompt: %w", err)
	}
	return b.String(), nil
}

// Verdict is what a judge says.
type Verdict struct {
	Claims  []Claim `json:"claims"`
	Correct string  `json:"correct"`
}

// Claim is one statement of an answer.
type Claim struct {
	Claim     string `json:"claim"`
	Supported bool   `json:"supported"`
	Why       string `json:"why"`
}

// Score is 1, .5 or 0: how far the answer agrees with the reference.
func (v Verdict) Score() float64 {
	switch v.Correct {
	case "yes":
		return 1
	case "partly":
		return 0.5
	}
	return 0
}

// ReadVerdict reads a judge's reply. Words and fences around the object do not
// matter.
func ReadVerdict(reply string) (Verdict, error) {
	var v Verdict
	from, to := strings.IndexByte(reply, '{'), strings.LastIndexByte(reply, '}')
	if from < 0 || to < from {
		return v, errors.New("read the judge's reply: it holds no JSON object")
	}
	if err := json.Unmarshal([]byte(reply[from:to+1]), &v); err != nil {
		return v, fmt.Errorf("read the judge's reply: %w", err)
	}
	v.Correct = strings.ToLower(strings.TrimSpace(v.Correct))
	switch v.Correct {
	case "yes", "partly", "no":
		return v, nil
	}
	return v, fmt.Errorf("read the judge's reply: %q is neither yes, partly nor no", v.Correct)
}
