package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// Ctrl-C ends every command that asks Notion with 130, whatever it waits for;
// one that may have written says where to look.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const page = "a6e85052ff9f81fc9c1eb0307c903af8"
	for name, do := range map[string]func(context.Context, Config, Terminal) error{
		"search": func(ctx context.Context, c Config, x Terminal) error {
			return Search(ctx, SearchConfig{Config: c, Question: "x"}, x)
		},
		"read": func(ctx context.Context, c Config, x Terminal) error {
			return Read(ctx, ReadConfig{Config: c, Page: page}, x)
		},
		"query": func(ctx context.Context, c Config, x Terminal) error {
			return Query(ctx, QueryConfig{Config: c, Database: page}, x)
		},
		"doctor": func(ctx context.Context, c Config, x Terminal) error { return Doctor(ctx, c, x) },
		"sync":   func(ctx context.Context, c Config, x Terminal) error { return Sync(ctx, SyncConfig{Config: c}, x) },
		"comment": func(ctx context.Context, c Config, x Terminal) error {
			return Comment(ctx, CommentConfig{Config: c, Page: page, Text: "x"}, x)
		},
		"create": func(ctx context.Context, c Config, x Terminal) error {
			return Create(ctx, CreateConfig{Config: c, Parent: page, Title: "x"}, x)
		},
		"health": func(ctx context.Context, c Config, x Terminal) error { return Health(ctx, c.NotionURL, x) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			url := listening(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // or it is not noticed that the client goes
				cancel()                           // as soon as it waits
				<-r.Context().Done()
			}))
			s := newScreen(t)
			c := Config{NotionURL: url, Data: shortFolder(t), PerMinute: -1, Getenv: environment()}
			if code := Report(s.Terminal, do(ctx, c, s.Terminal)); code != exitInterrupted {
				t.Errorf("status %d, want %d: %s", code, exitInterrupted, s.err.String())
			}
			if !strings.Contains(s.err.String(), "error: stopped") {
				t.Errorf("it says %q", s.err.String())
			}
			writes := name == "comment" || name == "create"
			if writes != strings.Contains(s.err.String(), "look in Notion whether it was written") {
				t.Errorf("it says %q", s.err.String())
			}
		})
	}
}

// A hint stays within the terminal, each line below the first under its text;
// where programs read, it is one line.
func TestHintsAreWrapped(t *testing.T) {
	t.Parallel()
	long := fmt.Sprintf("%s `mcp-notion sync` %s", strings.Repeat("open a page that matters, then ", 6), strings.Repeat("共有してください ", 8))
	for _, width := range []int{40, 80, 200} {
		s := newScreen(t)
		s.Width, s.Live = width, true
		Report(s.Terminal, &Hinted{Err: errors.New(long), Hint: long})
		lines := strings.Split(strings.TrimSuffix(s.err.String(), "\n"), "\n")
		label := ""
		for _, l := range lines {
			if uniseg.StringWidth(l) > s.width() {
				t.Errorf("width %d: %q", width, l)
			}
			for _, start := range []string{"error: ", "hint: "} {
				if strings.HasPrefix(l, start) {
					label = start
				}
			}
			if !strings.HasPrefix(l, label) && !strings.HasPrefix(l, strings.Repeat(" ", len(label))) {
				t.Errorf("width %d: %q does not stand below %q", width, l, label)
			}
		}
		if len(lines) < 4 || strings.Join(strings.Fields(s.err.String()), " ") != printable("error: "+long+" hint: "+long) {
			t.Errorf("width %d: %q", width, s.err.String())
		}
		s = newScreen(t)
		s.Width = width
		Report(s.Terminal, &Hinted{Err: errors.New(long), Hint: long})
		if n := strings.Count(s.err.String(), "\n"); n != 2 {
			t.Errorf("width %d: %d lines in a file", width, n)
		}
	}
}
