package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mcp-notion/mcp-notion/ingest"
	"github.com/mcp-notion/mcp-notion/retrieval"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tools"
)

// Form is how an answer is written.
type Form string

// The forms of an answer.
const (
	FormPretty Form = ""     // for a person
	FormText   Form = "text" // the very text that an assistant reads
	FormJSON   Form = "json" // what programs get: one JSON object
)

// SearchConfig is the Config of Search. Empty and nil fields are what the tool
// takes when they are absent.
type SearchConfig struct {
	Config
	Question    string
	Also        []string // rephrasings
	Under       string   // link or id
	EditedAfter string   // date
	Limit       *int
	MaxTokens   *int
	Full        bool // whole passages, and not only the lines around what is cited
	Form        Form
}

// Search asks what search_notion would be asked.
func Search(ctx context.Context, cfg SearchConfig, t Terminal) error {
	args := map[string]any{}
	put(args, "query", cfg.Question, cfg.Question != "")
	put(args, "also", cfg.Also, len(cfg.Also) > 0)
	put(args, "under", cfg.Under, cfg.Under != "")
	put(args, "edited_after", cfg.EditedAfter, cfg.EditedAfter != "")
	put(args, "limit", cfg.Limit, cfg.Limit != nil)
	put(args, "max_tokens", cfg.MaxTokens, cfg.MaxTokens != nil)
	return cfg.withSession(t, server.MirrorCold, func(s *server.Session) error {
		a, err := call(ctx, s, tools.SearchNotion, args)
		switch {
		case err != nil:
			return err
		case a.IsError:
			return t.answer(a, cfg.Form)
		}
		return cfg.show(ctx, a, t)
	})
}

// show writes an answer of search_notion. One that rests on nothing, because
// nothing could be read so far, is an error.
func (c SearchConfig) show(ctx context.Context, a tools.Answer, t Terminal) error {
	var out tools.SearchOut
	if err := json.Unmarshal(a.Structured, &out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", tools.SearchNotion, err)
	}
	switch {
	case out.Coverage.Known == 0 && out.Coverage.State != string(ingest.Settled):
		return c.nothingRead(ctx)
	case c.Form != FormPretty:
		return t.answer(a, c.Form)
	}
	t.result(out, c)
	return nil
}

// nothingRead says why nothing is known of any page.
func (c Config) nothingRead(ctx context.Context) error {
	x := &examination{cfg: c}
	if f := x.run(ctx, (*examination).network); f.verdict == failing {
		return hinted(f.todo, "Notion cannot be reached: %s", f.means)
	}
	return hinted("try again in a moment, or run `mcp-notion sync`", "nothing has been read from Notion so far")
}

func put(args map[string]any, name string, value any, given bool) {
	if given {
		args[name] = value
	}
}

// result shows the answer of search_notion to a person.
func (t Terminal) result(out tools.SearchOut, cfg SearchConfig) {
	if said := tooEarly(out); said != "" {
		t.say("%s", said)
	}
	if len(out.Passages) == 0 && out.Coverage.State == string(ingest.Settled) {
		t.say("Nothing found. Try the words that the page probably uses, or add them with --also.")
	}
	tall := passageLines
	if cfg.Full {
		tall = 0
	}
	if t.passages(out, questionWords(cfg.Question+" "+strings.Join(cfg.Also, " ")), tall) {
		t.note(ellipsis + " marks text that is left out; --full shows all of it.")
	}
	t.note(out.Coverage.Statement)
	switch {
	case out.Coverage.Known == 0:
		t.tell("To share pages: %s.", sharingHint)
	case out.Coverage.State != string(ingest.Settled):
		t.tell("`mcp-notion sync` reads all pages.")
	}
}

// tooEarly warns of passages that answer little only because others are still to
// be read.
func tooEarly(out tools.SearchOut) string {
	switch {
	case out.Coverage.State == string(ingest.Settled):
	case len(out.Passages) == 0:
		return "Nothing found in what has been read so far."
	case out.Evidence == string(retrieval.Unread):
		return "None of this is likely to answer: the pages that may are still to be read."
	}
	return ""
}

// ReadConfig is the Config of Read.
type ReadConfig struct {
	Config
	Page      string // link or id
	Section   string // heading to start at
	Find      string // words to look for on the page
	Comments  bool   // the open comments too
	Cursor    string // from the last line of the part before
	MaxTokens *int   // nil means the default of the tool
	Form      Form   // FormPretty is FormText
}

// Read reads what read_page would read.
func Read(ctx context.Context, cfg ReadConfig, t Terminal) error {
	args := map[string]any{"page": cfg.Page}
	put(args, "section", cfg.Section, cfg.Section != "")
	put(args, "find", cfg.Find, cfg.Find != "")
	put(args, "comments", true, cfg.Comments)
	put(args, "cursor", cfg.Cursor, cfg.Cursor != "")
	put(args, "max_tokens", cfg.MaxTokens, cfg.MaxTokens != nil)
	return cfg.answered(ctx, t, tools.ReadPage, args, cfg.Form)
}

// CommentConfig is the Config of Comment. Exactly one of Page, Block and
// Discussion is set.
type CommentConfig struct {
	Config
	Page       string // link or id
	Block      string
	Discussion string
	Text       string // inline Markdown
	Form       Form   // FormPretty is FormText
}

// Comment writes what append_comment would write.
func Comment(ctx context.Context, cfg CommentConfig, t Terminal) error {
	targets := 0
	args := map[string]any{"text": cfg.Text, "later": false} // nobody would be there to write it
	for name, value := range map[string]string{"page": cfg.Page, "block": cfg.Block, "discussion": cfg.Discussion} {
		put(args, name, value, value != "")
		if value != "" {
			targets++
		}
	}
	switch {
	case targets != 1:
		return &Usage{Problem: "comment needs one of --page, --block and --discussion", Hint: `mcp-notion comment --page LINK "Checked, still true."`}
	case cfg.Text == "":
		return &Usage{Problem: "comment needs a text", Hint: `mcp-notion comment --page LINK "Checked, still true."`}
	}
	return cfg.answered(ctx, t, tools.AppendComment, args, cfg.Form)
}

// answered calls a tool and writes its answer as it is.
func (c Config) answered(ctx context.Context, t Terminal, tool string, args map[string]any, form Form) error {
	return c.withSession(t, server.MirrorNever, func(s *server.Session) error {
		a, err := call(ctx, s, tool, args)
		if err != nil {
			return err
		}
		return t.answer(a, form)
	})
}

// answer writes what a tool answered. A failed one goes to Err, or as JSON to
// Out, and fails the command.
func (t Terminal) answer(a tools.Answer, form Form) error {
	switch {
	case form == FormJSON:
		if err := t.json(a.Structured); err != nil {
			return err
		}
		if a.IsError && misused(a) {
			return errMisused
		} else if a.IsError {
			return errSaid
		}
	case a.IsError && misused(a):
		return &Usage{Problem: printable(a.Text)}
	case a.IsError:
		return &Hinted{Err: errors.New(printable(a.Text))}
	default:
		_, err := io.WriteString(t.Out, visibleText(a.Text)+"\n")
		return err
	}
	return nil
}

// misused says whether a tool refused what it was given.
func misused(a tools.Answer) bool {
	var out struct{ Error tools.Failure }
	return json.Unmarshal(a.Structured, &out) == nil && out.Error.Code == tools.CodeInput
}

// json writes one JSON object, indented.
func (t Terminal) json(raw json.RawMessage) error {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return fmt.Errorf("write the answer as JSON: %w", err)
	}
	b.WriteByte('\n')
	_, err := t.Out.Write(b.Bytes())
	return err
}
