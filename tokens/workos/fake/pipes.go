package fake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// routes are those that the API key opens.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /data-integrations/{slug}/token", s.locked(s.token))
	mux.HandleFunc("POST /data-integrations/{slug}/authorize", s.locked(s.startAuthorize))
	for _, owner := range []string{"/user_management/users/{user}", "/organizations/{organization}"} {
		mux.HandleFunc("GET "+owner+"/connected_accounts/{slug}", s.locked(s.getAccount))
		mux.HandleFunc("DELETE "+owner+"/connected_accounts/{slug}", s.locked(s.deleteAccount))
		mux.HandleFunc("GET "+owner+"/data_providers", s.locked(s.listProviders))
	}
	mux.HandleFunc("POST /widgets/token", s.locked(s.widgetToken))
	mux.HandleFunc("POST /user_management/authenticate", s.locked(s.authenticate))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		send(w, http.StatusNotFound, map[string]any{"message": "Cannot " + r.Method + " " + r.URL.Path, "error": "Not Found", "statusCode": 404})
	})
	return mux
}

func (s *Server) locked(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		h(w, r)
	}
}

// ask is the body of both questions about a provider.
type ask struct {
	User         string `json:"user_id"`
	Organization string `json:"organization_id"`
	Account      string `json:"connected_account_id"`
	Owner        string `json:"connection_owner"`
	Several      bool   `json:"supports_multiple_connections"`
	ReturnTo     string `json:"return_to"`
}

// readAsk answers itself, and reports false, if the question cannot be answered.
func (s *Server) readAsk(w http.ResponseWriter, r *http.Request) (ask, bool) {
	var a ask
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil || a.User == "" {
		send(w, http.StatusUnprocessableEntity, map[string]any{
			"code": "invalid_request_parameters", "message": "Validation failed.",
			"errors": []map[string]string{{"code": "user_id_required", "message": "user_id must be a string"}},
		})
		return a, false
	}
	if a.Owner == "organization" && a.Organization == "" {
		fail(w, http.StatusBadRequest, "organization_required", "organization_id is required when connection_owner is organization.")
		return a, false
	}
	if !s.slugs[r.PathValue("slug")] {
		fail(w, http.StatusNotFound, "entity_not_found", "Data integration not found: '"+r.PathValue("slug")+"'.")
		return a, false
	}
	return a, s.known(w, a.User, a.Organization)
}

// known answers itself, and reports false, if there is no such user, or they are
// no member of the organization.
func (s *Server) known(w http.ResponseWriter, user, organization string) bool {
	organizations, ok := s.users[user]
	switch {
	case !ok:
		fail(w, http.StatusNotFound, "entity_not_found", "User not found: '"+user+"'.")
	case organization != "" && !slices.Contains(organizations, organization):
		fail(w, http.StatusForbidden, "organization_membership_required", "User is not an active member of '"+organization+"'.")
	default:
		return true
	}
	return false
}

func (a ask) owner() (user, organization string) {
	if a.Owner == "organization" {
		return "", a.Organization
	}
	return a.User, a.Organization
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	a, ok := s.readAsk(w, r)
	if !ok {
		return
	}
	slug := r.PathValue("slug")
	user, organization := a.owner()
	if a.Several && a.Account == "" && len(s.owned(slug, user, organization)) > 1 {
		fail(w, http.StatusConflict, "account_selection_required", "Several connected accounts match.")
		return
	}
	if a.Account != "" && s.find(slug, user, organization, a.Account) == nil {
		fail(w, http.StatusNotFound, "entity_not_found", "Connected account not found: '"+a.Account+"'.")
		return
	}
	x := s.find(slug, user, organization, a.Account)
	switch {
	case s.unknown != "":
		inactive(w, s.unknown)
	case x == nil:
		inactive(w, "not_installed")
	case x.State == NeedsReauthorization:
		inactive(w, "needs_reauthorization")
	case x.AuthMethod != "oauth":
		fail(w, http.StatusUnprocessableEntity, "auth_method_mismatch", "This installation uses "+x.AuthMethod+" authentication. Use the POST /:slug/credentials endpoint instead.")
	default:
		send(w, http.StatusOK, map[string]any{"active": true, "access_token": map[string]any{
			"object": "access_token", "access_token": x.Secret, "expires_at": stamp(x.Expires), "scopes": []string{}, "missing_scopes": []string{},
		}})
	}
}

func inactive(w http.ResponseWriter, name string) {
	send(w, http.StatusOK, map[string]any{"active": false, "error": name})
}

// stamp is a time as WorkOS writes it, or null.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (s *Server) startAuthorize(w http.ResponseWriter, r *http.Request) {
	a, ok := s.readAsk(w, r)
	if !ok {
		return
	}
	if u, err := url.Parse(a.ReturnTo); err != nil || a.ReturnTo != "" && u.Host == "" {
		fail(w, http.StatusBadRequest, "invalid_return_to", "return_to must be a URL.")
		return
	}
	user, organization := a.owner()
	name := s.begin(authorization{Account: Account{Slug: r.PathValue("slug"), User: user, Organization: organization}})
	link := origin(r) + "/data-integrations/" + name + "/authorize-redirect"
	if a.ReturnTo != "" {
		link += "?" + url.Values{"return_to": {a.ReturnTo}}.Encode()
	}
	send(w, http.StatusOK, map[string]string{"url": link})
}
