package fake

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// widgetLife is how long a widget token is good for.
const widgetLife = time.Hour

// widget is whom a widget token speaks for.
type widget struct {
	user, organization string
	until              time.Time
}

// AllowOrigin lets pages of an origin show widgets, as the dashboard does.
func (s *Server) AllowOrigin(origin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.origins = append(s.origins, origin)
}

// widgetToken answers with a token of three parts, because the widgets read the
// one in the middle. Nothing signs it.
func (s *Server) widgetToken(w http.ResponseWriter, r *http.Request) {
	var q struct {
		User         string   `json:"user_id"`
		Organization string   `json:"organization_id"`
		Scopes       []string `json:"scopes"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.User == "" && q.Organization == "" {
		send(w, http.StatusBadRequest, map[string]any{"message": []string{"user_id must be a string"}, "error": "Bad Request"})
		return
	}
	if q.User != "" && !s.known(w, q.User, q.Organization) {
		return
	}
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	until := time.Now().Add(widgetLife)
	claims := map[string]any{
		"iss": "fake", "sub": q.User, "org_id": q.Organization, "sid": s.id("session"),
		"permissions": append([]string{}, q.Scopes...), "exp": until.Unix(),
	}
	token := part(map[string]string{"alg": "none", "typ": "JWT"}) + "." + part(claims) + "." + part(secret())
	s.widgets[token] = widget{q.User, q.Organization, until}
	send(w, http.StatusCreated, map[string]string{"token": token})
}

// share lets a page of an allowed origin read the answer.
func (s *Server) share(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	if from := r.Header.Get("Origin"); slices.Contains(s.origins, from) {
		w.Header().Set("Access-Control-Allow-Origin", from)
	}
}

// preflight is the question of a browser whether a page may ask.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	s.share(w, r)
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type, workos-widgets-version, workos-widgets-type, x-elevated-access-token")
	w.WriteHeader(http.StatusNoContent)
}

// forWidget serves a call of a widget on behalf of whom its token speaks for.
func (s *Server) forWidget(h func(http.ResponseWriter, *http.Request, widget)) http.HandlerFunc {
	return s.locked(func(w http.ResponseWriter, r *http.Request) {
		s.share(w, r)
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		who, ok := s.widgets[token]
		switch {
		case !ok:
			fail(w, http.StatusUnauthorized, "", "Unauthorized")
		case time.Now().After(who.until):
			fail(w, http.StatusForbidden, "", "The widget token has expired.")
		case r.Header.Get("WorkOS-Widgets-Version") != "1":
			fail(w, http.StatusBadRequest, "", "WorkOS-Widgets-Version must be 1.")
		default:
			h(w, r, who)
		}
	})
}

func (s *Server) settings(w http.ResponseWriter, r *http.Request, _ widget) {
	send(w, http.StatusOK, map[string]any{
		"object": "settings", "authkitOrigin": origin(r), "teamName": "Acme",
		"logoDarkIconPath": nil, "logoDarkPath": nil, "logoLightIconPath": nil, "logoLightPath": nil,
	})
}

// mine are the providers, with the accounts that the user connected.
func (s *Server) mine(w http.ResponseWriter, _ *http.Request, who widget) {
	data := []map[string]any{}
	for slug := range s.slugs {
		p := map[string]any{
			"object": "data_integration", "id": "data_integration_" + slug, "name": title(slug), "description": nil,
			"slug": slug, "integrationType": slug, "ownership": "userland_user", "credentialsType": "shared", "scopes": nil,
			"authMethods": []string{"oauth"}, "configFields": []any{}, "config": map[string]any{}, "installation": nil,
			"createdAt": stamp(time.Unix(0, 0)), "updatedAt": stamp(time.Unix(0, 0)),
		}
		all := []map[string]any{}
		for _, a := range s.owned(slug, who.user, who.organization) {
			if a.compatibility {
				p["installation"] = a.wire()
			}
			all = append(all, a.wire())
		}
		p["connected_accounts"] = all
		data = append(data, p)
	}
	slices.SortFunc(data, func(a, b map[string]any) int { return strings.Compare(a["slug"].(string), b["slug"].(string)) })
	send(w, http.StatusOK, map[string]any{"data": data})
}

func (s *Server) widgetAuthorize(w http.ResponseWriter, r *http.Request, who widget) {
	slug := r.PathValue("slug")
	var q struct {
		RequireHandoff bool `json:"requireHandoff"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, "", "The body is no JSON.")
		return
	}
	if !s.slugs[slug] {
		fail(w, http.StatusNotFound, "entity_not_found", "Data integration not found: '"+slug+"'.")
		return
	}
	a := authorization{Account: Account{Slug: slug, User: who.user, Organization: who.organization}, redirect: secret()}
	answer := map[string]string{"redirectToken": a.redirect}
	if q.RequireHandoff {
		a.handoff = secret()
		answer["handoffToken"] = a.handoff
	}
	answer["url"] = origin(r) + "/data-integrations/" + s.begin(a) + "/authorize-redirect"
	send(w, http.StatusOK, answer)
}

func (s *Server) widgetDelete(w http.ResponseWriter, r *http.Request, who widget) {
	i := slices.IndexFunc(s.accounts, func(a *account) bool {
		return a.id == r.PathValue("id") && a.User == who.user && a.Organization == who.organization
	})
	if i < 0 {
		fail(w, http.StatusNotFound, "entity_not_found", "Connected account not found.")
		return
	}
	s.remove(s.accounts[i])
	send(w, http.StatusOK, map[string]bool{"success": true})
}

// title is a slug as people write it.
func title(slug string) string { return strings.ToUpper(slug[:1]) + slug[1:] }
