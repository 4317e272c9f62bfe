package prompts

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
)

// Job is a prompt that people pick by hand for something they have to do.
type Job struct {
	Name  string
	Title string
	About string
	Args  []Arg
}

// Arg is one thing that a Job is told.
type Arg struct {
	Name     string
	About    string
	Required bool
	Pages    bool // titles of pages are offered to complete it
}

// maxArg bounds what is told in one Arg, in characters.
const maxArg = 4000

// Jobs are the prompts, in the order in which they are shown.
func Jobs() []Job {
	return []Job{
		{"answer_from_notion", "Answer from Notion",
			"Answer a question from the Notion pages shared with you, with a link to every block it rests on",
			[]Arg{{Name: "question", About: "What you want to know", Required: true}}},
		{"account_brief", "Brief me on an account",
			"Who an account is, what they buy, what happened last, and what is open, each with its source",
			[]Arg{{Name: "account", About: "The account's name", Required: true, Pages: true}, {Name: "purpose", About: "What the brief is for, such as a renewal call"}}},
		{"prepare_qbr", "Prepare a QBR",
			"The last review's actions and what happened since, ready for the next quarterly business review",
			[]Arg{{Name: "customer", About: "The customer's name", Required: true, Pages: true}, {Name: "period", About: "The quarter, such as Q3 2026"}}},
		{"find_runbook", "Find the runbook for this ticket",
			"The runbook that fits a ticket or alert, with the steps that apply",
			[]Arg{{Name: "ticket", About: "The ticket's text or the alert, as it is", Required: true}}},
		{"check_policy", "Check this against policy",
			"Whether a text or a plan keeps to your policies, point by point, with the deciding words",
			[]Arg{{Name: "text", About: "What is to be checked", Required: true}, {Name: "policy", About: "The policy, if you know which", Pages: true}}},
		{"what_changed", "What changed since",
			"What was edited since a day, and what in it matters",
			[]Arg{{Name: "since", About: "A date, or words such as last Monday", Required: true}, {Name: "under", About: "Only below this page or database", Pages: true}}},
	}
}

// Arg returns the argument of that name.
func (j Job) Arg(name string) (Arg, bool) {
	i := slices.IndexFunc(j.Args, func(a Arg) bool { return a.Name == name })
	if i < 0 {
		return Arg{}, false
	}
	return j.Args[i], true
}

// Text is what a model is asked to do, by means of the tools named in offered.
// The error is in words for the person who picked the Job.
func (j Job) Text(told map[string]string, offered []string) (markdown.Text, error) {
	t := task{args: map[string]string{}, offered: offered}
	for _, a := range j.Args {
		s := strings.TrimSpace(told[a.Name])
		switch {
		case s == "" && a.Required:
			return "", fmt.Errorf("say in `%s`: %s", a.Name, a.About)
		case utf8.RuneCountInString(s) > maxArg:
			return "", fmt.Errorf("`%s` is longer than %d characters", a.Name, maxArg)
		}
		t.args[a.Name] = s
	}
	return texts.Fill(j.Name+".md", t), nil
}

// task is what the template of a Job is filled in with.
type task struct {
	args    map[string]string
	offered []string
}

// Arg is what was told, or "": it may be a title, or a mail that somebody pasted.
func (t task) Arg(name string) markdown.Text { return markdown.Prose(t.args[name]) }

// Has says whether the model has a tool.
func (t task) Has(tool string) bool { return slices.Contains(t.offered, tool) }
