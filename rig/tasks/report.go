package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// A Result is a task as both did it; of each side the run that counts comes
// first.
type Result struct {
	Task Task
	Runs [2][]Run
}

// A Report is all that was measured.
type Report struct {
	Results []Result
	Shown   [2]string // what a model is shown of the tools
}

// do does a task on both sides.
func (r *Report) do(ctx context.Context, both [2]side, t Task) error {
	result := Result{Task: t}
	for i, s := range both {
		runs, shown, err := s.best(ctx, t)
		if err != nil {
			return err
		}
		result.Runs[i], r.Shown[i] = runs, shown
	}
	r.Results = append(r.Results, result)
	return nil
}

// show prints the last result.
func (r *Report) show(out io.Writer, verbose bool) {
	last := r.Results[len(r.Results)-1]
	fmt.Fprintf(out, "--- %s\n", last.Task.Name)
	for i, runs := range last.Runs {
		for _, run := range runs {
			fmt.Fprintf(out, "%-16s %d calls, %5d in, %5d out (%d structured), link %s, %s: %s\n",
				names[i], run.Calls, run.In, run.Out, run.Structured, run.link(), yes(run), run.Way.Why)
			if verbose {
				fmt.Fprintln(out, run.Text)
			}
		}
	}
}

var names = [2]string{"mcp-notion", "official server"}

func yes(r Run) string {
	if r.Wrong == "" {
		return "right"
	}
	return "wrong, " + r.Wrong
}

// ours is an error if mcp-notion did a task wrong.
func (r *Report) ours() error {
	var wrong []string
	for _, result := range r.Results {
		if first := result.Runs[0][0]; first.Wrong != "" {
			wrong = append(wrong, fmt.Sprintf("%s: %s", result.Task.Name, first.Wrong))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("mcp-notion did %d tasks wrong:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	return nil
}
