package tokens_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

func TestConfigured(t *testing.T) {
	t.Parallel()
	all := map[tokens.Handle]bool{"work": false, "home": false, "handbook": true} // whether shared
	shared := func(s bool) bool { return s }
	for _, c := range []struct {
		organization string
		handle       tokens.Handle
		want         string
	}{
		{"", "work", ""},
		{"", "play", `there is no connection "play": you have "home", "work"`},
		{"org", "play", `there is no connection "play": you have "handbook", "home", "work"`},
	} {
		_, err := tokens.Configured(all, tokens.Connection{Subject: auth.Subject{User: "u", Organization: c.organization}, Handle: c.handle}, shared)
		if (err == nil) != (c.want == "") || err != nil && (err.Error() != c.want || !errors.Is(err, tokens.ErrNotConnected)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	many := &tokens.UnknownError{Handle: tokens.Handle(strings.Repeat("x", 1e5))}
	for i := range 1000 {
		many.Have = append(many.Have, tokens.Handle(fmt.Sprint("c", i)))
	}
	if s := many.Error(); len(s) > 400 || !strings.Contains(s, "980 more") {
		t.Errorf("%d bytes: %.400s", len(s), s)
	}
}
