package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
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
			return t.failed(tools.SearchNotion, a, cfg.Form)
		}
		return cfg.show(ctx, a, t)
	})
}

// show writes an answer of search_notion. One that rests on nothing, because
// nothing could be read so far, is an error.
func (c SearchConfig) show(ctx context.Context, a tools.Answer, t Terminal) error {
	var out tools.SearchOut
	if err := json.Unmarshal(a.Full(), &out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", tools.SearchNotion, err)
	}
	switch {
	case out.Coverage.Known == 0 && out.Coverage.State != string(ingest.Settled):
		return c.nothingRead(ctx)
	case c.Form != FormPretty:
		return t.raw(a, c.Form)
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
	if cfg.Question != "" || len(cfg.Also) > 0 {
		t.note(evidence(out))
	}
	t.note(Spoken(tools.SearchNotion, string(out.Coverage.Statement)))
	switch {
	case out.Coverage.Known == 0:
		t.tell("To share pages: %s.", sharingHint)
	case out.Coverage.State != string(ingest.Settled):
		t.tell("`mcp-notion sync` reads all pages.")
	}
}

// evidence says how far the passages can be relied on for an answer.
func evidence(out tools.SearchOut) string {
	odds := out.Odds()
	if len(out.Passages) == 0 || odds == "" {
		return "" // of pages that are unread it has been said before the passages
	}
	said := "Evidence: " + out.Evidence + "; " + odds + "."
	switch retrieval.Evidence(out.Evidence) {
	case retrieval.Weak, retrieval.None:
		return said + " Other words, with --also, may find better."
	}
	return said
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
	Page      string // link, id or title
	Section   string // heading of the section to read
	Find      string // words to look for on the page
	Comments  bool   // the open comments too
	Cursor    string // from the last line of the part before
	MaxTokens *int   // nil means the default of the tool
	Form      Form
}

// Read reads what read_page would read, and shows it as a page. Into a file or to
// another program goes the Markdown that an assistant reads, with all its links.
func Read(ctx context.Context, cfg ReadConfig, t Terminal) error {
	args := map[string]any{"page": cfg.Page}
	put(args, "section", cfg.Section, cfg.Section != "")
	put(args, "find", cfg.Find, cfg.Find != "")
	put(args, "comments", true, cfg.Comments)
	put(args, "cursor", cfg.Cursor, cfg.Cursor != "")
	put(args, "max_tokens", cfg.MaxTokens, cfg.MaxTokens != nil)
	form := cfg.Form
	if form == FormPretty && !t.Screen {
		form = FormText
	}
	return cfg.answered(ctx, t, asking{tools.ReadPage, args, form, func(a tools.Answer) error {
		var out tools.ReadOut
		if err := json.Unmarshal(a.Full(), &out); err != nil {
			return fmt.Errorf("read the answer of %s: %w", tools.ReadPage, err)
		}
		t.page(out, cfg.Find)
		return nil
	}})
}

// CommentConfig is the Config of Comment. Exactly one of Page, Block and
// Discussion is set.
type CommentConfig struct {
	Config
	Page       string // link or id
	Block      string
	Discussion string
	Text       string // inline Markdown
	Form       Form
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
	return cfg.answered(ctx, t, asking{tools.AppendComment, args, cfg.Form, nil})
}

// asking is a call of a tool, and how its answer is shown.
type asking struct {
	tool   string
	args   map[string]any
	form   Form
	pretty func(tools.Answer) error // to a person; nil means its text
}

// answered calls a tool and shows its answer.
func (c Config) answered(ctx context.Context, t Terminal, q asking) error {
	return c.withSession(t, server.MirrorNever, func(s *server.Session) error {
		a, err := call(ctx, s, q.tool, q.args)
		switch {
		case errors.Is(err, context.Canceled) && tools.Writes(q.tool):
			return &Hinted{
				Err:  stopped("stopped before Notion had answered"),
				Hint: "look in Notion whether it was written; the same is not written twice within ten minutes",
			}
		case err != nil:
			return err
		case a.IsError:
			return t.failed(q.tool, a, q.form)
		case q.form != FormPretty:
			return t.raw(a, q.form)
		case q.pretty != nil:
			return q.pretty(a)
		}
		_, err = io.WriteString(t.Out, visibleText(spokenAround(q.tool, a.Text))+"\n")
		return err
	})
}

// raw writes what a tool answered, as programs or an assistant get it.
func (t Terminal) raw(a tools.Answer, form Form) error {
	if form == FormJSON {
		return t.json(a.Full())
	}
	_, err := io.WriteString(t.Out, visibleText(a.Text)+"\n")
	return err
}

// failed says on Err, or as JSON on Out, why a tool did not answer. It is never
// nil.
func (t Terminal) failed(tool string, a tools.Answer, form Form) error {
	words := printable(Spoken(tool, a.Text))
	switch {
	case form == FormJSON:
		if err := t.json(a.Full()); err != nil {
			return err
		}
		if misused(a) {
			return errMisused
		}
		return errSaid
	case misused(a):
		return &Usage{Problem: words, Hint: "`mcp-notion " + commands()[tool] + " --help` says how it is called"}
	}
	return &Hinted{Err: errors.New(words)}
}

// misused says whether a tool refused what it was given.
func misused(a tools.Answer) bool {
	var out struct{ Error tools.Failure }
	return json.Unmarshal(a.Full(), &out) == nil && out.Error.Code == tools.CodeInput
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
