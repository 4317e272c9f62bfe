package auth_test

import (
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Anybody can begin a sign-in and make up codes. What the issuer is asked then is
// bounded, for one sign-in and for all; who has a real code still gets in.
func TestLoginTriesFewCodes(t *testing.T) {
	t.Parallel()
	a := newApp(t, nil)
	asked := func() int { return a.issuer.Requests("/token") }
	b := a.newBrowser(t)
	state := b.callback(t).Query().Get("state")
	for i := range 20 {
		b.open(t, callbackURL+"?code=made-up&iss="+url.QueryEscape(a.issuer.URL())+"&state="+state)
		want := auth.ErrDenied
		if i >= 3 {
			want = auth.ErrTooMany
		}
		if _, _, err := a.outcome(); !errors.Is(err, want) {
			t.Errorf("try %d: %v", i+1, err)
		}
	}
	if asked() != 3 {
		t.Errorf("one sign-in made %d requests", asked())
	}
	for range 200 {
		b := a.newBrowser(t)
		b.open(t, callbackURL+"?code=made-up&iss="+url.QueryEscape(a.issuer.URL())+"&state="+b.callback(t).Query().Get("state"))
	}
	if asked() > 50 {
		t.Errorf("%d requests at once", asked())
	}
	a.clock.advance(time.Second)
	b = a.newBrowser(t)
	b.open(t, b.callback(t).String())
	if who, _, err := a.outcome(); err != nil || who.User != "user_1" {
		t.Errorf("a second later: %+v, %v", who, err)
	}
}

// Sign-ins that come to nothing cost no memory and no file: anybody can begin
// one, and where too much was used nobody is signed in any more.
func TestLoginSpendsNothingInVain(t *testing.T) {
	t.Parallel()
	spent := t.TempDir()
	a := newApp(t, func(c *auth.LoginConfig) {
		var err error
		if c.Sealer, err = auth.NewSealer(auth.SealerConfig{Now: c.Now, Spent: spent}); err != nil {
			t.Fatal(err)
		}
	})
	used := func() int {
		files, err := os.ReadDir(spent)
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	b := a.newBrowser(t)
	u := b.callback(t)
	for _, wrong := range []string{"code=made-up", "error=access_denied", ""} {
		b.open(t, callbackURL+"?"+wrong+"&iss="+url.QueryEscape(a.issuer.URL())+"&state="+u.Query().Get("state"))
		if _, _, err := a.outcome(); !errors.Is(err, auth.ErrDenied) || used() != 0 {
			t.Errorf("%q: %v, %d used", wrong, err, used())
		}
	}
	b.open(t, u.String())
	if who, _, err := a.outcome(); err != nil || who.User != "user_1" || used() != 1 {
		t.Errorf("signed in %+v: %v, %d used", who, err, used())
	}
}
