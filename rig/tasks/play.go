package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/tools"
)

// A Run is what one way of a task cost, and whether it ended right.
type Run struct {
	Way        Way
	Calls      int
	In, Out    int // tokens of the arguments, of the answers
	Structured int // tokens of the answers where a client shows the model structuredContent
	Text       string
	Wrong      string // why it is not right; "" if it is
}

// play makes the calls of a way. A call whose arguments cannot be had from the
// answers before ends it: that is wrong, and no error.
func play(ctx context.Context, c tools.Caller, t Task, w Way) (Run, error) {
	r := Run{Way: w}
	known := map[string]string{}
	for name, value := range t.Given {
		known[name] = value
	}
	for _, call := range w.Calls {
		args, err := encode(call.Args)
		if err != nil {
			return r, err
		}
		args, err = fill(args, known)
		if err != nil {
			return r, fmt.Errorf("%s: %w", call.Tool, err)
		}
		a, err := c.Call(ctx, call.Tool, json.RawMessage(args))
		if err != nil {
			return r, fmt.Errorf("call %s: %w", call.Tool, err)
		}
		r.add(args, a)
		if r.Wrong = take(call, a.Text, known); r.Wrong != "" {
			return r, nil
		}
	}
	return r, nil
}

// add counts a call. The name of the tool is part of what a model writes, and
// is left out on both sides.
func (r *Run) add(args string, a tools.Answer) {
	r.Calls++
	r.In += passage.Tokens(args)
	r.Out += passage.Tokens(a.Text)
	r.Text += a.Text + "\n"
	if len(a.Structured) > 0 {
		r.Structured += passage.Tokens(string(a.Structured))
	} else {
		r.Structured += passage.Tokens(a.Text)
	}
}

// encode writes arguments as JSON, with keys in order.
func encode(args map[string]any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(args); err != nil {
		return "", fmt.Errorf("write arguments: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

var hole = regexp.MustCompile(`\{\{(\w+)\}\}`)

// fill puts what is known into the holes of arguments.
func fill(args string, known map[string]string) (string, error) {
	var missing error
	filled := hole.ReplaceAllStringFunc(args, func(h string) string {
		name := strings.Trim(h, "{}")
		value, ok := known[name]
		if !ok {
			missing = fmt.Errorf("nothing gave %q", name)
		}
		quoted, _ := json.Marshal(value) // a string is always JSON
		return string(quoted[1 : len(quoted)-1])
	})
	return filled, missing
}

// take notes what later calls need of an answer. The result says what is not
// there.
func take(call Call, text string, known map[string]string) string {
	for name, where := range call.Take {
		value, ok := find(text, where)
		if !ok {
			return fmt.Sprintf("%s gave no %s", call.Tool, name)
		}
		known[name] = value
	}
	return ""
}

// find reads a part of an answer: the group of a /regular expression/, or the
// string at a path of JSON.
func find(text, where string) (string, bool) {
	if pattern, ok := strings.CutPrefix(where, "/"); ok {
		re, err := regexp.Compile(strings.TrimSuffix(pattern, "/"))
		if err != nil {
			return "", false
		}
		m := re.FindStringSubmatch(text)
		if len(m) < 2 {
			return "", false
		}
		return m[1], true
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return "", false
	}
	for step := range strings.SplitSeq(where, ".") {
		v = child(v, step)
	}
	s, ok := v.(string)
	return s, ok
}

func child(v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}
