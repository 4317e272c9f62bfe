package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// Failure is the part of a failed answer that programs read.
type Failure struct {
	Code              string `json:"code" jsonschema:"category of the failure"`
	RetryAfterSeconds int    `json:"retry_after_seconds,omitempty" jsonschema:"wait this long before trying again"`
	RequestID         string `json:"request_id,omitempty" jsonschema:"for Notion's support"`

	text    markdown.Text
	connect bool // the next step is to connect, or to connect again
}

// CodeInternal is the category of failures that the log tells more of.
const CodeInternal = "internal"

// CodeInput is the code of a call whose arguments have to be others.
const CodeInput = "invalid_input"

const (
	codeInput   = CodeInput
	codeUnclear = "unclear"
)

// A category of errors: its code, the sentence that people read, and the next
// step.
type category struct {
	is      error
	code    string
	says    markdown.Text
	next    markdown.Text
	connect bool

	reasoned bool // it ends with Notion's own words
}

// categories is searched from the top, since an error may be of several.
var categories = []category{
	{is: tokens.ErrNotConnected, code: "not_connected", connect: true,
		says: "Notion is not connected."},
	{is: tokens.ErrNeedsReauthorization, code: "needs_reauthorization", connect: true,
		says: "The connection to Notion has to be authorized again."},
	{is: notion.ErrUnauthorized, code: "unauthorized", connect: true,
		says: "Notion does not accept the token of this connection: it is not a valid one, or was revoked."},
	{is: notion.ErrUnclear, code: codeUnclear,
		says: "It is not known whether Notion did what was asked.",
		next: "Look in Notion before trying again."},
	{is: notion.ErrBlocked, code: "blocked",
		says: "The request was stopped before it reached Notion, by a proxy or a firewall.",
		next: "Someone has to check the network between this server and api.notion.com."},
	{is: notion.ErrRestricted, code: "restricted",
		says: "The Notion integration lacks a capability that this needs.",
		next: "Whoever manages the integration can turn it on under Capabilities at notion.so/profile/integrations."},
	{is: notion.ErrNotFound, code: "not_found",
		says: "Notion shows no such page or block to this connection: it does not exist, was deleted, or is not shared.",
		next: "Check the link. To share the page: open it in Notion, page menu (...) > Connections, add the integration. search_notion finds what is shared already."},
	{is: notion.ErrRateLimited, code: "rate_limited", reasoned: true,
		says: "Notion limits how often this connection may ask."},
	{is: notion.ErrOverloaded, code: "overloaded",
		says: "Notion is overloaded at the moment."},
	{is: notion.ErrConflict, code: "conflict",
		says: "Someone else changed the same thing at the same moment.",
		next: "Try again."},
	{is: notion.ErrValidation, code: "validation", reasoned: true,
		says: "Notion refused the request.",
		next: "Change what it names and call again."},
	{is: context.DeadlineExceeded, code: "timeout",
		says: "Notion took too long to answer.",
		next: "Try again in a minute."},
	{is: notion.ErrUnreachable, code: "unreachable",
		says: "Notion cannot be reached from this server.",
		next: "Try again in a minute; if it stays so, someone has to check the network."},
	{is: notion.ErrServer, code: "notion_fault",
		says: "Notion had a fault.",
		next: "Try again in a minute."},
	{is: notion.ErrMalformed, code: "malformed",
		says: "Notion's answer could not be understood.",
		next: "Try again in a minute; if it stays so, a proxy may be changing answers on the way."},
	{is: index.ErrFull, code: "disk_full",
		says: "Nothing new can be kept, because the disk of this server is full.",
		next: "Whoever runs the server has to make room; what is indexed can still be searched meanwhile."},
}

// explain finds the words for an error.
func explain(err error) Failure {
	var input argument.Error
	if errors.As(err, &input) {
		return Failure{Code: codeInput, text: input.Text()}
	}
	var told toldError
	if errors.As(err, &told) {
		f := explain(told.cause)
		f.text, f.connect = told.words, false
		return f
	}
	for _, c := range categories {
		if errors.Is(err, c.is) {
			return c.failure(err)
		}
	}
	return Failure{Code: CodeInternal,
		text: "Something went wrong inside this server; its log says what. Try once more, then tell the user that it failed."}
}

func (c category) failure(err error) Failure {
	f := Failure{Code: c.code, connect: c.connect}
	says, reason := c.says, ""
	var e *notion.Error
	if errors.As(err, &e) {
		f.RequestID = e.RequestID
		f.RetryAfterSeconds = seconds(e.RetryAfter)
		reason = cmp.Or(e.Reason, e.Message)
	}
	if reason = strings.TrimRight(reason, "."); c.reasoned && reason != "" {
		says = says.TrimRight(".") + ": " + markdown.Line(reason) + "."
	}
	next := c.next
	if f.RetryAfterSeconds > 0 {
		next = markdown.Sprintf("Try again in %s.", markdown.Count(f.RetryAfterSeconds, "second"))
	} else if next == "" && !c.connect {
		next = "Try again in a minute."
	}
	f.text = (says + " " + next).Trim()
	return f
}

// Failed is the answer to a call that failed before it came to a tool.
func Failed(err error) Answer { return explain(err).answer("") }

// Misnamed is the answer to a call that names what is not there, such as a
// connection. The words say what is.
func Misnamed(words string) Answer {
	return Failure{Code: CodeInput, text: markdown.Sprintf("%s Call again with one of these as `connection`.", sentence(words))}.answer("")
}

// answer is the failure as a tool's answer. connect says where to connect.
func (f Failure) answer(connect string) Answer {
	text := string(f.text)
	if f.connect { // with a link of this program
		text += " " + sentence(cmp.Or(connect, "The user has to connect Notion again; then repeat the call."))
	}
	raw, err := json.Marshal(struct {
		Error Failure `json:"error"`
	}{f})
	if err != nil {
		raw = nil // cannot happen: Failure is text and a number
	}
	return Answer{Text: text, Structured: raw, IsError: true}
}

// sentence begins with a capital and ends with a full stop, but for a link at
// the end, which a full stop would become part of.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	last, _ := utf8.DecodeLastRuneInString(s)
	if strings.Contains(s[strings.LastIndexByte(s, ' ')+1:], "://") || !unicode.IsLetter(last) && !unicode.IsDigit(last) {
		return s
	}
	return s + "."
}

// toldError is a failure that the tool itself has put into words, because it
// knows more than the category.
type toldError struct {
	words markdown.Text
	cause error
}

func (e toldError) Error() string { return string(e.words) }
func (e toldError) Unwrap() error { return e.cause }

// seconds rounds up, so that nobody comes back too early.
func seconds(d time.Duration) int {
	return int(math.Ceil(d.Seconds()))
}
