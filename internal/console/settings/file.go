package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mcp-notion/mcp-notion/internal/suggest"
)

// longest bounds a file.
const longest = 256 << 10

// entry is what a file says of one flag.
type entry struct {
	at     string // file and line
	values []string
}

// read reads a file of flags, if one is named. It may hold no others than
// these.
func read(path string, names []string) (map[string]entry, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longest+1))
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	if len(text) > longest {
		return nil, fmt.Errorf("--config: %s is too long", path)
	}
	return parse(path, text, names)
}

func parse(path string, text []byte, names []string) (map[string]entry, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("--config: %s is not YAML: %s", path, firstLine(err))
	}
	if len(doc.Content) == 0 {
		return nil, nil // nothing but comments
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: a file of settings has lines of name: value, and nothing else", path, top.Line)
	}
	all := map[string]entry{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		at := fmt.Sprintf("%s:%d", path, key.Line)
		if _, twice := all[key.Value]; twice {
			return nil, fmt.Errorf("%s: %s is there twice", at, name(key.Value))
		}
		if err := known(key.Value, names); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		values, err := valuesOf(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %s %w", at, key.Value, err)
		}
		all[key.Value] = entry{at: at, values: values}
	}
	return all, nil
}

// firstLine is what is wrong, without what the file says there.
func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
	return line
}

func known(key string, names []string) error {
	if slices.Contains(names, key) {
		return nil
	}
	if instead := secret(key); instead != "" {
		return fmt.Errorf("secrets are not read from here, so %s may not stand here: %s", name(key), instead)
	}
	if near := suggest.Meant(key, names); near != "" {
		return fmt.Errorf("there is no setting %s; did you mean %s?", name(key), near)
	}
	return fmt.Errorf("there is no setting %s; the settings are the flags without --, such as base and issuer", name(key))
}

// name is a key as errors show it: no secret that stands where a key should.
func name(key string) string {
	if len(key) > 40 || looksSecret(key) {
		return "of that name"
	}
	return fmt.Sprintf("%q", key)
}

// Secrets are the variables that hold secrets. With _FILE at its end, each
// names a file instead.
func Secrets() []string {
	return []string{
		"NOTION_TOKEN", "MCP_NOTION_BEARER", "MCP_NOTION_EMBED_KEY", "WORKOS_API_KEY", "NANGO_SECRET_KEY", "MCP_NOTION_EXCHANGE_SECRET",
		"MCP_NOTION_LOGIN_SECRET", "MCP_NOTION_INTROSPECTION_SECRET", "MCP_NOTION_WEBHOOK_SECRET", "WORKOS_WEBHOOK_SECRET", "NANGO_WEBHOOK_SECRET",
		"MCP_NOTION_SEAL_KEY",
	}
}

// secret says what to do instead of a key of a file that stands for a secret.
func secret(key string) string {
	k := strings.TrimSuffix(strings.ToUpper(strings.ReplaceAll(key, "-", "_")), "_FILE")
	for _, s := range Secrets() {
		if k == s || k == strings.TrimPrefix(s, "MCP_NOTION_") {
			return fmt.Sprintf("set %s in the environment, or %s_FILE to a file that only its owner can read", s, s)
		}
	}
	for _, word := range []string{"TOKEN", "SECRET", "PASSWORD", "API_KEY"} {
		if strings.Contains(strings.ReplaceAll(k, "TOKENS", ""), word) { // max-tokens is a number
			return "they come from the environment alone, as `mcp-notion serve --help` tells"
		}
	}
	return ""
}

func valuesOf(n *yaml.Node) ([]string, error) {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var all []string
	for _, v := range nodes {
		if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
			return nil, errors.New("needs a value, or a list of values")
		}
		if looksSecret(v.Value) {
			return nil, errors.New("looks like a secret, which does not belong here")
		}
		all = append(all, v.Value)
	}
	return all, nil
}

// looksSecret knows the tokens of Notion and of brokers by how they begin, and
// addresses with a password.
func looksSecret(s string) bool {
	if redacted(s) != s {
		return true
	}
	return slices.ContainsFunc([]string{"ntn_", "secret_", "sk_", "whsec_", "Bearer "}, func(p string) bool { return strings.HasPrefix(s, p) })
}
