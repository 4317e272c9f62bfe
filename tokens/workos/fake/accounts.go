package fake

import (
	"net/http"
	"slices"
	"time"
)

// owner reads whose accounts a path speaks of. It answers itself, and reports
// false, if that is nobody known.
func (s *Server) owner(w http.ResponseWriter, r *http.Request) (user, organization string, ok bool) {
	if org := r.PathValue("organization"); org != "" {
		for _, organizations := range s.users {
			if slices.Contains(organizations, org) {
				return "", org, true
			}
		}
		fail(w, http.StatusNotFound, "entity_not_found", "Organization not found: '"+org+"'.")
		return "", "", false
	}
	user, organization = r.PathValue("user"), r.URL.Query().Get("organization_id")
	if _, known := s.users[user]; !known || organization != "" && !slices.Contains(s.users[user], organization) {
		fail(w, http.StatusNotFound, "entity_not_found", "User or organization not found.")
		return "", "", false
	}
	return user, organization, true
}

func (s *Server) account(w http.ResponseWriter, r *http.Request) *account {
	user, organization, ok := s.owner(w, r)
	if !ok {
		return nil
	}
	a := s.find(r.PathValue("slug"), user, organization, r.URL.Query().Get("connected_account_id"))
	if a == nil {
		fail(w, http.StatusNotFound, "entity_not_found", "Connected account not found.")
	}
	return a
}

func (s *Server) getAccount(w http.ResponseWriter, r *http.Request) {
	if a := s.account(w, r); a != nil {
		send(w, http.StatusOK, a.wire())
	}
}

func (s *Server) deleteAccount(w http.ResponseWriter, r *http.Request) {
	if a := s.account(w, r); a != nil {
		s.remove(a)
		w.WriteHeader(http.StatusNoContent)
	}
}

// remove makes the Server forget an account.
func (s *Server) remove(a *account) {
	s.accounts = slices.DeleteFunc(s.accounts, func(x *account) bool { return x == a })
	a.updated = now()
	s.tell(eventDisconnected, a, "disconnected")
}

func (a *account) wire() map[string]any {
	role := "standard"
	if a.compatibility {
		role = "compatibility"
	}
	return map[string]any{
		"object": "connected_account", "id": a.id, "connection_role": role,
		"account_identifier": null(a.Label), "account_display_name": null(a.Label),
		"user_id": null(a.User), "organization_id": null(a.Organization),
		"scopes": []string{}, "auth_method": a.AuthMethod, "api_key_last_4": nil, "state": a.State,
		"created_at": stamp(a.created), "updated_at": stamp(a.updated),
	}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Server) listProviders(w http.ResponseWriter, r *http.Request) {
	user, organization, ok := s.owner(w, r)
	if !ok {
		return
	}
	ownership, owner := "userland_user", "user"
	if user == "" {
		ownership, owner = "organization", "organization"
	}
	several := r.URL.Query().Get("supports_multiple_connections") == "true"
	data := []map[string]any{}
	for slug := range s.slugs {
		p := map[string]any{
			"object": "data_provider", "id": "data_integration_" + slug, "name": slug, "description": nil, "slug": slug,
			"integration_type": slug, "credentials_type": "shared", "scopes": nil, "auth_methods": []string{"oauth"},
			"connection_owner": owner, "ownership": ownership, "connected_account": nil,
			"created_at": stamp(time.Unix(0, 0)), "updated_at": stamp(time.Unix(0, 0)),
		}
		all := []map[string]any{}
		for _, a := range s.owned(slug, user, organization) {
			x := a.wire()
			x["userland_user_id"] = null(a.User)
			if a.compatibility {
				p["connected_account"] = x
			}
			if a.compatibility || several {
				all = append(all, x)
			}
		}
		p["connected_accounts"] = all
		data = append(data, p)
	}
	slices.SortFunc(data, func(a, b map[string]any) int {
		if a["slug"].(string) < b["slug"].(string) {
			return -1
		}
		return 1
	})
	send(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}
