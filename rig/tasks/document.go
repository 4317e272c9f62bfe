package main

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/passage"
)

//go:embed document.md
var introduction string

// document is doc/tasks.md.
func (r *Report) document() string {
	var b strings.Builder
	b.WriteString(introduction)
	b.WriteString("\n| task | mcp-notion: calls | in | out | right | links open | official: calls | in | out | right | links open |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, result := range r.Results {
		fmt.Fprintf(&b, "| %s |%s%s\n", result.Task.Name, cells(result.first(0)), cells(result.first(1)))
	}
	fmt.Fprintf(&b, "| **all ten** |%s%s\n", sums(r.Results, 0, Result.first), sums(r.Results, 1, Result.first))
	fmt.Fprintf(&b, "| **all ten, with room** |%s%s\n", sums(r.Results, 0, Result.roomy), sums(r.Results, 1, Result.roomy))
	fmt.Fprintf(&b, "| before the first call: instructions and tools | | %s | | | | | %s | | | |\n", shown(r.Shown[0]), shown(r.Shown[1]))
	fmt.Fprintf(&b, "\nSome clients show a model the structured answer instead of the text. Then mcp-notion's answers are %s tokens in all; the official server has none.\n",
		grouped(structured(r.Results)))
	b.WriteString("\n## What was asked, and what was called\n")
	for _, result := range r.Results {
		result.describe(&b)
	}
	return b.String()
}

func cells(r Run) string {
	right := "yes"
	if r.Wrong != "" {
		right = "no"
	}
	return fmt.Sprintf(" %d | %s | %s | %s | %s |", r.Calls, grouped(r.In), grouped(r.Out), right, r.link())
}

// first is the run of a side that counts.
func (r Result) first(side int) Run { return r.Runs[side][0] }

// roomy is the run of a side whose limits are wide, or the one that counts if
// that has none.
func (r Result) roomy(side int) Run {
	for _, run := range r.Runs[side] {
		if run.Way.Roomy {
			return run
		}
	}
	return r.first(side)
}

func sums(results []Result, side int, which func(Result, int) Run) string {
	var all Run
	right, blocks := 0, 0
	for _, result := range results {
		r := which(result, side)
		all.Calls += r.Calls
		all.In += r.In
		all.Out += r.Out
		if r.Wrong == "" {
			right++
		}
		if r.link() == "block" {
			blocks++
		}
	}
	return fmt.Sprintf(" %d | %s | %s | %d | block: %d |", all.Calls, grouped(all.In), grouped(all.Out), right, blocks)
}

func structured(results []Result) int {
	sum := 0
	for _, result := range results {
		sum += result.first(0).Structured
	}
	return sum
}

func shown(text string) string { return grouped(passage.Tokens(text)) }

// describe tells the question, the calls that count, and what else was tried.
func (r Result) describe(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n> %s\n", r.Task.Name, strings.TrimSpace(r.Task.Question))
	for side, runs := range r.Runs {
		fmt.Fprintf(b, "\n%s: %s.\n\n", names[side], runs[0].Way.Why)
		for _, call := range runs[0].Way.Calls {
			args, _ := encode(call.Args) // it was encoded when it was played
			fmt.Fprintf(b, "- %s `%s`\n", call.Tool, args)
		}
		for _, other := range runs[1:] {
			fmt.Fprintf(b, "\nAlso tried: %s. Calls: %d, tokens in: %s, out: %s; %s.\n",
				other.Way.Why, other.Calls, grouped(other.In), grouped(other.Out), yes(other))
		}
	}
}

// grouped writes 12345 as 12,345.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
