package writing

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p places
		leave, err := p.enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		other, err := p.enter(t.Context(), "b")
		if err != nil {
			t.Fatal("another place is not free:", err)
		}
		other()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.enter(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a place that is taken was entered: %v", err)
		}
		entered := make(chan func())
		go func() {
			leave, err := p.enter(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			entered <- leave
		}()
		synctest.Wait()
		leave()
		(<-entered)()
		if len(p.all) != 0 {
			t.Errorf("%d places are still kept", len(p.all))
		}
	})
}

// Notion may list comments of other places too.
func TestCandidates(t *testing.T) {
	t.Parallel()
	comment := func(id, thread, on notion.ID) notion.Comment {
		return notion.Comment{ID: id, DiscussionID: thread, Parent: notion.Parent{Type: "block_id", BlockID: on}}
	}
	all := []notion.Comment{comment("1", "d1", "b"), comment("2", "d1", "b"), comment("3", "d2", "other"), comment("4", "d3", "b"), comment("5", "d1", "b")}
	for _, c := range []struct {
		to    Target
		found []notion.ID
		want  string
	}{
		{Target{Block: "b"}, nil, "1 4"},
		{Target{Block: "b"}, []notion.ID{"1"}, "4"},
		{Target{Block: "b", Discussion: "d1"}, nil, "1 2 5"},
		{Target{Block: "c"}, nil, ""},
	} {
		var ids []string
		for _, x := range (&posting{to: c.to, found: c.found}).candidates(all) {
			ids = append(ids, string(x.ID))
		}
		if s := strings.Join(ids, " "); s != c.want {
			t.Errorf("%+v without %v: %q, want %q", c.to, c.found, s, c.want)
		}
	}
}
