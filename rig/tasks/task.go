package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

//go:embed tasks.yaml
var tasksFile []byte

// A Task is something that people ask of an assistant every day, what is
// right, and for each server the calls that get there.
type Task struct {
	Name     string
	Question string
	Given    map[string]string // what stands in the question and calls need: ids from its links
	Right    Right
	Product  []Way // the same for both: of several, the cheapest right one counts
	Official []Way
}

// A Way is a script of calls for one server.
type Way struct {
	Why   string   // what it does, for the list of all ways
	Roomy bool     // limits are the tools' own, or wide: what somebody does who cannot foresee the ranking
	Holds []string // instead of Right.Holds, where the server answers in another form
	Calls []Call
}

// A Call may use, as {{name}}, what is given and what earlier calls took.
type Call struct {
	Tool string
	Args map[string]any
	Take map[string]string // name -> where in the answer: a path such as results.0.id, or /a regular expression/ with one group
}

// Right says what is right: words of the answers, and the state of Notion
// afterwards.
type Right struct {
	Holds   []string // regular expressions that the answers, taken together, match
	Lacks   []string // regular expressions that they do not match
	Row     *Row     // the only change to the workspace, or nil
	Comment *Comment // the same
}

// A Row is a new row of a database.
type Row struct {
	Database string
	Values   map[string]any // by column, in plain words
}

// A Comment is a new comment on a page.
type Comment struct {
	Page string // its title
	Text string
}

// readTasks reads tasks and refuses those that would measure nothing.
func readTasks(data []byte) ([]Task, error) {
	var all []Task
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read the tasks: %w", err)
	}
	for _, t := range all {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("task %q: %w", t.Name, err)
		}
	}
	return all, nil
}

func (t Task) check() error {
	if t.Name == "" || t.Question == "" || len(t.Product) == 0 || len(t.Official) == 0 {
		return fmt.Errorf("needs a name, a question, and a way for both")
	}
	if len(t.Right.Holds) == 0 && t.Right.Row == nil && t.Right.Comment == nil {
		return fmt.Errorf("nothing says what is right")
	}
	patterns := append(append([]string{}, t.Right.Holds...), t.Right.Lacks...)
	for _, w := range append(append([]Way{}, t.Product...), t.Official...) {
		if w.Why == "" || len(w.Calls) == 0 {
			return fmt.Errorf("a way needs a why and calls")
		}
		patterns = append(patterns, w.Holds...)
		if err := w.honest(); err != nil {
			return err
		}
	}
	for _, p := range patterns {
		if _, err := regexp.Compile(p); err != nil {
			return err
		}
	}
	return nil
}

var anID = regexp.MustCompile(`(?i)[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// honest tells of ids in arguments that nobody can know: they have to come from
// the question or from an earlier answer.
func (w Way) honest() error {
	for _, c := range w.Calls {
		args, err := encode(c.Args)
		if err != nil {
			return err
		}
		if id := anID.FindString(args); id != "" {
			return fmt.Errorf("way %q: %s has the id %s, which no earlier answer gave", w.Why, c.Tool, id)
		}
	}
	return nil
}
