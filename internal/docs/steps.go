package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Step is something that a document says to do.
type Step struct {
	Line       int
	Text       string // shell commands
	Values     bool   // settings that everybody has to fill in for themselves
	Background bool   // goes on running, in a terminal of its own
}

// The marks that a block may have after "sh", beside the names of routes.
const (
	markAll        = "all"
	markValues     = "values"
	markBackground = "background"
	byHand         = "by hand:" // begins an HTML comment with commands for what people do in a browser
)

// Steps are the blocks of a Markdown document that are marked for a route or
// for all, in their order: "```sh all", "```sh workos values", and comments
// such as "<!-- all by hand: ... -->". Other blocks are for reading.
func Steps(text, route string) ([]Step, error) {
	var steps []Step
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		marks, end, ok := opens(lines[i])
		if !ok {
			continue
		}
		begin := i + 1
		for i++; i < len(lines) && lines[i] != end; i++ {
		}
		if i == len(lines) {
			return nil, fmt.Errorf("line %d: the block has no end", begin)
		}
		if slices.Contains(marks, route) || slices.Contains(marks, markAll) {
			steps = append(steps, Step{
				Line: begin, Text: strings.Join(lines[begin:i], "\n"),
				Values: slices.Contains(marks, markValues), Background: slices.Contains(marks, markBackground),
			})
		}
	}
	return steps, nil
}

// opens says whether a line begins a block, and which line ends it.
func opens(line string) (marks []string, end string, ok bool) {
	if info, fence := strings.CutPrefix(line, "```"); fence {
		words := strings.Fields(info)
		if len(words) > 0 && words[0] == "sh" {
			return words[1:], "```", true
		}
		return nil, "```", true
	}
	if comment, ok := strings.CutPrefix(line, "<!-- "); ok {
		if route, rest, ok := strings.Cut(comment, " "); ok && rest == byHand {
			return []string{route}, "-->", true
		}
	}
	return nil, "", false
}

// settings matches a variable that is set, and a file that is written.
var settings = regexp.MustCompile(`(?m)(?:^|[ ;])([A-Z][A-Z_]*)=|> (secrets/[a-z-]+)`)

// Missing is something that one text sets and the other does not, or "".
func Missing(text, in string) string {
	set := map[string]bool{}
	for _, m := range settings.FindAllStringSubmatch(in, -1) {
		set[m[1]+m[2]] = true
	}
	for _, m := range settings.FindAllStringSubmatch(text, -1) {
		if name := m[1] + m[2]; !set[name] {
			return name
		}
	}
	return ""
}
