package auth_test

import (
	"errors"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

// FuzzVerify: no token that the issuer did not make is accepted, and none
// makes trouble.
func FuzzVerify(f *testing.F) {
	issuer := authtest.New(authtest.Config{})
	v, err := auth.New(auth.Config{Resource: resource, Issuers: []auth.Issuer{{URL: issuer.URL()}}, HTTP: issuer.Client()})
	if err != nil {
		f.Fatal(err)
	}
	good := issuer.Unsigned(resource, nil)
	f.Add(good.String())
	good.Header["alg"], good.Key = "none", nil
	f.Add(good.String())
	f.Add("a.b.c")
	f.Add("e30.e30.")
	f.Add("opaque")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := v.Verify(t.Context(), token)
		if err == nil {
			if p.Subject.User != "user_1" {
				t.Errorf("a subject that the issuer never named: %v", p.Subject)
			}
			return
		}
		if !errors.Is(err, auth.ErrInvalidToken) && !errors.Is(err, auth.ErrNoToken) {
			t.Errorf("the error %v has no category", err)
		}
	})
}
