package notion

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/pace"
)

func TestListsAreBegunAnew(t *testing.T) {
	t.Parallel()
	refused := &Error{kinds: []error{ErrValidation}}
	for name, c := range map[string]struct {
		faults int // how often the second cursor is refused
		first  bool
		want   error
		calls  int
	}{
		"once":            {faults: 1, calls: 5},
		"always":          {faults: 99, want: ErrMalformed, calls: 8},
		"a wrong request": {first: true, want: ErrValidation, calls: 1},
	} {
		var got []string
		calls := 0
		err := Walk(func(cursor string) (string, error) {
			calls++
			if c.first || cursor == "b" && c.faults > 0 {
				c.faults--
				return "", refused
			}
			if cursor == "" {
				got = nil
			}
			got = append(got, cursor)
			return map[string]string{"": "b", "b": "c"}[cursor], nil
		})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || errors.Is(err, ErrValidation) != c.first || calls != c.calls {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
		if err == nil && !slices.Equal(got, []string{"", "b", "c"}) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// limited hands out at most so many items at once.
type limited struct {
	most  int
	asked []int
}

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	n, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
	l.asked = append(l.asked, n)
	s := script{steps: []step{{status: 504, body: "<html>Gateway Time-out</html>"}}}
	if n <= l.most {
		s.steps[0] = step{status: 200, body: `{"object":"list","results":[]}`}
	}
	return s.RoundTrip(r)
}

func TestFewerItemsWhereManyAreTooHeavy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &limited{most: 25}
		client := New(testSecret, Config{HTTP: &http.Client{Transport: l}, MaxRetries: 1})
		read := func(times int) {
			for range times {
				if _, err := client.Background().Children(t.Context(), idA, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
		read(3)
		if want := "[100 50 25 25 25]"; fmt.Sprint(l.asked) != want {
			t.Errorf("asked for %v, want %s", l.asked, want)
		}
		l.most = 100
		read(3 * goodBefore)
		if last := l.asked[len(l.asked)-1]; last != 100 {
			t.Errorf("still asks for %d", last)
		}
		l.most, l.asked = 5, nil
		if _, err := client.Children(t.Context(), idA, ""); !errors.Is(err, ErrServer) || fmt.Sprint(l.asked) != "[100 50 25 10]" {
			t.Errorf("%v after %v", err, l.asked)
		}
	})
}

// What a proxy says, and what makes no sense, may pass; a page that is refused
// may not.
func TestOddAnswersArePassing(t *testing.T) {
	t.Parallel()
	fine := step{status: 200, body: `{"object":"list","results":[]}`}
	for name, odd := range map[string]step{
		"html 403":       {status: 403, body: "<html>Sorry</html>"},
		"html 404":       {status: 404, body: "<html>Sorry</html>"},
		"html 200":       {status: 200, body: "<html>Sorry</html>"},
		"no next cursor": {status: 200, body: `{"object":"list","results":[],"has_more":true}`},
		"no list":        {status: 200, body: `{"object":"page","id":"x"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			for i, call := range []func(*Client) error{
				func(c *Client) error { _, err := c.Children(t.Context(), idA, ""); return err },
				func(c *Client) error { _, err := c.Search(t.Context(), SearchRequest{}); return err },
				func(c *Client) error { _, err := c.QueryDataSource(t.Context(), idA, QueryRequest{}); return err },
				func(c *Client) error { _, err := c.Comments(t.Context(), idA, ""); return err },
				func(c *Client) error { _, err := c.Users(t.Context(), ""); return err },
			} {
				s := &script{steps: []step{odd, fine}}
				if err := call(s.client(Config{})); err != nil || len(s.times) != 2 {
					t.Errorf("%s, call %d: %v after %d requests", name, i, err, len(s.times))
				}
			}
		})
	}
}

func TestNoPauseForADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{busy(429, "86400", ""), good}}
		client := s.client(Config{Pacer: NewPacer(PacerConfig{})})
		if _, err := client.Page(t.Context(), idA); !isKind(err, ErrRateLimited) {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := client.Page(ctx, idA); err != nil || time.Since(s.start) > pace.LongestPause {
			t.Errorf("%v after %v", err, time.Since(s.start))
		}
	})
}
