// Package audit writes down who changed what: one JSON line for each write to
// Notion, and for each connection that is made or ended. It names people and
// connections by opaque keys and things by their ids; it never holds text,
// titles or tokens.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// Action is what was done or tried.
type Action string

// The actions.
const (
	Comment    Action = "comment"
	Page       Action = "page"
	Connect    Action = "connect"
	Disconnect Action = "disconnect"
)

// Outcome is how it ended.
type Outcome string

// The outcomes. After Deferred, another line with the same Write tells the end.
const (
	Done      Outcome = "done"
	Deferred  Outcome = "deferred" // kept, to be done later
	Failed    Outcome = "failed"   // nothing was done
	Unclear   Outcome = "unclear"  // it may have been done
	Cancelled Outcome = "cancelled"
)

// Entry is one line.
type Entry struct {
	Time       time.Time `json:"time"`
	Connection string    `json:"connection"`
	Subject    string    `json:"subject"`
	Action     Action    `json:"action"`
	Target     string    `json:"target,omitempty"` // id of what was written, or else of the place
	Outcome    Outcome   `json:"outcome"`
	Error      string    `json:"error,omitempty"` // category
	RequestID  string    `json:"request_id,omitempty"`
	Duplicate  bool      `json:"duplicate,omitempty"` // it was there already
	Write      string    `json:"write_id,omitempty"`  // id of a write that was kept
}

// Log takes entries. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	out io.Writer
	log *slog.Logger
}

// New returns a Log that writes to out, or to log if out is nil. What out does
// not take is told to log. A nil log is none.
func New(out io.Writer, log *slog.Logger) *Log {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Log{out: out, log: log}
}

// Record writes an entry, as one line in one piece.
func (l *Log) Record(e Entry) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Time = e.Time.UTC().Truncate(time.Millisecond)
	line, err := json.Marshal(e)
	if err != nil { // an Entry is texts, a time and a bool
		l.log.Error("audit: write down an entry", "err", err)
		return
	}
	if l.out == nil {
		l.log.Info("audit", "entry", json.RawMessage(line))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.out.Write(append(line, '\n')); err != nil {
		l.log.Error("audit: an entry is lost", "action", e.Action, "outcome", e.Outcome, "connection", e.Connection, "err", err)
	}
}

// Trail is the part of a Log that is about one connection. A nil Trail takes
// everything and keeps nothing.
type Trail struct {
	log  *Log
	conn tokens.Connection
}

// For returns the Trail of a connection; nil if l is.
func (l *Log) For(conn tokens.Connection) *Trail {
	if l == nil {
		return nil
	}
	return &Trail{log: l, conn: conn}
}

// Subject is an opaque name for whoever makes the call of ctx.
func (t *Trail) Subject(ctx context.Context) string {
	if t == nil {
		return ""
	}
	if c, ok := tokens.CallerFor(ctx, t.conn); ok {
		return Subject(c.Subject)
	}
	return Subject(t.conn.Subject)
}

// Record writes an entry about the connection; where it names no subject, about
// whoever makes the call of ctx.
func (t *Trail) Record(ctx context.Context, e Entry) {
	if t == nil {
		return
	}
	e.Connection = t.conn.Key()
	if e.Subject == "" {
		e.Subject = t.Subject(ctx)
	}
	t.log.Record(e)
}

// Subject is an opaque name for a subject, 32 hexadecimal digits.
func Subject(s auth.Subject) string {
	h := sha256.New()
	for _, part := range []string{"mcp-notion subject", s.Issuer, s.Organization, s.User} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
