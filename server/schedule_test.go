package server

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// Those who were asked lately go first, but nobody waits for ever: not even
// those whom nobody asks behind many who keep asking.
func TestTurns(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	p := &Pool{tenants: map[string]*tenant{}}
	p.cfg.Forget = -1
	for name, one := range map[string]struct {
		asked, next time.Time
	}{
		"new":             {ago(time.Second), time.Time{}},
		"newer":           {ago(time.Millisecond), time.Time{}},
		"asked just now":  {ago(time.Second), ago(time.Minute)},
		"asked before":    {ago(2 * time.Minute), ago(time.Minute)},
		"asked long ago":  {ago(time.Hour), ago(time.Minute)},
		"overdue":         {ago(time.Hour), ago(7 * time.Minute)},
		"its slice ended": {ago(time.Second), ago(time.Millisecond)},
		"not due":         {ago(time.Second), now.Add(time.Second)},
		"forgotten":       {ago(25 * time.Hour), ago(time.Hour)},
		"never asked":     {time.Time{}, time.Time{}},
	} {
		p.tenants[name] = &tenant{conn: tokens.Connection{Subject: auth.Subject{User: name}}, asked: one.asked, next: one.next}
	}
	var got []string
	for _, one := range p.due(now) {
		got = append(got, one.conn.Subject.User)
	}
	want := []string{"overdue", "asked just now", "newer", "new", "its slice ended", "asked before", "asked long ago"}
	if diff := cmp.Diff(want[:2], got[:2]); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[5:], got[5:]); diff != "" {
		t.Errorf("last (-want +got):\n%s", diff)
	}
	if len(p.due(now)) != 0 {
		t.Error("who has a turn gets another one")
	}
	p.tenants["overdue"].waitOn()
	if again := p.due(now.Add(time.Second)); len(again) != 2 || again[0].conn.Subject.User != "overdue" || !again[0].next.Equal(ago(7*time.Minute)) {
		t.Errorf("who got no turn has lost its place: %v", again)
	}
}
