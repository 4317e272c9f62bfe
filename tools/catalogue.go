package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// Toolset is a group of tools that a server offers together.
type Toolset string

// The toolsets.
const (
	Core      Toolset = "core"      // find, read, prove
	Databases Toolset = "databases" // ask tables
	Write     Toolset = "write"     // comment, create
	ChatGPT   Toolset = "chatgpt"   // search and fetch as ChatGPT calls them; alone
)

// DefaultToolsets is what a server offers unless told otherwise.
func DefaultToolsets() []Toolset { return []Toolset{Core, Databases, Write} }

// ParseToolsets reads names of toolsets, separated by commas; "" means the
// default ones. ChatGPT is offered alone, or models would see two ways to
// search.
func ParseToolsets(s string) ([]Toolset, error) {
	if strings.TrimSpace(s) == "" {
		return DefaultToolsets(), nil
	}
	var out []Toolset
	for name := range strings.SplitSeq(s, ",") {
		t := Toolset(strings.ToLower(strings.TrimSpace(name)))
		if t != ChatGPT && !slices.Contains(DefaultToolsets(), t) {
			return nil, fmt.Errorf("there is no toolset %q: choose from %s, or %s alone", name, listed(DefaultToolsets()), ChatGPT)
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > 1 && slices.Contains(out, ChatGPT) {
		return nil, fmt.Errorf("the toolset %s goes with no other", ChatGPT)
	}
	return out, nil
}

func listed(all []Toolset) string {
	var names []string
	for _, t := range all {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// catalogue is every tool that a model can be shown, in the order in which
// they are documented.
func catalogue() []tool {
	return []tool{searchTool(), readTool(), checkTool(), queryTool(), commentTool(), createTool(), pendingTool(), findTool(), fetchTool()}
}

// find returns the tool of that name.
func find(name string) (tool, bool) {
	all := catalogue()
	i := slices.IndexFunc(all, func(t tool) bool { return t.name == name })
	if i < 0 {
		return tool{}, false
	}
	return all[i], true
}

// Arguments are the names of what a tool takes, those of its items too.
func Arguments(name string) []string {
	t, _ := find(name)
	var names []string
	for _, p := range t.params {
		names = append(names, p.Name)
		for _, f := range p.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

// Writes says whether the tool of that name changes something in Notion.
func Writes(name string) bool {
	t, ok := find(name)
	return ok && t.writes
}

// offered are the tools of some toolsets; without those that write, if so
// wanted.
func offered(sets []Toolset, readOnly bool) []tool {
	if sets == nil {
		sets = DefaultToolsets()
	}
	return slices.DeleteFunc(catalogue(), func(t tool) bool {
		return !slices.Contains(sets, t.set) || readOnly && t.writes
	})
}

// decode checks the arguments of a tool and fills in its In struct.
func decode[In any](t tool, raw json.RawMessage) (In, error) {
	return argument.Decode[In](t.name, t.params, raw)
}

// handler does the work of a tool.
type handler func(*Set, context.Context, json.RawMessage) (Answer, error)
