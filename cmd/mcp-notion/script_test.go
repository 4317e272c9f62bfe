package main

import (
	"archive/zip"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mcp-notion": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			addrs, err := freeAddresses()
			if err != nil {
				return err
			}
			program, err := exec.LookPath("mcp-notion") // for scripts that have no PATH
			if err != nil {
				return err
			}
			env.Setenv("MCP", program)
			env.Setenv("ADDR", addrs[0])
			env.Setenv("URL", "http://"+addrs[0])
			env.Setenv("SERVE", addrs[1])
			env.Setenv("MCP_NOTION_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("MCP_NOTION_MODEL", "none") // a binary may have one, or not
			env.Setenv("SECRET", "ntn_secret0123456789012345678901234567890123456789")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":  await,
			"fault":  fault,
			"pack":   pack,
			"empty":  empty,
			"status": status,
			"wrong":  wrong,
		},
	})
}

// freeAddresses are two addresses where nothing listens.
func freeAddresses() (addrs [2]string, err error) {
	for i := range addrs {
		l, listenErr := net.Listen("tcp", "127.0.0.1:0")
		if listenErr != nil {
			return addrs, listenErr
		}
		defer func() { err = errors.Join(err, l.Close()) }()
		addrs[i] = l.Addr().String()
	}
	return addrs, nil
}

// await waits until a server answers, whatever it says: the emulator of the
// script, or await http://address.
func await(ts *testscript.TestScript, _ bool, args []string) {
	url := ts.Getenv("URL") + "/emulator/pages"
	if len(args) > 0 {
		url = args[0]
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		resp, err := http.Get(url)
		if err == nil {
			ts.Check(resp.Body.Close())
			return
		}
	}
	ts.Fatalf("nothing answers at %s", url)
}

// fault makes requests to the emulator of the script fail: fault '{"status":401}'.
func fault(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, ts.Getenv("URL")+"/emulator/fault", strings.NewReader(args[0]))
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("the emulator answers %s", resp.Status)
	}
}

// pack makes a zip file of a folder: pack export.zip folder.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	w := zip.NewWriter(out)
	ts.Check(w.AddFS(os.DirFS(ts.MkAbs(args[1]))))
	ts.Check(w.Close())
	ts.Check(out.Close())
}

// empty checks that a folder holds nothing: empty folder.
func empty(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, e := range entries {
		ts.Fatalf("%s holds %s", args[0], e.Name())
	}
}

// toModels matches what a person at a terminal is not told.
var toModels = regexp.MustCompile(`_(notion|page|comment|writes|database|citations|tokens|after|of)\b|strconv|json:`)

// wrong checks that a call is taken for a wrong one, and that one line says what
// is wrong and another what to do: wrong read.
func wrong(ts *testscript.TestScript, _ bool, args []string) {
	status(ts, false, append([]string{"2", "mcp-notion"}, args...))
	said := ts.ReadFile("stderr")
	errors, hints := 0, 0
	for l := range strings.Lines(said) {
		switch {
		case strings.HasPrefix(l, "error: "):
			errors++
		case strings.HasPrefix(l, "hint: "):
			hints++
		}
	}
	if errors != 1 || hints != 1 || ts.ReadFile("stdout") != "" || toModels.MatchString(said) {
		ts.Fatalf("%v says\n%s\nand on stdout\n%s", args, said, ts.ReadFile("stdout"))
	}
}

// status checks how a program ends, which exec tells only as good or bad:
// status 2 mcp-notion read.
func status(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v ends with %d, want %d", args[1:], got, want)
	}
}
