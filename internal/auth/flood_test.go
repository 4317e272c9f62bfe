package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

// slowEndpoint is an introspection endpoint that answers when it is told to.
type slowEndpoint struct {
	asked chan string   // the token of each request, as it comes
	next  chan struct{} // closed: all at once
}

func (e *slowEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := r.PostFormValue("token")
	e.asked <- token
	<-e.next
	if strings.HasPrefix(token, "good") {
		_, _ = w.Write([]byte(`{"active":true,"sub":"user_1","aud":"` + resource + `"}`))
		return
	}
	_, _ = w.Write([]byte(`{"active":false}`))
}

func newSlowWorld(t *testing.T) (*world, *slowEndpoint) {
	e := &slowEndpoint{asked: make(chan string, 20_000), next: make(chan struct{}, 10_000)}
	return newOpaqueWorld(t, func(c *auth.Config) { c.HTTP.Transport = authtest.Hosts{"issuer.test": e} }), e
}

// Strangers with tokens of their own making stand in nobody's way: neither in
// that of a token that is new, nor in that of one that was accepted before.
func TestIntrospectionFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newSlowWorld(t)
		e.next <- struct{}{}
		w.accept(t, "good-known")
		var group sync.WaitGroup
		verify := func(token string, want error) {
			group.Go(func() {
				if _, err := w.v.Verify(t.Context(), token); !errors.Is(err, want) {
					t.Errorf("%s: %v", token, err)
				}
			})
			synctest.Wait()
		}
		for i := range 200 {
			verify(fmt.Sprint("stranger-", i), auth.ErrInvalidToken)
		}
		if n := len(e.asked); n != 1+8 {
			t.Errorf("%d questions at once", n-1)
		}
		for range 9 {
			<-e.asked
		}
		verify("good-new", nil)
		if len(e.asked) != 0 {
			t.Error("tokens that are not known take what is kept for the others")
		}
		e.next <- struct{}{}
		if token := <-e.asked; token != "good-new" {
			t.Errorf("of those that wait, the next is %s", token)
		}
		w.clock.advance(31 * time.Second)
		verify("good-known", nil)
		if token := <-e.asked; token != "good-known" {
			t.Errorf("with the endpoint full of strangers, the next is %s", token)
		}
		close(e.next)
		group.Wait()
	})
}

// Who waits longest goes, once there are too many.
func TestIntrospectionQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, e := newSlowWorld(t)
		var refused atomic.Int64
		var group sync.WaitGroup
		for i := range 1300 {
			group.Go(func() {
				if _, err := w.v.Verify(t.Context(), fmt.Sprint("stranger-", i)); errors.Is(err, auth.ErrUnavailable) {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if n := refused.Load(); n != 1300-1008 {
			t.Errorf("%d of 1300 were sent away", n)
		}
		close(e.next)
		group.Wait()
	})
}

// However many tokens are refused, what was accepted is not forgotten.
func TestRefusalsPushNothingOut(t *testing.T) {
	t.Parallel()
	w, e := newSlowWorld(t)
	close(e.next)
	w.accept(t, "good")
	for i := range 10_500 {
		if _, err := w.v.Verify(t.Context(), fmt.Sprint("stranger-", i)); !errors.Is(err, auth.ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	asked := len(e.asked)
	w.accept(t, "good")
	if len(e.asked) != asked {
		t.Error("it is asked about again")
	}
}

// What cannot be a token never reaches the issuer.
func TestIntrospectionOfNonsense(t *testing.T) {
	t.Parallel()
	w, e := newSlowWorld(t)
	for _, token := range []string{"=", "===", "a=b", "with space", "a\nb", "\x00", "naïve", "a&token=b", "<a>", strings.Repeat("x", 17<<10)} {
		if _, err := w.v.Verify(t.Context(), token); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("%.20q: %v", token, err)
		}
	}
	if len(e.asked) > 0 {
		t.Errorf("asked for %q", <-e.asked)
	}
}
