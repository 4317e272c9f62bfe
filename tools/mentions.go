package tools

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/unify"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
	"github.com/mcp-notion/mcp-notion/tools/database"
	"github.com/mcp-notion/mcp-notion/tools/richtext"
)

// mentioned finds whom a text names behind an @. A name that could be that of
// another person is refused, since a comment that notified the wrong one cannot
// be taken back; what is nobody's name is text, and the notes say so.
func mentioned(ctx context.Context, client *notion.Client, text string) (people []richtext.Named, notes []markdown.Text, err error) {
	behind := richtext.Behind(text)
	if len(behind) == 0 {
		return nil, nil, nil
	}
	members, err := members(ctx, client)
	switch {
	case errors.Is(err, notion.ErrRestricted):
		return nil, []markdown.Text{`Names with @ are plain text and notify nobody: the Notion integration lacks "Read user information".`}, nil
	case err != nil:
		return nil, nil, fmt.Errorf("look for who is mentioned: %w", err)
	}
	var doubts []markdown.Text
	for _, said := range behind {
		name, fits, whole := meantBy(said, members)
		switch {
		case len(fits) == 0:
			notes = append(notes, markdown.Sprintf("Nobody in the workspace is called %q: it is plain text and notifies nobody.", "@"+markdown.Short(name)))
		case len(fits) == 1 && whole:
			people = append(people, richtext.Named{Said: name, Name: fits[0].Name, ID: fits[0].ID})
		default:
			doubts = append(doubts, markdown.Sprintf("%q may be %s.", "@"+markdown.Short(name), candidates(fits)))
		}
	}
	if len(doubts) > 0 {
		return nil, nil, argument.Errorf("Nothing was posted. %s Write the whole name or the mail address behind the @.", markdown.Join(doubts, " "))
	}
	return people, notes, nil
}

// members are the people of the workspace.
func members(ctx context.Context, client *notion.Client) ([]notion.User, error) {
	var all []notion.User
	n := 0
	for l, err := range client.AllUsers(ctx) {
		if err != nil {
			return nil, err
		}
		for _, u := range l.Users {
			if u.Type == "person" && u.Name != "" {
				all = append(all, u)
			}
		}
		if n++; n == database.MaxUserPages {
			break
		}
	}
	return all, nil
}

// meantBy finds who is called as a text begins: the most of it that is the name
// or mail address of anybody, or else a part of a name. It is whole if it is no
// part, and no more of a name seems to follow.
func meantBy(text string, members []notion.User) (name string, fits []notion.User, whole bool) {
	for _, end := range slices.Backward(wordEnds(text)) {
		said := alike(text[:end])
		for _, u := range members {
			if said == alike(u.Name) || u.Person != nil && said == alike(u.Person.Email) {
				fits = append(fits, u)
			}
		}
		if len(fits) > 0 {
			return text[:end], fits, !goesOn(text[:end], text[end:])
		}
	}
	for _, end := range slices.Backward(wordEnds(text)) {
		if name = text[:end]; strings.ContainsFunc(name, unicode.IsSpace) {
			continue
		}
		for _, u := range members {
			if slices.Contains(strings.Fields(alike(u.Name)), alike(name)) {
				fits = append(fits, u)
			}
		}
		if len(fits) > 0 {
			break
		}
	}
	return name, fits, false
}

// moreOfAName matches what makes another name of one word: a second one, and
// what often stands before that.
var moreOfAName = regexp.MustCompile(`^ (?:\p{Lu}|(?:von|van|de|del|della|da|di|dos|la|le|bin|al) )`)

// goesOn reports whether what follows a name may belong to it.
func goesOn(name, rest string) bool {
	if rest != "" && strings.ContainsRune(".-_@+", rune(rest[0])) {
		next, _ := utf8.DecodeRuneInString(rest[1:])
		return unicode.IsLetter(next) || unicode.IsDigit(next)
	}
	return !strings.ContainsAny(name, " @") && moreOfAName.MatchString(rest)
}

// alike is what names are compared by.
func alike(name string) string { return strings.ToLower(strings.TrimSpace(unify.Text(name))) }

// wordEnds are the places where a word of a text ends.
func wordEnds(text string) []int {
	var ends []int
	within := false
	for i, r := range text {
		word := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if within && !word {
			ends = append(ends, i)
		}
		within = word
	}
	if within {
		ends = append(ends, len(text))
	}
	return ends
}

// mostCandidates is how many people an answer offers for one name.
const mostCandidates = 8

// candidates are people, with what tells those of one name apart.
func candidates(users []notion.User) markdown.Text {
	var all []markdown.Text
	for _, u := range users[:min(len(users), mostCandidates)] {
		one := markdown.Line(u.Name)
		if u.Person != nil && u.Person.Email != "" {
			one += " (" + markdown.Line(u.Person.Email) + ")"
		}
		all = append(all, one)
	}
	if more := len(users) - len(all); more > 0 {
		all = append(all, markdown.Sprintf("%d others", more))
	}
	return markdown.Join(all, ", ")
}
