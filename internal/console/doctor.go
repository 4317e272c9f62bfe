package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/disk"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
)

// verdict is the outcome of one check.
type verdict string

const (
	fine    verdict = "ok"
	warning verdict = "warn"
	failing verdict = "FAIL"
	skipped verdict = "-" // cannot be told before something above is put right
)

// finding is what a check found out, and what to do about it.
type finding struct {
	verdict verdict
	means   string
	todo    string // "" where there is nothing to do
}

func found(v verdict, format string, args ...any) finding {
	return finding{verdict: v, means: fmt.Sprintf(format, args...)}
}

// then adds what to do.
func (f finding) then(format string, args ...any) finding {
	f.todo = fmt.Sprintf(format, args...)
	return f
}

// patience is how long one check may take.
const patience = 20 * time.Second

// Doctor checks everything that has to be right, in the order in which it is
// needed, and says what to do where it is not. The error is nil if nothing
// fails.
func Doctor(ctx context.Context, cfg Config, t Terminal) error {
	if err := checkURL(cfg.NotionURL); err != nil {
		return err
	}
	if err := runChecks(ctx, cfg, t, append(beforeUse(),
		check{"data folder", (*examination).folder},
		check{"index", (*examination).index},
		check{"rate", (*examination).rate})); err != nil {
		return err
	}
	t.say("\nReady. `mcp-notion stdio` serves these pages to an assistant.")
	return nil
}

// check is a thing to look at, by the name that a person sees.
type check struct {
	name string
	run  func(*examination, context.Context) finding
}

// beforeUse are the checks of a token, and of what it gives access to.
func beforeUse() []check {
	return []check{
		{"token", (*examination).credential},
		{"network", (*examination).network},
		{"access", (*examination).access},
		{"capabilities", (*examination).capabilities},
		{"sharing", (*examination).sharing},
	}
}

// runChecks makes checks, and writes what they find. The error is nil if nothing
// fails.
func runChecks(ctx context.Context, cfg Config, t Terminal, checks []check) error {
	x := &examination{cfg: cfg, t: t, free: disk.Free}
	failed := 0
	for _, c := range checks {
		f := x.run(ctx, c.run)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.verdict == failing {
			failed++
		}
		t.finding(c.name, f)
	}
	if failed > 0 {
		t.say("\n%s.", counted(failed, "problem"))
		return errSaid
	}
	return nil
}

// examination is what the checks learn and need of each other.
type examination struct {
	cfg  Config
	t    Terminal
	cred credential
	free func(folder string) (uint64, error)

	hasToken  bool
	reachable bool
	accepted  bool
	reads     bool
	shared    census // what is shared, as far as one request tells
	more      bool   // there is more than that
	noFolder  bool   // the data folder cannot be used
	client    *notion.Client
	limited   error // Notion's answer when it asked to wait
}

func (x *examination) run(ctx context.Context, check func(*examination, context.Context) finding) finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return check(x, ctx)
}

// finding writes one check: the verdict, what it means, what to do.
func (t Terminal) finding(name string, f finding) {
	const column = 20 // "warn  capabilities  "
	lines := wrap(printable(f.means), t.width()-column)
	color := map[verdict]string{fine: green, warning: yellow, failing: red, skipped: dim}[f.verdict]
	t.say("%s  %s  %s", t.style(color, pad(string(f.verdict), 4)), pad(name, column-8), lines[0])
	rest := lines[1:]
	if f.todo != "" {
		for i, l := range wrap(printable(f.todo), t.width()-column-2) {
			mark := "  "
			if i == 0 {
				mark = "→ "
			}
			rest = append(rest, mark+l)
		}
	}
	for _, l := range rest {
		t.say("%s%s", strings.Repeat(" ", column), l)
	}
}

// credential checks that there is a token, and that it looks like one.
func (x *examination) credential(context.Context) finding {
	c, err := findCredential(x.cfg.getenv, x.cfg.NotionURL)
	var hint *Hinted
	if errors.As(err, &hint) {
		return found(failing, "%v", err).then("%s", hint.Hint)
	}
	if err != nil {
		return found(failing, "%v", err)
	}
	x.cred, x.hasToken = c, true
	secret := c.Token.Reveal()
	x.client = notion.New(secret, notion.Config{BaseURL: x.cfg.NotionURL, MaxRetries: -1, MaxWait: 5 * time.Second})
	kind := tokenKind(secret)
	switch {
	case c.made:
		return found(fine, "none is set; the emulator is asked with %s", emulatorToken)
	case kind == "":
		return found(warning, "%s holds %s not begin like a Notion token", c.source, counted(len(secret), "character")+plural(len(secret), " that does", " that do")).
			then("tokens begin with ntn_ (older ones with secret_); copy the internal integration secret again if access fails below")
	case len(secret) < 40 && !onLoopback(x.cfg.NotionURL):
		return found(warning, "%s holds a token %s… of only %s", c.source, kind, counted(len(secret), "character")).
			then("it was probably not copied whole")
	}
	return found(fine, "%s holds a token of the form %s…", c.source, kind)
}

// tokenKind is how a token begins, which is no secret; "" if it is like none
// that Notion hands out.
func tokenKind(secret string) string {
	for _, kind := range []string{"ntn_", "secret_"} {
		if strings.HasPrefix(secret, kind) {
			return kind
		}
	}
	return ""
}

// access checks that Notion accepts the token.
func (x *examination) access(ctx context.Context) finding {
	switch {
	case !x.hasToken:
		return found(skipped, "needs a token")
	case !x.reachable:
		return found(skipped, "needs the network")
	}
	me, err := x.client.Me(ctx)
	switch {
	case errors.Is(err, notion.ErrUnauthorized):
		return found(failing, "Notion does not accept the token").
			then("copy it again from notion.so/profile/integrations, or make a new one there; it may have been revoked or belong to a deleted integration")
	case errors.Is(err, notion.ErrRateLimited):
		return x.wait(err)
	case err != nil:
		return x.trouble(err)
	}
	x.accepted = true
	who := me.Name
	if who == "" {
		who = "an unnamed integration"
	}
	if me.Bot != nil && me.Bot.WorkspaceName != "" {
		return found(fine, "the token is that of %q in the workspace %q", who, me.Bot.WorkspaceName)
	}
	return found(fine, "the token is that of %q", who)
}

// wait notes that Notion asked to wait; that is no fault of the set-up.
func (x *examination) wait(err error) finding {
	x.limited = err
	return found(warning, "could not be told, Notion asked to wait").then("try again in a minute")
}

// trouble explains an error of a request that is not about its check.
func (x *examination) trouble(err error) finding {
	switch {
	case errors.Is(err, notion.ErrBlocked):
		return found(failing, "something between here and Notion refuses the requests: %v", err).
			then("a proxy, firewall or VPN has to let https://api.notion.com through")
	case errors.Is(err, notion.ErrMalformed):
		return found(failing, "what answers is not Notion's API: %v", err).
			then("look at --notion-url, and for a proxy or a login page in between")
	case errors.Is(err, notion.ErrOverloaded), errors.Is(err, notion.ErrServer):
		return found(warning, "Notion has trouble: %v", err).then("try again in a few minutes; status.notion.so tells more")
	}
	return found(failing, "%v", err).then("try again; if it stays so, the network is not steady")
}

// capabilities checks what the integration may do. A search with a result also
// shows what is shared.
func (x *examination) capabilities(ctx context.Context) finding {
	if !x.accepted {
		return found(skipped, "needs access")
	}
	const where = "turn it on under Capabilities of the integration at notion.so/profile/integrations"
	r, err := x.client.Search(ctx, notion.SearchRequest{Newest: true})
	switch {
	case errors.Is(err, notion.ErrRestricted):
		return found(failing, "the integration lacks the capability Read content").then(where)
	case errors.Is(err, notion.ErrRateLimited):
		return x.wait(err)
	case err != nil:
		return x.trouble(err)
	}
	x.reads, x.more, x.shared = true, r.HasMore, listed(r)
	if len(r.Pages) == 0 {
		return found(fine, "reads content; comments can be told once a page is shared")
	}
	_, err = x.client.Comments(ctx, r.Pages[0].ID, "")
	switch {
	case errors.Is(err, notion.ErrRestricted):
		return found(warning, "reads content, but not comments, so that a comment posted twice cannot be noticed").then("%s, beside Insert comments, if the assistant shall comment", where)
	case errors.Is(err, notion.ErrRateLimited):
		return x.wait(err)
	case err != nil && !errors.Is(err, notion.ErrNotFound):
		return x.trouble(err)
	}
	return found(fine, "reads content and comments; whether it may insert comments cannot be told without writing one")
}

// fewPages is a number of pages and tables that few people mean to share.
const fewPages = 3

func (x *examination) sharing(context.Context) finding {
	n := x.shared.all()
	switch {
	case !x.reads:
		return found(skipped, "needs the capability to read")
	case n == 0:
		return found(failing, "no page is shared with the integration, so that there is nothing to answer from").then("%s", sharingHint)
	case x.more:
		return found(fine, "more than %s are shared", pagesAndTables(n))
	case n <= fewPages:
		return found(warning, "only %s shared", x.shared.String()+plural(n, " is", " are")).then("to share more: %s", sharingHint)
	}
	return found(fine, "%s are shared", x.shared)
}

// index checks that the index can be opened, or that its owner answers.
func (x *examination) index(ctx context.Context) finding {
	if !x.hasToken {
		return found(skipped, "needs a token, each has an index of its own")
	}
	if x.noFolder {
		return found(skipped, "needs the data folder")
	}
	sc, err := x.cfg.serverWith(x.t, x.cred.Token)
	if err != nil {
		return found(failing, "%v", err)
	}
	sc.Mirror, sc.Log = server.MirrorNever, nil // what is wrong is said below
	s, err := server.Open(sc)
	if err != nil {
		return found(failing, "%v", err).then("put the data folder right first")
	}
	st, err := s.Status(ctx)
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return found(failing, "cannot be opened: %v", err).
			then("if no other mcp-notion is running, delete the folder named there: everything in it can be read from Notion again")
	}
	return indexFinding(st)
}

func indexFinding(st server.Status) finding {
	c := st.Coverage
	switch {
	case c.Recovered != "":
		return found(warning, "%s", c.Recovered).then("nothing; `mcp-notion sync` reads everything again")
	case c.Error != "":
		return found(warning, "the last pass stopped: %s", c.Error).then("run `mcp-notion sync`")
	case c.Known == 0:
		return found(fine, "opens, and is still empty")
	}
	kept := ""
	if st.Shared {
		kept = fmt.Sprintf("; process %d has it open and shares it", st.Owner)
	}
	return found(fine, "opens: %s%s", pagesLine(c), kept)
}

// rate tells whether Notion limited any of the requests above. How much is left
// of the limit it tells nobody.
func (x *examination) rate(context.Context) finding {
	var e *notion.Error
	switch {
	case x.client == nil || !x.reachable:
		return found(skipped, "needs a token and the network")
	case errors.As(x.limited, &e) && e.RetryAfter > 0:
		return found(warning, "Notion asks to wait %s%s", span(e.RetryAfter), reason(e)).then("wait; other programs with the same token share its limit")
	case x.limited != nil:
		return found(warning, "Notion limits this token").then("wait; other programs with the same token share its limit")
	}
	return found(fine, "Notion limited none of %s; mcp-notion sends %s", counted(int(x.client.Requests()), "request"), pace(x.cfg.perMinute()))
}

func reason(e *notion.Error) string {
	if e.Reason == "" {
		return ""
	}
	return " (" + e.Reason + ")"
}

func pace(perMinute int) string {
	switch {
	case perMinute < 0:
		return "as many as it can"
	case perMinute == 0:
		perMinute = 180
	}
	return fmt.Sprintf("at most %d a minute", perMinute)
}
