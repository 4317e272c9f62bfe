package console

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/golden"
	"github.com/mcp-notion/mcp-notion/internal/ingest"
)

func TestSummaryGolden(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	s.summary(ingest.Summary{
		Coverage: ingest.Coverage{
			Known: 1204, Complete: 1201, Partial: 1, Failed: 2, Blocks: 30211, Passages: 4101,
			Skipped: []ingest.Skipped{{Type: "button", Reason: "Notion's API does not hand it out", Count: 3}, {Type: "form", Reason: "not read", Count: 1}},
			Problems: []ingest.Problem{{Page: "11111111-1111-1111-1111-111111111111", Title: "Roadmap\x1b[2J", Reason: "Notion had trouble answering for this page"},
				{Page: "22222222-2222-2222-2222-222222222222", Reason: "Notion's API does not hand out this page"}},
		},
		Requests: 6123, Changed: 1204, Removed: 5, Took: ingest.Milliseconds((34*time.Minute + 12*time.Second).Milliseconds()),
	})
	golden.File(t, "testdata/summary.golden", s.out.String())
}

func TestIncomplete(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		c    ingest.Coverage
		want string
	}{
		"complete":       {ingest.Coverage{Known: 3, Complete: 3}, ""},
		"nothing shared": {ingest.Coverage{}, "no page is shared"},
		"one failed":     {ingest.Coverage{Known: 3, Complete: 2, Failed: 1}, "1 of 3 pages and tables could not be read"},
		"list cut short": {ingest.Coverage{Known: 3, Complete: 3, Truncated: true}, "cut its list of pages short"},
	} {
		err := incomplete(tt.c)
		var h *Hinted
		if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &h) || h.Hint == "" || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q with a hint", name, err, tt.want)
		}
	}
}

// An interrupted sync says what is kept, and the next one goes on.
func TestSyncInterrupted(t *testing.T) {
	t.Parallel()
	e, url := fakeNotion(t, emulator.Config{}, nil)
	e.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", Hang: true})
	cfg := SyncConfig{Config: Config{NotionURL: url, Data: filepath.Join(t.TempDir(), "data"), PerMinute: -1, Getenv: environment()}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for e.Counts()["GET /v1/blocks/{id}/children"] == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	s := newScreen(t)
	err := Sync(ctx, cfg, s.Terminal)
	if code := Report(s.Terminal, err); code != exitInterrupted {
		t.Errorf("code %d, want %d", code, exitInterrupted)
	}
	for _, want := range []string{"error: stopped before everything was read", "0 of 4 pages and tables are indexed and kept", "`mcp-notion sync` goes on"} {
		if !strings.Contains(s.err.String(), want) {
			t.Errorf("%q is not said in %q", want, s.err.String())
		}
	}
	if s.out.String() != "" {
		t.Errorf("a summary of what did not happen: %q", s.out.String())
	}
	e.ClearFaults()
	if err := Sync(t.Context(), cfg, s.Terminal); err != nil {
		t.Fatalf("the next sync: %v", err)
	}
	if !strings.Contains(s.out.String(), "4 pages and tables, 4 complete") {
		t.Errorf("summary %q", s.out.String())
	}
}

func TestSyncSaysWhyItFailed(t *testing.T) {
	t.Parallel()
	e, url := fakeNotion(t, emulator.Config{}, nil)
	e.Inject(emulator.Fault{Status: 401})
	cfg := SyncConfig{Config: Config{NotionURL: url, Data: filepath.Join(t.TempDir(), "data"), Getenv: environment("NOTION_TOKEN", secret)}}
	s := newScreen(t)
	if code := Report(s.Terminal, Sync(t.Context(), cfg, s.Terminal)); code != exitFailure {
		t.Errorf("code %d, want %d", code, exitFailure)
	}
	if got := s.err.String(); !strings.Contains(got, "the token is not valid") || !strings.Contains(got, "mcp-notion doctor") {
		t.Errorf("got %q", got)
	}
	if got := s.err.String(); !strings.Contains(got, "nothing has been read yet") || strings.Contains(got, "kept") {
		t.Errorf("it says that something is kept: %q", got)
	}
}

// Trouble with single pages is told in the summary, once, and the log is for
// those who ask for it.
func TestSyncTellsOfPagesInTheSummary(t *testing.T) {
	t.Parallel()
	for level, logged := range map[string]bool{"": false, "warn": true} {
		t.Run("level "+level, func(t *testing.T) {
			t.Parallel()
			e, url := fakeNotion(t, emulator.Config{}, nil)
			e.Inject(emulator.Fault{Route: "/v1/blocks/{id}/children", Status: 403, Times: 1})
			cfg := SyncConfig{Config: Config{
				NotionURL: url, Data: filepath.Join(shortFolder(t), "data"), PerMinute: -1, LogLevel: level, Getenv: environment("NOTION_TOKEN", secret),
			}}
			s := newScreen(t)
			if code := Report(s.Terminal, Sync(t.Context(), cfg, s.Terminal)); code != exitFailure {
				t.Errorf("code %d, want %d", code, exitFailure)
			}
			if got := s.out.String(); !strings.Contains(got, "Not read\n") || strings.Contains(got, "capability") {
				t.Errorf("the summary does not tell of one page:\n%s", got)
			}
			if got := s.err.String(); !strings.Contains(got, "error: 1 of 4 pages and tables could not be read\n") {
				t.Errorf("stderr has %q", got)
			}
			if got := strings.Contains(s.err.String(), "level=WARN"); got != logged {
				t.Errorf("logged: %v, want %v: %q", got, logged, s.err.String())
			}
		})
	}
}

// Where nothing can be drawn over, a line comes every few seconds and no more.
func TestWatchWithoutTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t)
		ctx, cancel := context.WithTimeout(t.Context(), 2*lineEvery+lineEvery/2)
		defer cancel()
		s.watch(ctx, func(context.Context) (ingest.Progress, error) {
			return ingest.Progress{Phase: ingest.Filling, Done: 1200, Known: 3400, Left: 750, Blocks: 50000, Requests: 1900}, nil
		})
		want := "reading: 1,200 of 3,400 pages and tables, 50,000 blocks, 1,900 requests, about 12m30s left\n"
		if got := s.err.String(); got != want+want {
			t.Errorf("got %q, want %q twice", got, want)
		}
		if s.out.String() != "" {
			t.Errorf("progress is on stdout: %q", s.out.String())
		}
	})
}

func TestWatchOnTerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	s.Live = true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	looks := 0
	s.watch(ctx, func(context.Context) (ingest.Progress, error) {
		if looks++; looks == 3 { // two are drawn
			cancel()
		}
		return ingest.Progress{Phase: ingest.Filling, Done: 1, Known: 4, Steps: 4, Of: 8, Left: 90, Requests: 9}, nil
	})
	if got := s.err.String(); !strings.Contains(got, "1 of 4 pages and tables, 9 requests, about 1m30s left") || !strings.Contains(got, "50%") {
		t.Errorf("got %q", got)
	}
	if strings.Contains(s.err.String(), "\n") || s.out.String() != "" {
		t.Errorf("the bar does not stay on its line: %q %q", s.err.String(), s.out.String())
	}
}
