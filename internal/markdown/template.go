package markdown

import (
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"text/template/parse"
)

// Template is words of the program with gaps. A Text is put into a gap as it is,
// and everything else is escaped as within a line, whatever a template says.
type Template struct{ all *template.Template }

// ParseTemplates reads the files of a program that match the patterns. It panics
// where they are no templates.
func ParseTemplates(fsys fs.FS, funcs template.FuncMap, patterns ...string) Template {
	t := template.New("").Funcs(funcs).Funcs(template.FuncMap{"shown": shown})
	t = template.Must(t.ParseFS(fsys, patterns...))
	for _, one := range t.Templates() {
		if one.Tree != nil {
			escapeAll(one.Root)
		}
	}
	return Template{t}
}

// shown is a value as it is put into a gap.
func shown(v any) Text {
	if t, ok := v.(Text); ok {
		return t
	}
	return Sprintf("%v", v)
}

// escapeAll adds shown to all gaps of a template.
func escapeAll(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				id := parse.NewIdentifier("shown").SetPos(n.Pos)
				n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{id}})
			}
		case *parse.IfNode:
			escapeBranch(&n.BranchNode)
		case *parse.RangeNode:
			escapeBranch(&n.BranchNode)
		case *parse.WithNode:
			escapeBranch(&n.BranchNode)
		}
	}
}

func escapeBranch(n *parse.BranchNode) {
	escapeAll(n.List)
	escapeAll(n.ElseList)
}

// Fill fills in one template. The templates are part of the program and its tests
// fill each of them in, so a failure is a fault of the program.
func (t Template) Fill(name string, data any) Text {
	var b strings.Builder
	if err := t.all.ExecuteTemplate(&b, name, data); err != nil {
		panic(fmt.Sprintf("markdown: fill in %s: %v", name, err))
	}
	return Text(strings.TrimSpace(b.String()))
}
