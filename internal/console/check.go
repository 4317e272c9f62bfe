package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tools"
)

// CheckConfig is the Config of Check.
type CheckConfig struct {
	Config
	File string // Markdown of an answer; "-" for in
	AsOf string // date
	Form Form
}

// Check says what check_citations says of an answer. An answer that is not
// proven is an error, so that a program can rely on the status.
func Check(ctx context.Context, cfg CheckConfig, in io.Reader, t Terminal) error {
	text, err := cfg.text(in)
	if err != nil {
		return err
	}
	args := map[string]any{"answer": text}
	put(args, "as_of", cfg.AsOf, cfg.AsOf != "")
	return cfg.withSession(t, server.MirrorNever, func(s *server.Session) error {
		a, err := call(ctx, s, tools.CheckCitations, args)
		switch {
		case err != nil:
			return err
		case a.IsError:
			return t.failed(tools.CheckCitations, a, cfg.Form)
		}
		var out tools.CheckOut
		if err := json.Unmarshal(a.Full(), &out); err != nil {
			return fmt.Errorf("read the answer of %s: %w", tools.CheckCitations, err)
		}
		if cfg.Form == FormPretty {
			t.checked(out)
		} else if err := t.raw(a, cfg.Form); err != nil {
			return err
		}
		if !out.OK {
			return errSaid
		}
		return nil
	})
}

func (c CheckConfig) text(in io.Reader) (string, error) {
	var text []byte
	var err error
	if c.File == "-" {
		text, err = io.ReadAll(io.LimitReader(in, 1<<20))
	} else {
		text, err = os.ReadFile(c.File)
	}
	if err != nil {
		return "", &Usage{Problem: "the answer cannot be read: " + err.Error(), Hint: "mcp-notion check answer.md, or - for standard input"}
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", &Usage{Problem: "the answer is empty", Hint: "mcp-notion check answer.md, or - for standard input"}
	}
	return string(text), nil
}
