package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/emulator/sample"
	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/prompts"
	"github.com/mcp-notion/mcp-notion/server"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tokens/env"
	"github.com/mcp-notion/mcp-notion/tools"
)

const jobsFile = "../../doc/jobs.md"

// job is something that people have to do, and the calls that an assistant
// makes for it. In answer, [[page|words]] stands for words quoted from a page
// with the link of their block.
type job struct {
	title  string
	asked  string // in a person's words
	prompt string
	told   map[string]string
	calls  []jobCall
	answer string
}

type jobCall struct {
	tool string
	args map[string]any
	want string // must be in the answer, or the transcript teaches nothing
}

func jobs() []job {
	return []job{
		{
			title: "Account brief", asked: "Brief me on Corvane Electrical for the weekly call on Thursday.",
			prompt: "account_brief", told: map[string]string{"account": "Corvane Electrical", "purpose": "the weekly call on Thursday"},
			calls: []jobCall{
				{tools.SearchNotion, map[string]any{"query": "account plan of Corvane Electrical: what happened, save plan", "also": []string{"Corvane renewal risk", "Corvane open issues"}, "limit": 3}, "Account plan: Corvane"},
				{tools.ReadPage, map[string]any{"page": "{Account plan: Corvane Electrical}", "find": "offer price", "max_tokens": 600}, "Ivo Marek"},
				{tools.QueryDatabase, map[string]any{"database": "Customers", "where": []any{map[string]any{"property": "Name", "operator": "contains", "value": "Corvane"}}}, "298000"},
			},
			answer: `**Corvane Electrical** is an Enterprise customer whose health is [[Account plan: Corvane Electrical|Red since 2026-10-15]], and the contract [[Account plan: Corvane Electrical|renews 2026-12-31]].

What happened: on 14 October [[Account plan: Corvane Electrical|their automated warehouse in Brno stood still for nearly three hours]]. The new sponsor is Ivo Marek, who says that the offer is [[Account plan: Corvane Electrical|in the right direction]] and waits for the polling fallback.

Do not raise prices on the call: [[Account plan: Corvane Electrical|Nobody contacts Corvane about prices except Oliver Strand]].`,
		},
		{
			title: "Quarterly business review", asked: "Prepare the QBR with Corvane Electrical for the fourth quarter.",
			prompt: "prepare_qbr", told: map[string]string{"customer": "Corvane Electrical", "period": "Q4 2026"},
			calls: []jobCall{
				{tools.SearchNotion, map[string]any{"query": "QBR Corvane Electrical third quarter", "also": []string{"quarterly business review Corvane agreed actions"}, "limit": 2}, "QBR Corvane"},
				{tools.ReadPage, map[string]any{"page": "{QBR Corvane Electrical, third quarter 2026}", "max_tokens": 800}, "Weekly call"},
			},
			answer: `Actions of the last review that are to be reported on:

- [[QBR Corvane Electrical, third quarter 2026|Polling fallback in test by 2026-11-13, live by 2026-11-20]]
- [[QBR Corvane Electrical, third quarter 2026|Weekly call on Thursdays, 14:00 CET]]
- [[QBR Corvane Electrical, third quarter 2026|Migration plan for four integrations, two before the end of the year]]

The commercial offer was the one action marked as done. To ask for: "never again" in writing was what Ivo wanted, because the outage [[QBR Corvane Electrical, third quarter 2026|cost them EUR 61,000 in overtime and late deliveries]]. The figures of the fourth quarter are not in Notion yet.`,
		},
		{
			title: "Runbook on a ticket", asked: "DSK-49020: customer sees WHK-503 in the delivery log since this morning, nothing arrives. What do I do?",
			prompt: "find_runbook", told: map[string]string{"ticket": "DSK-49020: customer sees WHK-503 in the delivery log since this morning, nothing arrives"},
			calls: []jobCall{
				{tools.SearchNotion, map[string]any{"query": "WHK-503", "also": []string{"webhook delivery failures runbook", "circuit open endpoint"}, "limit": 2}, "Webhook delivery failures"},
				{tools.ReadPage, map[string]any{"page": "{Webhook delivery failures}", "find": "switched off", "max_tokens": 400}, "72 hours"},
			},
			answer: `The runbook is *Webhook delivery failures*. WHK-503 means [[Webhook delivery failures|circuit open: 20 failures in a row]]: the customer's endpoint fails, and we try it again by ourselves. There is time, but not much: [[Webhook delivery failures|An endpoint that failed for 72 hours without one success is switched off]].`,
		},
		{
			title: "Policy question", asked: "May I fly business class from Amsterdam to Columbus? I have a meeting the same afternoon.",
			prompt: "check_policy", told: map[string]string{"text": "I want to fly business class from Amsterdam to Columbus, because I have a meeting the same afternoon."},
			calls: []jobCall{
				{tools.SearchNotion, map[string]any{"query": "business class flight approval", "also": []string{"travel policy flights premium economy", "Amsterdam to Columbus"}, "limit": 3}, "Business class only"},
			},
			answer: `**Allowed if approved.** The rule for this route is [[Travel and expenses|Premium economy on flights of more than seven hours, including Amsterdam to Columbus by any connection]]. Business class needs a written approval: [[Travel and expenses|Business class only with written approval from Mara Lindqvist, for medical reasons or when you must work within three hours after landing]]. A trip between the EU and the US also needs [[Travel and expenses|the approval of your department head]].`,
		},
	}
}

// office is the demo workspace behind a Session.
type office struct {
	notion  *emulator.Server
	session *server.Session
}

func openOffice(t *testing.T) office {
	t.Helper()
	w, err := emulator.Load(sample.FS())
	if err != nil {
		t.Fatal(err)
	}
	c := office{notion: emulator.New(w, emulator.Config{})}
	srv := httptest.NewServer(c.notion)
	t.Cleanup(srv.Close)
	dir, err := os.MkdirTemp("", "mn") // short, because it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c.session, err = server.Open(server.Config{
		Data: dir, NotionURL: srv.URL, PerMinute: -1, Version: "test", Mirror: server.MirrorNever, Broker: tokens.Uncached(env.New(secret, tokens.DefaultHandle)),
		Connection: tokens.Connection{Subject: auth.Local(secret), Handle: tokens.DefaultHandle},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.session.Close() })
	if _, err := c.session.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c office) call(t *testing.T, tool string, args map[string]any) tools.Answer {
	t.Helper()
	raw, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	a, err := c.session.Call(ctx, tool, raw)
	if err != nil || a.IsError {
		t.Fatalf("%s %s: %v %s", tool, raw, err, a.Text)
	}
	return a
}

// page is the id of the page of that title.
func (c office) page(t *testing.T, title string) string {
	t.Helper()
	for _, p := range c.notion.Pages() {
		if p.Title == title {
			return p.ID
		}
	}
	t.Fatalf("no page %q", title)
	return ""
}

var cited = regexp.MustCompile(`\[\[([^|\]]+)\|([^\]]+)\]\]`)

// composed puts quotation marks and links into an answer, whose quotations must
// stand in what the calls gave. The link is that of the page; check_citations
// tells the block.
func (c office) composed(t *testing.T, answer, given string) string {
	t.Helper()
	given = strings.ReplaceAll(given, "**", "")
	return cited.ReplaceAllStringFunc(answer, func(s string) string {
		m := cited.FindStringSubmatch(s)
		if !strings.Contains(given, m[2]) {
			t.Errorf("no call gave %q: a model could not know it", m[2])
		}
		url := notion.PageURL(notion.ID(c.page(t, m[1])))
		out := c.check(t, fmt.Sprintf("%q (%s)", m[2], url))
		if !out.OK {
			t.Fatalf("%q does not stand on %q: %+v", m[2], m[1], out.Citations)
		}
		return fmt.Sprintf("\"%s\" ([%s](%s))", m[2], m[1], out.Citations[0].FoundURL)
	})
}

func (c office) check(t *testing.T, answer string) tools.CheckOut {
	t.Helper()
	var out tools.CheckOut
	if err := json.Unmarshal(c.call(t, tools.CheckCitations, map[string]any{"answer": answer}).Full(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestJobs runs the four jobs on the demo workspace and keeps their transcripts
// in doc/jobs.md. The final answers are written by hand from what the calls
// gave; that their citations hold is proven by the tool for that.
func TestJobs(t *testing.T) {
	t.Parallel()
	c := openOffice(t)
	var b strings.Builder
	b.WriteString("# Four jobs, as an assistant does them\n\n" +
		"These are transcripts of calls on the demo workspace (`mcp-notion demo stdio`), written by `go test ./internal/e2e -run TestJobs -update`. " +
		"Long answers are cut (...) here. The answers at the end were written by hand, as a model would: they quote only what the calls gave. Where a call gave the link of a page or of a neighbouring block, " +
		"check_citations told the block that has the words; at the end it proves every citation.\n")
	for _, j := range jobs() {
		c.transcribe(t, &b, j)
	}
	golden.File(t, jobsFile, b.String())
}

// transcribe writes down one job.
func (c office) transcribe(t *testing.T, b *strings.Builder, j job) {
	t.Helper()
	for _, p := range prompts.Jobs() {
		if p.Name != j.prompt {
			continue
		}
		if _, err := p.Text(j.told, tools.Names(tools.Options{})); err != nil {
			t.Fatal(err)
		}
	}
	told, err := json.Marshal(j.told)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(b, "\n## %s\n\n*%s*\n\nPrompt `%s` with `%s`.\n", j.title, j.asked, j.prompt, told)
	var given strings.Builder
	for _, call := range j.calls {
		if title, ok := call.args["page"].(string); ok && strings.HasPrefix(title, "{") {
			call.args["page"] = c.page(t, strings.Trim(title, "{}"))
		}
		args, err := json.Marshal(call.args)
		if err != nil {
			t.Fatal(err)
		}
		a := c.call(t, call.tool, call.args)
		if !strings.Contains(a.Text, call.want) {
			t.Errorf("%s %s: no %q in\n%s", call.tool, args, call.want, a.Text)
		}
		given.WriteString(a.Text + "\n")
		fmt.Fprintf(b, "\n%s `%s`\n\n```\n%s\n```\n", call.tool, args, cutText(steady(a.Text)))
	}
	answer := c.composed(t, j.answer, given.String())
	out := c.check(t, answer)
	if !out.OK {
		t.Errorf("%s: not proven: %+v", j.title, out.Citations)
	}
	fmt.Fprintf(b, "\nThe answer:\n\n%s\n\ncheck_citations: %d of %d citations are proven.\n", quoteLines(answer), out.Proven, out.Total)
}

var clock = regexp.MustCompile(`as of \d\d:\d\d UTC`)

// steady takes the time of the run out of an answer.
func steady(s string) string { return clock.ReplaceAllString(s, "as of 09:00 UTC") }

func quoteLines(s string) string { return "> " + strings.ReplaceAll(s, "\n", "\n> ") }

// cutText keeps the beginning and the last lines of a long answer.
func cutText(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "```", "'''"), "\n")
	if len(lines) <= 40 {
		return strings.Join(lines, "\n")
	}
	return strings.Join(append(append(lines[:34:34], "..."), lines[len(lines)-3:]...), "\n")
}
