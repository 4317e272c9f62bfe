package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/mcp-notion/mcp-notion/internal/clients"
)

// InitConfig is what Init is told.
type InitConfig struct {
	Config
	Clients []string // names of clients; none means those on this machine, of which a person chooses
	Flags   []string // of stdio, beside --data and --notion-url
	Yes     bool     // change them without asking
}

// Init tells the assistants on this machine of this server: it finds them, takes
// a token and tries it, keeps it in a file of its own, and changes their
// settings. Where nobody can be asked, it says what it would do.
func Init(ctx context.Context, cfg InitConfig, in io.Reader, t Terminal) error {
	if err := checkURL(cfg.NotionURL); err != nil {
		return err
	}
	machine, err := clients.This()
	if err != nil {
		return err
	}
	s := setup{cfg: cfg, t: t, machine: machine, in: bufio.NewReader(in)}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.person = f
	}
	if s.server, err = cfg.server(); err != nil {
		return err
	}
	return s.run(ctx)
}

// server is how an assistant starts this program.
func (cfg InitConfig) server() (clients.Server, error) {
	program, err := os.Executable()
	if err != nil {
		return clients.Server{}, err
	}
	if strings.Contains(program, "go-build") {
		return clients.Server{}, hinted("`go install ./cmd/mcp-notion`, then `mcp-notion init`", "this program goes away when it ends, so that no assistant could start it")
	}
	s := clients.Server{Name: "mcp-notion", Command: program, Args: append([]string{"stdio"}, cfg.Flags...), Env: map[string]string{}}
	if cfg.NotionURL != "" {
		s.Env["MCP_NOTION_URL"] = cfg.NotionURL
	}
	if cfg.Data != "" {
		s.Env["MCP_NOTION_DATA"], err = filepath.Abs(cfg.Data)
	}
	return s, err
}

// setup is one run of Init.
type setup struct {
	cfg     InitConfig
	t       Terminal
	machine clients.Machine
	server  clients.Server
	in      *bufio.Reader
	person  *os.File // whom to ask; nil if nobody is there
}

func (s setup) run(ctx context.Context) error {
	chosen, err := s.clients()
	if err != nil {
		return err
	}
	file, err := s.tokenFile()
	if err != nil {
		return err
	}
	s.server.Env[tokenFileVariable] = file
	s.t.list(chosen, s.server)
	if s.person == nil && !s.cfg.Yes {
		s.t.say("\nNothing was changed, since nobody can be asked here. With the token in %s,\n`%s` does this.", tokenVariable, strings.Join(append([]string{"mcp-notion init --yes"}, s.cfg.Clients...), " "))
		return nil
	}
	if chosen, err = s.choose(chosen); err != nil || len(chosen) == 0 {
		return err
	}
	if err := s.token(ctx, file); err != nil {
		return err
	}
	return s.add(ctx, chosen)
}

// clients are those that were named, or else those on this machine.
func (s setup) clients() ([]clients.Client, error) {
	known := s.machine.Known()
	var names []string
	for _, c := range known {
		names = append(names, c.Name)
	}
	var named []clients.Client
	for _, name := range s.cfg.Clients {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, &Usage{Problem: fmt.Sprintf("there is no client %q", name), Hint: "the clients are " + strings.Join(names, ", ")}
		}
		named = append(named, known[i])
	}
	if len(named) > 0 {
		return named, nil
	}
	if found := s.machine.Found(); len(found) > 0 {
		return found, nil
	}
	return nil, hinted("name one to have its settings made: `mcp-notion init cursor`", "none of %s is on this machine", strings.Join(names, ", "))
}

// list shows what would be changed.
func (t Terminal) list(all []clients.Client, s clients.Server) {
	for i, c := range all {
		t.say("%d  %s  %s", i+1, pad(c.Title, 14), printable(c.Where(s)))
	}
}

// choose asks which clients are meant, unless they were named.
func (s setup) choose(all []clients.Client) ([]clients.Client, error) {
	if s.cfg.Yes || len(s.cfg.Clients) > 0 {
		return all, nil
	}
	for {
		fmt.Fprint(s.t.Err, "\nWhich shall answer from your Notion? Numbers, or Enter for all: ")
		line, err := s.in.ReadString('\n')
		if err != nil {
			return nil, hinted("", "nothing was changed: the input ended")
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })
		if len(words) == 0 {
			return all, nil
		}
		if some, ok := pick(all, words); ok {
			return some, nil
		}
		s.t.tell("Numbers from 1 to %d, please.", len(all))
	}
}

func pick(all []clients.Client, numbers []string) (some []clients.Client, ok bool) {
	for _, w := range numbers {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > len(all) {
			return nil, false
		}
		some = append(some, all[n-1])
	}
	return some, true
}

// tokenFile is where the token is kept: where the environment says, or beside
// the settings of other programs.
func (s setup) tokenFile() (string, error) {
	if path := s.cfg.getenv(tokenFileVariable); path != "" {
		return filepath.Abs(path)
	}
	return filepath.Join(s.machine.Config, "mcp-notion", "token"), nil
}

// token finds or asks for the token, tries it, and keeps it in a file that its
// owner alone can read. Nothing is kept of one that does not work.
func (s setup) token(ctx context.Context, file string) error {
	cfg := s.cfg.Config
	cred, err := findCredential(cfg.getenv, "")                                    // the emulator's own token is none to keep
	if _, missing := os.Stat(file); errors.Is(err, errNoToken) && missing == nil { // kept by an earlier run
		cfg.Getenv = with(cfg.getenv, tokenFileVariable, file)
		cred, err = findCredential(cfg.getenv, "")
	}
	if errors.Is(err, errNoToken) && s.person != nil {
		typed, readErr := s.secret()
		if readErr != nil {
			return readErr
		}
		cfg.Getenv = with(cfg.getenv, tokenVariable, typed)
		cred, err = findCredential(cfg.getenv, "")
	}
	if err != nil {
		return err
	}
	if err := runChecks(ctx, cfg, s.t, beforeUse()); err != nil {
		s.t.say("\nNothing was changed.")
		return err
	}
	if cred.source != tokenVariable {
		return nil // it is in a file already
	}
	if err := keepSecret(file, cred.Token.Reveal()); err != nil {
		return err
	}
	s.t.say("\nThe token is kept in %s, which only you can read.", file)
	return nil
}

// with is an environment with one variable set.
func with(getenv func(string) string, variable, value string) func(string) string {
	return func(name string) string {
		if name == variable {
			return value
		}
		return getenv(name)
	}
}

// secret asks for the token without showing it.
func (s setup) secret() (string, error) {
	fmt.Fprint(s.t.Err, "Notion token, from notion.so/profile/integrations (it is not shown): ")
	typed, err := term.ReadPassword(int(s.person.Fd()))
	s.t.tell("")
	if err != nil {
		return "", hinted("", "nothing was changed: the token could not be read (%w)", err)
	}
	return strings.TrimSpace(string(typed)), nil
}

// keepSecret writes a file that its owner alone can read.
func keepSecret(file, secret string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(file, []byte(secret+"\n"), 0o600)
}

// add tells the chosen clients, each for itself.
func (s setup) add(ctx context.Context, chosen []clients.Client) error {
	failed := 0
	for _, c := range chosen {
		backup, err := s.machine.Add(ctx, c, s.server)
		switch {
		case err != nil:
			failed++
			s.t.say("%s: %v", c.Title, err)
		case backup != "":
			s.t.say("%s has it now; what its settings were is in %s", c.Title, backup)
		default:
			s.t.say("%s has it now", c.Title)
		}
	}
	if failed > 0 {
		return errSaid
	}
	s.t.say("\nStart it anew, and ask: \"What was edited in Notion this week?\"")
	s.t.say("To ask on the terminal too: export %s=%s", tokenFileVariable, s.server.Env[tokenFileVariable])
	return nil
}
