package retrieval

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/ingest"
	"github.com/mcp-notion/mcp-notion/notion"
)

func TestSilence(t *testing.T) {
	t.Parallel()
	late := fmt.Errorf("read page: %w", context.DeadlineExceeded)
	paced := errors.Join(notion.ErrRateLimited, context.DeadlineExceeded) // our own turn did not come
	for _, tt := range []struct {
		name   string
		errs   []error
		silent bool
	}{
		{"all late", []error{late, late}, true},
		{"out of reach", []error{notion.ErrUnreachable}, true},
		{"one slow page", []error{late, nil}, false},
		{"an answer that refuses", []error{late, notion.ErrServer}, false},
		{"our own pacing", []error{paced, paced}, false},
		{"nothing asked", nil, false},
	} {
		verdicts := map[notion.ID]ingest.Verdict{}
		for i, err := range tt.errs {
			verdicts[notion.ID(fmt.Sprint(i))] = ingest.Verdict{Err: err}
		}
		if err := silence(verdicts); (err != nil) != tt.silent {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// One slow moment costs seconds; only silence again and again costs more.
func TestOutageGrows(t *testing.T) {
	t.Parallel()
	var o outage
	now := time.Now()
	for i, want := range []time.Duration{5, 10, 20, 30, 30} {
		want *= time.Second
		o.note(now, notion.ErrUnreachable)
		if o.at(now.Add(want-1)) == nil || o.at(now.Add(want)) != nil {
			t.Errorf("pause %d is not %v", i, want)
		}
		now = now.Add(want)
	}
	o.note(now, nil)
	o.note(now, notion.ErrUnreachable)
	if o.at(now.Add(6*time.Second)) != nil {
		t.Error("an answer does not end it")
	}
}
