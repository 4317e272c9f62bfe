// Package settings gives flags the values that the command line does not give:
// those of the environment, and then those of a file. Secrets are in neither
// flags nor file, and a file that holds one is refused.
package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
)

// Source is where a value comes from.
type Source string

// The sources, the strongest first.
const (
	Flag        Source = "flag"
	Environment Source = "environment"
	File        Source = "file"
	Default     Source = "default"
)

// Setting is a value that is in force. It is fit to be shown.
type Setting struct {
	Name   string // of the flag
	Value  string
	Source Source
	From   string // name of the variable or file
}

// Sources are what stands behind the command line.
type Sources struct {
	Getenv func(string) string
	Path   string   // of a YAML file; "" means none
	Others []string // names of flags of other commands, which the file may hold too
}

// Variable is the name of the environment variable that stands for a flag.
func Variable(flag string) string {
	if flag == "notion-url" {
		return "MCP_NOTION_URL"
	}
	return "MCP_NOTION_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Unknown are remarks on variables that are set as if they were settings, and
// are none of these flags nor known otherwise.
func Unknown(environ, flags []string) (remarks []string) {
	known := []string{Variable("config")}
	for _, f := range flags {
		known = append(known, Variable(f))
	}
	for _, s := range Secrets() {
		known = append(known, s, s+"_FILE")
	}
	for _, e := range environ {
		v, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(v, "MCP_NOTION_") || slices.Contains(known, v) || ofKubernetes(v) {
			continue
		}
		remark := "there is no setting " + v
		if near := suggest.Meant(v, known); near != "" {
			remark += "; did you mean " + near + "?"
		}
		remarks = append(remarks, remark)
	}
	return remarks
}

// ofKubernetes knows the variables that it sets for a service named mcp-notion.
func ofKubernetes(variable string) bool {
	v := variable + "_"
	return strings.Contains(v, "_SERVICE_HOST_") || strings.Contains(v, "_SERVICE_PORT_") || strings.HasPrefix(v, "MCP_NOTION_PORT_")
}

// Fill sets those flags that were not given, and tells what is in force, by
// name. Its errors say what to change.
func Fill(flags []*pflag.Flag, src Sources) ([]Setting, error) {
	names := slices.Clone(src.Others)
	for _, f := range flags {
		names = append(names, f.Name)
	}
	file, err := read(src.Path, names)
	if err != nil {
		return nil, err
	}
	var all []Setting
	for _, f := range flags {
		s, err := fill(f, src, file)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func fill(f *pflag.Flag, src Sources, file map[string]entry) (Setting, error) {
	s := Setting{Name: f.Name, Source: Default}
	variable := Variable(f.Name)
	text := strings.TrimSpace(src.Getenv(variable))
	in, isIn := file[f.Name]
	var err error
	switch {
	case f.Changed:
		s.Source = Flag
	case text != "":
		s.Source, s.From = Environment, variable
		err = set(f, words(f, text))
	case isIn:
		s.Source, s.From = File, in.at
		err = set(f, in.values)
	}
	if err != nil {
		return s, fmt.Errorf("%s: --%s: %w", s.From, f.Name, err)
	}
	s.Value = shown(f.Value)
	return s, nil
}

// words are the values in a variable, which a list separates by commas.
func words(f *pflag.Flag, text string) []string {
	if _, list := f.Value.(pflag.SliceValue); !list {
		return []string{text}
	}
	var all []string
	for w := range strings.SplitSeq(text, ",") {
		if w = strings.TrimSpace(w); w != "" {
			all = append(all, w)
		}
	}
	return all
}

func set(f *pflag.Flag, values []string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.Replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("takes one value, not a list of %d", len(values))
	}
	return f.Value.Set(values[0])
}

// shown is a value without what a URL may hold of a password.
func shown(v pflag.Value) string {
	list, ok := v.(pflag.SliceValue)
	if !ok {
		return redacted(v.String())
	}
	var all []string
	for _, s := range list.GetSlice() {
		all = append(all, redacted(s))
	}
	return strings.Join(all, ", ")
}

func redacted(s string) string {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return u.Redacted()
	}
	return s
}
