package notion_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

func TestBehind(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		date      func() string
		want, off time.Duration
	}{
		"the same":        {at(0), 0, 0},
		"a second":        {at(-time.Second), 0, 3 * time.Second},
		"behind":          {at(-90 * time.Second), 90 * time.Second, 2 * time.Second},
		"ahead":           {at(90 * time.Second), -90 * time.Second, 2 * time.Second},
		"hours":           {at(-5 * time.Hour), 5 * time.Hour, 2 * time.Second},
		"not to believe":  {at(-72 * time.Hour), 0, 0},
		"nonsense":        {func() string { return "yesterday" }, 0, 0},
		"without a date":  {func() string { return "" }, 0, 0},
		"before our time": {func() string { return "Mon, 01 Jan 0001 00:00:00 GMT" }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = []string{tt.date()}
				_, _ = w.Write([]byte(`{"object":"user","id":"11111111-1111-1111-1111-111111111111","type":"bot"}`))
			}))
			t.Cleanup(srv.Close)
			c := notion.New("ntn_x", notion.Config{BaseURL: srv.URL})
			if c.Behind() != 0 {
				t.Errorf("before the first answer: %v", c.Behind())
			}
			if _, err := c.Background().Me(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := c.Behind(); (got - tt.want).Abs() > tt.off {
				t.Errorf("behind %v, want %v", got, tt.want)
			}
		})
	}
}

// at is a Date as a clock says that is off.
func at(off time.Duration) func() string {
	return func() string { return time.Now().Add(off).UTC().Format(http.TimeFormat) }
}
