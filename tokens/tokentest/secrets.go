package tokentest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/mcp-notion/mcp-notion/tokens"
)

// twoPeople asks for both at once, many times, while one of them changes.
func twoPeople(t *testing.T, h Harness) {
	if h.Yours == (tokens.Connection{}) {
		return
	}
	h.Grant(h.Mine, "ntn_mine_0")
	h.Grant(h.Yours, "ntn_yours_0")
	ask := func(c tokens.Connection, prefix string) {
		for range 20 {
			got, err := h.token(t, c)
			if err != nil || !strings.HasPrefix(got, prefix) {
				t.Errorf("got %q, %v, want a token that begins with %s", got, err, prefix)
			}
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { ask(h.Mine, "ntn_mine") })
		wg.Go(func() { ask(h.Yours, "ntn_yours") })
	}
	wg.Go(func() {
		for i := range 20 {
			h.Grant(h.Mine, fmt.Sprintf("ntn_mine_%d", i))
		}
	})
	wg.Wait()
}

func connectURL(t *testing.T, h Harness) {
	link, err := h.Broker.ConnectURL(h.As(t.Context(), h.Mine), h.Mine)
	if err != nil || strings.TrimSpace(link) == "" {
		t.Errorf("not connected: got %q, %v, want where to connect", link, err)
	}
	h.Grant(h.Mine, "ntn_granted_before")
	again, err := h.Broker.ConnectURL(h.As(t.Context(), h.Mine), h.Mine)
	if err != nil || strings.TrimSpace(again) == "" {
		t.Errorf("connected: got %q, %v, want where to connect again", again, err)
	}
	h.mustHide(t, "a link", link+again, "ntn_granted_before")
	if h.Hang == nil {
		return
	}
	h.Hang()
	ctx, cancel := context.WithCancel(h.As(t.Context(), h.Mine))
	cancel()
	if link, err := h.Broker.ConnectURL(ctx, h.Mine); link != "" || err == nil {
		t.Errorf("cancelled: got %q, %v, want an error", link, err)
	}
}

func (h Harness) mustHide(t *testing.T, where, text string, more ...string) {
	t.Helper()
	for _, s := range append(more, h.Secrets...) {
		if strings.Contains(text, s) {
			t.Errorf("%s shows the secret %s: %s", where, s, text)
		}
	}
}

// secrets looks at everything that a broker can show, in good times and bad.
func secrets(t *testing.T, h Harness) {
	h.Grant(h.Mine, "ntn_sEcret42")
	h.lookFor(t, "ntn_sEcret42")
	for _, spoil := range []func(){h.Confuse, h.Break} {
		if spoil != nil {
			spoil()
			h.lookFor(t, "ntn_sEcret42")
		}
	}
}

func (h Harness) lookFor(t *testing.T, secret string) {
	t.Helper()
	ctx := h.As(t.Context(), h.Mine)
	tok, tokErr := h.Broker.Token(ctx, h.Mine)
	_, urlErr := h.Broker.ConnectURL(ctx, h.Mine)
	if l := h.Broker.Lister; l != nil {
		_, err := l.Connections(ctx, h.Mine.Subject)
		urlErr = errors.Join(urlErr, err)
	}
	var log strings.Builder
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("broker", "broker", h.Broker.Broker, "token", tok, "err", tokErr, "url", urlErr)
	}
	marshalled, _ := json.Marshal(h.Broker.Broker)
	shown := map[string]string{
		"%v":        fmt.Sprintf("%v %v", h.Broker.Broker, tok),
		"%+v":       fmt.Sprintf("%+v %+v", h.Broker.Broker, tok),
		"%#v":       fmt.Sprintf("%#v %#v", h.Broker.Broker, tok),
		"the error": fmt.Sprintf("%v %+v %#v / %v %+v %#v", tokErr, tokErr, tokErr, urlErr, urlErr, urlErr),
		"a log":     log.String(),
		"JSON":      string(marshalled),
		"a context": fmt.Sprintf("%v %+v", ctx, ctx),
	}
	for where, text := range shown {
		h.mustHide(t, where, text, secret)
	}
}
