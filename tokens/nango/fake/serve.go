package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// public is a connection as Nango shows it in lists.
func (c *Connection) public() map[string]any {
	errs := []map[string]string{}
	if c.Invalid != 0 {
		errs = append(errs, map[string]string{"type": "auth", "log_id": "log_1"})
	}
	tags := c.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	return map[string]any{
		"id": 1, "connection_id": c.ID, "provider_config_key": c.Integration, "provider": "notion",
		"created": c.created.UTC().Format(time.RFC3339), "metadata": nil, "tags": tags, "errors": errs, "end_user": nil,
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	all := []map[string]any{}
	for _, c := range s.all {
		if c.matches(query) {
			all = append(all, c.public())
		}
	}
	send(w, http.StatusOK, map[string]any{"connections": all})
}

func (c *Connection) matches(query url.Values) bool {
	for k := range query {
		tag, ok := strings.CutPrefix(k, "tags[")
		if ok && c.Tags[strings.TrimSuffix(tag, "]")] != query.Get(k) {
			return false
		}
	}
	ids := query.Get("integrationId")
	return ids == "" || slices.Contains(strings.Split(ids, ","), c.Integration)
}

// named is the connection of a request, or nil after an answer was given.
func (s *Server) named(w http.ResponseWriter, r *http.Request, status int, code string) *Connection {
	integration := r.URL.Query().Get("provider_config_key")
	if integration == "" {
		fail(w, http.StatusBadRequest, "invalid_query_params", nil)
		return nil
	}
	for _, c := range s.all {
		if c.ID == r.PathValue("id") && c.Integration == integration {
			return c
		}
	}
	fail(w, status, code, nil)
	return nil
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	c := s.named(w, r, http.StatusNotFound, "not_found")
	if c == nil {
		return
	}
	force := r.URL.Query().Get("force_refresh") == "true"
	if s.withhold && force {
		fail(w, http.StatusForbidden, "forbidden", nil)
		return
	}
	if c.Invalid != 0 {
		fail(w, c.Invalid, "invalid_credentials", map[string]any{"connection": c.public()})
		return
	}
	if force && c.Refreshed != "" {
		c.Secret = c.Refreshed
	}
	full := c.public()
	delete(full, "created")
	full["created_at"], full["updated_at"], full["last_fetched_at"] = stamp(c.created), stamp(c.created), stamp(time.Now())
	full["connection_config"] = map[string]string{"workspace_id": "w"}
	if !s.withhold {
		credentials := map[string]any{"type": "OAUTH2", "access_token": c.Secret, "raw": map[string]string{"access_token": c.Secret, "token_type": "bearer"}}
		if !c.Expires.IsZero() {
			credentials["expires_at"] = stamp(c.Expires)
		}
		full["credentials"] = credentials
	}
	send(w, http.StatusOK, full)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	if c := s.named(w, r, http.StatusBadRequest, "unknown_connection"); c != nil {
		s.all = slices.DeleteFunc(s.all, func(x *Connection) bool { return x == c })
		send(w, http.StatusOK, map[string]bool{"success": true})
	}
}

func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Tags    map[string]string `json:"tags"`
		Allowed []string          `json:"allowed_integrations"`
	}
	if json.NewDecoder(r.Body).Decode(&q) != nil || len(q.Tags) > 10 || len(q.Allowed) != 1 {
		fail(w, http.StatusBadRequest, "invalid_body", nil)
		return
	}
	s.open(w, r, &Connection{Integration: q.Allowed[0], Tags: q.Tags})
}

func (s *Server) reconnect(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID          string            `json:"connection_id"`
		Integration string            `json:"integration_id"`
		Tags        map[string]string `json:"tags"`
	}
	err := json.NewDecoder(r.Body).Decode(&q)
	known := slices.ContainsFunc(s.all, func(c *Connection) bool { return c.ID == q.ID && c.Integration == q.Integration })
	if err != nil || !known {
		fail(w, http.StatusBadRequest, "invalid_body", nil)
		return
	}
	s.open(w, r, &Connection{ID: q.ID, Integration: q.Integration, Tags: q.Tags})
}

func (s *Server) open(w http.ResponseWriter, r *http.Request, c *Connection) {
	s.serial++
	token := fmt.Sprintf("nango_connect_session_%032d", s.serial)
	s.sessions[token] = c
	send(w, http.StatusCreated, map[string]any{"data": map[string]string{
		"token": token, "connect_link": "http://" + r.Host + "/visit/" + token, "expires_at": stamp(time.Now().Add(30 * time.Minute)),
	}})
}

// visit is what a browser sees: consent is given at once, and the link is used
// up.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) {
	c, ok := s.sessions[r.PathValue("session")]
	if !ok {
		http.Error(w, "This link has been used, or never was one.", http.StatusBadRequest)
		return
	}
	delete(s.sessions, r.PathValue("session"))
	c.Secret = s.grant(c.Tags)
	s.connect(*c)
	io.WriteString(w, "Notion is connected. You can close this page.")
}
