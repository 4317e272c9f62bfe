package settings_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/internal/console/settings"
)

// given is a set of flags as serve has them.
type given struct {
	set    *pflag.FlagSet
	base   string
	issuer []string
	poll   time.Duration
	remote bool
}

func flags(t *testing.T, args ...string) *given {
	t.Helper()
	g := &given{set: pflag.NewFlagSet("serve", pflag.ContinueOnError)}
	g.set.StringVar(&g.base, "base", "", "")
	g.set.StringArrayVar(&g.issuer, "issuer", nil, "")
	g.set.DurationVar(&g.poll, "poll", time.Minute, "")
	g.set.BoolVar(&g.remote, "remote", false, "")
	g.set.String("notion-url", "", "")
	if err := g.set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *given) fill(t *testing.T, env map[string]string, file string) ([]settings.Setting, error) {
	t.Helper()
	src := settings.Sources{Getenv: func(name string) string { return env[name] }, Others: []string{"toolset"}}
	if file != "" {
		src.Path = filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(src.Path, []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var all []*pflag.Flag
	g.set.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return settings.Fill(all, src)
}

// The command line goes before the environment, that before the file, and that
// before what is normal.
// A variable that looks like a setting and is none is named.
func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	got := settings.Unknown([]string{
		"MCP_NOTION_POL=1m", "MCP_NOTION_POLL=1m", "MCP_NOTION_SEAL_KEY_FILE=x", "MCP_NOTION_CONFIG=x", "MCP_NOTION_URL=x", "PATH=x",
		"MCP_NOTION_PORT=tcp://10.0.0.1:8080", "MCP_NOTION_SERVICE_PORT_HTTP=8080", "MCP_NOTION_ZZZZZZZZZZ=ntn_planted",
	}, []string{"poll", "notion-url"})
	want := []string{"there is no setting MCP_NOTION_POL; did you mean MCP_NOTION_POLL?", "there is no setting MCP_NOTION_ZZZZZZZZZZ"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	g := flags(t, "--base", "https://flag.example.com")
	env := map[string]string{
		"MCP_NOTION_BASE": "https://env.example.com", "MCP_NOTION_ISSUER": " https://a.example, https://b.example ,",
		"MCP_NOTION_URL": "http://user:pw-of-mine@127.0.0.1:1",
	}
	got, err := g.fill(t, env, "# ours\nbase: https://file.example.com\nissuer: https://c.example\npoll: 30s\ntoolset: core\n")
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if got[i].Source == settings.File {
			got[i].From = filepath.Base(got[i].From)
		}
	}
	want := []settings.Setting{
		{Name: "base", Value: "https://flag.example.com", Source: settings.Flag},
		{Name: "issuer", Value: "https://a.example, https://b.example", Source: settings.Environment, From: "MCP_NOTION_ISSUER"},
		{Name: "notion-url", Value: "http://user:xxxxx@127.0.0.1:1", Source: settings.Environment, From: "MCP_NOTION_URL"},
		{Name: "poll", Value: "30s", Source: settings.File, From: "config.yaml:4"},
		{Name: "remote", Value: "false", Source: settings.Default},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if g.base != "https://flag.example.com" || len(g.issuer) != 2 || g.poll != 30*time.Second || g.remote {
		t.Errorf("%+v", g)
	}
}

func TestListsInAFile(t *testing.T) {
	t.Parallel()
	g := flags(t)
	if _, err := g.fill(t, nil, "issuer:\n  - https://a.example\n  - https://b.example\nremote: true\n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"https://a.example", "https://b.example"}, g.issuer); diff != "" || !g.remote {
		t.Errorf("%s %t", diff, g.remote)
	}
	if _, err := flags(t).fill(t, nil, "# nothing yet\n"); err != nil {
		t.Error(err)
	}
}

// What is wrong is said with its place and what to do, and never with a secret.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const planted = "ntn_planted0123456789"
	for file, says := range map[string]string{
		"bse: x":                               `config.yaml:1: there is no setting "bse"; did you mean base?`,
		"frobnicate: x":                        `there is no setting "frobnicate"; the settings are the flags without --`,
		"base: x\nbase: y":                     `config.yaml:2: "base" is there twice`,
		"base: [x, y]":                         "config.yaml:1: --base: takes one value",
		"base: {a: b}":                         "base needs a value",
		"base:":                                "base needs a value",
		"poll: soon":                           "config.yaml:1: --poll: ",
		"remote: perhaps":                      "--remote: ",
		"- base":                               "lines of name: value",
		"base: 'x":                             "is not YAML",
		"notion-token: " + planted:             "set NOTION_TOKEN in the environment, or NOTION_TOKEN_FILE",
		"NOTION_TOKEN: " + planted:             "set NOTION_TOKEN in the environment",
		"seal-key: " + planted:                 "set MCP_NOTION_SEAL_KEY in the environment",
		"workos-api-key-file: /run/" + planted: "set WORKOS_API_KEY in the environment",
		"database-password: " + planted:        "they come from the environment alone",
		"base: " + planted:                     "config.yaml:1: base looks like a secret",
		"max-tokens: 3":                        `config.yaml:1: there is no setting "max-tokens"`,
		"base = x":                             "config.yaml:1: a file of settings has lines of name: value",
		"base: https://me:pw" + planted + "@example.com": "config.yaml:1: base looks like a secret",
		"issuer: [" + planted + "]":                      "looks like a secret",
		planted + ": base":                               "there is no setting of that name",
		"base: " + strings.Repeat("x", 300_000):          "too long",
	} {
		_, err := flags(t).fill(t, nil, file)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), planted) {
			t.Errorf("%.60s: %v, want %q", file, err, says)
		}
	}
	_, err := flags(t).fill(t, map[string]string{"MCP_NOTION_POLL": "soon"}, "")
	if err == nil || !strings.Contains(err.Error(), "MCP_NOTION_POLL: --poll: ") {
		t.Errorf("%v", err)
	}
	g := flags(t)
	var all []*pflag.Flag
	g.set.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	if _, err := settings.Fill(all, settings.Sources{Getenv: os.Getenv, Path: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "--config: ") {
		t.Errorf("%v", err)
	}
}

// Whatever a file says, nothing panics, and what is planted is not told.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{"base: x", "a: &x [1, *x]", "? [a]\n: b", "base: !!binary aGk=", "%YAML 9", "base: |\n  x\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g := &given{set: pflag.NewFlagSet("serve", pflag.ContinueOnError)}
		g.set.StringVar(&g.base, "base", "", "")
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := settings.Fill([]*pflag.Flag{g.set.Lookup("base")}, settings.Sources{Getenv: func(string) string { return "" }, Path: path})
		if (err == nil) != (len(got) == 1) {
			t.Errorf("%v %v", got, err)
		}
	})
}
