package fake

import (
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages/*.html
var pageFiles embed.FS

// webRoutes are those that a browser opens, for a person or for a widget.
func (s *Server) webRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /data-integrations/{name}/authorize-redirect", s.locked(s.visit))
	mux.HandleFunc("POST /data-integrations/{name}/handoff", s.locked(s.handOver))
	mux.HandleFunc("POST /data-integrations/{name}/consent", s.locked(s.consent))
	mux.HandleFunc("GET /pipes/redirecting", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, "redirecting.html", nil) })
	mux.HandleFunc("GET /user_management/authorize", s.locked(s.signInPage))
	mux.HandleFunc("POST /user_management/authorize", s.locked(s.signedIn))
	mux.HandleFunc("GET /user_management/sessions/logout", s.locked(s.signOut))
	mux.HandleFunc("GET /sso/jwks/{client}", s.locked(s.keys))
	mux.HandleFunc("GET /_widgets/DataIntegrations/mine", s.forWidget(s.mine))
	mux.HandleFunc("GET /_widgets/settings", s.forWidget(s.settings))
	mux.HandleFunc("POST /_widgets/DataIntegrations/{slug}/authorize", s.forWidget(s.widgetAuthorize))
	mux.HandleFunc("DELETE /_widgets/DataIntegrations/installations/{id}", s.forWidget(s.widgetDelete))
	mux.HandleFunc("OPTIONS /_widgets/", s.locked(s.preflight))
	return mux
}

// show answers with a page.
func show(w http.ResponseWriter, status int, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	t, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/"+page)
	if err == nil {
		err = t.ExecuteTemplate(w, "layout.html", data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// refuse tells a person why it does not go on.
func refuse(w http.ResponseWriter, why string) { show(w, http.StatusBadRequest, "refused.html", why) }

// origin is this server as the browser sees it.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func secret() string { return rand.Text() }
