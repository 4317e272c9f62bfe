package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
	"github.com/mcp-notion/mcp-notion/tokens/workos/fake"
)

// controls lets scripts make happen what people, the identity provider and
// WorkOS do of their own accord.
func (s *service) controls() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /user", control(func(u struct{ ID string }) any {
		s.pipes.AddUser(u.ID)
		s.idp.SetUser(authtest.User{ID: u.ID})
		return nil
	}))
	mux.HandleFunc("POST /token", control(func(c map[string]any) any {
		return s.idp.Mint(s.base+"/mcp", c)
	}))
	mux.HandleFunc("POST /workos/user", control(func(u struct {
		ID            string
		Organizations []string
	}) any {
		s.pipes.AddUser(u.ID, u.Organizations...)
		return nil
	}))
	mux.HandleFunc("POST /workos/account", control(func(a fake.Account) any { return s.pipes.Connect(a) }))
	mux.HandleFunc("POST /workos/another", control(func(a fake.Account) any { return s.pipes.ConnectAnother(a) }))
	mux.HandleFunc("POST /workos/state", control(func(a fake.Account) any {
		s.pipes.SetState(a.User, a.Organization, a.State)
		return nil
	}))
	mux.HandleFunc("POST /workos/webhook", control(func(e struct{ URL, Secret string }) any {
		s.pipes.AddWebhook(e.URL, e.Secret)
		return nil
	}))
	mux.HandleFunc("POST /workos/inactive", control(func(word string) any {
		s.pipes.AnswerInactive(word)
		return nil
	}))
	mux.HandleFunc("POST /workos/fault", control(func(f fake.Fault) any {
		s.pipes.Fail(f)
		return nil
	}))
	mux.HandleFunc("POST /workos/requests", control(func(struct{}) any { return s.pipes.Requests() }))
	return mux
}

// control answers a JSON body with what do makes of it.
func control[In any](do func(In) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, fmt.Sprintf("%s: %v", r.URL.Path, err), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(do(in)) // an error means that the script has gone
	}
}
