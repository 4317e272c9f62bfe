package markdown

import (
	"cmp"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion"
)

// runText is what a reader sees of a run, or what stands for it: a run of which
// Notion gives no words is never nothing.
func runText(r notion.RichText) string {
	switch {
	case mentioned(r) != "" && unnamed(r.PlainText):
		return untitled
	case r.Mention != nil && strings.Trim(oneLine(Clean(r.PlainText)), "@ ") == "":
		return mentionText(r.Mention)
	case r.PlainText != "":
		return r.PlainText
	case r.Text != nil:
		return r.Text.Content
	case r.Equation != nil:
		return r.Equation.Expression
	}
	switch r.Type {
	case "", "text", "equation":
		return ""
	}
	return unshown(r.Type)
}

// mentionText stands for a mention without words.
func mentionText(m *notion.Mention) string {
	switch {
	case m.User != nil:
		return "@" + UserName(*m.User)
	case m.Date != nil && m.Date.End != "":
		return m.Date.Start + " to " + m.Date.End
	case m.Date != nil && m.Date.Start != "":
		return m.Date.Start
	case m.LinkMention != nil:
		return cmp.Or(m.LinkMention.Title, target(m.LinkMention.Href), "(a link)")
	case m.LinkPreview != nil:
		return cmp.Or(target(m.LinkPreview.URL), "(a link)")
	case m.Other == nil:
		return unshown(strings.TrimSuffix(m.Type, "_mention") + "_mention")
	case m.Type == "custom_emoji" && m.Other.Name != "":
		return ":" + m.Other.Name + ":"
	case m.Other.Name != "":
		return "@" + m.Other.Name
	}
	return "@" + standIn(kind(m.Type), m.Other.ID)
}

// UserName is the name of a user, or what stands for one. It is not escaped.
func UserName(u notion.User) string {
	switch {
	case oneLine(Clean(u.Name)) != "":
		return u.Name
	case u.Person != nil && u.Person.Email != "":
		return u.Person.Email
	case u.Agent != "" || u.Object == "agent" || u.Type == "agent":
		return standIn("agent", cmp.Or(u.Agent, u.ID))
	}
	return standIn("somebody", u.ID) // the connection may lack the capability to read users
}

// standIn tells somebody whose name is not known from nobody.
func standIn(who string, id notion.ID) string {
	if id == "" {
		return who
	}
	return who + " (id " + string(id) + ")"
}

// unshown stands for what is of a kind that is not known here.
func unshown(of string) string {
	article := "a "
	if of = kind(of); of != "" && strings.ContainsRune("aeiou", rune(of[0])) {
		article = "an "
	}
	return "(" + article + of + ", which cannot be shown here)"
}

func kind(of string) string { return strings.TrimSpace(strings.ReplaceAll(of, "_", " ")) }
