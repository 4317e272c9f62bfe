package tokens_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/tokens"
)

func TestTokenNeverPrints(t *testing.T) {
	t.Parallel()
	const secret = "ntn_very_secret"
	tok := tokens.NewToken(secret, time.Time{})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", tok, "in", struct{ T tokens.Token }{tok})
	j, err := json.Marshal(map[string]any{"t": tok, "p": &tok})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{
		fmt.Sprint(tok), fmt.Sprintf("%v %+v %#v %s %q", tok, tok, tok, tok, tok),
		fmt.Sprintf("%+v", struct{ T tokens.Token }{tok}), fmt.Sprintf("%+v %#v", struct{ t tokens.Token }{tok}, struct{ t *tokens.Token }{&tok}), fmt.Sprintf("%v", &tok), string(j), log.String(),
	}
	for _, s := range shown {
		if strings.Contains(s, "very_secret") {
			t.Errorf("the secret shows in %q", s)
		}
	}
	if tok.Reveal() != secret {
		t.Error("Reveal does not reveal")
	}
}
