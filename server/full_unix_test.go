//go:build !windows

package server_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/disk/disktest"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/server"
)

func TestFullDisk(t *testing.T) { disktest.Alone(t, fullDisk) }

// fullDisk lets many search at once, and some write, while nothing can be kept.
func fullDisk(t *testing.T) {
	s := newSite(t, siteConfig{users: 7, pool: server.PoolConfig{Poll: 20 * time.Millisecond}})
	s.shareOwn()
	known, fresh, waits := s.people[:4], s.people[4:6], s.people[6]
	for _, m := range known {
		s.mirrored(m)
	}
	page := only(t, s.clientOf(known[0]))
	s.mirrored(waits)
	kept := s.commentLater(waits, only(t, s.clientOf(waits)))
	disktest.Room(t, 0)
	var asking sync.WaitGroup
	for i, m := range known {
		s.share(m, 6+i, true) // there is something new to read, which cannot be kept
		for range 3 {
			asking.Go(func() {
				if a := s.search(m, "own word "+word(i)); a.Result.IsError || !strings.Contains(a.text(), word(i)) {
					t.Errorf("who has an index: %s", a.text())
				}
			})
		}
	}
	for _, m := range fresh {
		for range 3 {
			asking.Go(func() {
				if a := s.search(m, "own word"); !strings.Contains(a.text(), "disk of this server is full") {
					t.Errorf("who has none: %s", a.text())
				}
			})
		}
	}
	asking.Wait()
	waitFor(t, "the reason why nothing new is found", func() bool {
		return strings.Contains(s.search(known[0], "own word").text(), "the disk of the index is full")
	})
	s.writeOnFullDisk(page)
	cancel := map[string]any{"write_id": kept, "cancel": true}
	if a := s.tool(waits, "pending_writes", cancel); !a.Result.IsError || !strings.Contains(a.text(), "disk of this server is full") {
		t.Errorf("what is kept cannot be cancelled now: %s", a.text())
	}
	if a := s.tool(waits, "pending_writes", map[string]any{"write_id": kept}); !strings.Contains(a.text(), "waiting") {
		t.Errorf("what was not cancelled: %s", a.text())
	}
	disktest.Room(t, math.MaxUint64)
	for _, m := range s.people[:6] {
		s.mirrored(m)
	}
	if a := s.tool(waits, "pending_writes", cancel); a.Result.IsError || !strings.Contains(a.text(), "cancelled") {
		t.Errorf("cancelled once there is room: %s", a.text())
	}
	if n := comments(t, s.clientOf(known[0]), page); n != 1 {
		t.Errorf("%d comments are there in the end, want the one that was posted", n)
	}
}

// writeOnFullDisk writes what Notion takes, and what it does not take now and
// nothing can keep: the one is posted, and the other is not acknowledged.
func (s *site) writeOnFullDisk(page notion.ID) {
	comment := func(text string) said {
		return s.tool(s.people[0], "append_comment", map[string]any{"page": page, "text": text})
	}
	if a := comment("Posted."); a.Result.IsError {
		s.t.Errorf("a comment that Notion takes: %s", a.text())
	}
	s.notion.Inject(postponed())
	if a := comment("Not kept."); !a.Result.IsError || !strings.Contains(a.text(), "not kept for later, because the disk of this server is full") {
		s.t.Errorf("a comment that waits: %s", a.text())
	}
}

// postponed is a Notion that does not take the next comment for a while.
func postponed() emulator.Fault {
	return emulator.Fault{Method: "POST", Route: "/v1/comments", Status: 429, RetryAfter: 3600, Times: 1}
}

// commentLater lets a comment be kept, and returns its id.
func (s *site) commentLater(m *member, page notion.ID) string {
	s.notion.Inject(postponed())
	a := s.tool(m, "append_comment", map[string]any{"page": page, "text": "Kept before."})
	_, rest, ok := strings.Cut(a.text(), "(id ")
	id, _, _ := strings.Cut(rest, ")")
	if !ok {
		s.t.Fatalf("the comment is not kept: %s", a.text())
	}
	return id
}

// tool is a call of a member.
func (s *site) tool(m *member, name string, args map[string]any) said {
	return s.send(request{token: s.bearer(m, nil), body: toolCall(name, args)}).said(s.t)
}
