package auth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

const wellKnownResource = "/.well-known/oauth-protected-resource"

// resourceMetadata is the document of RFC 9728.
type resourceMetadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers,omitempty"`
	Scopes               []string `json:"scopes_supported"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	Name                 string   `json:"resource_name"`
}

// MetadataPaths returns where MetadataHandler belongs: the path form, which
// the challenges name, and the root form, which some clients guess. There is
// none where no issuer is configured (Static).
func (v *Verifier) MetadataPaths() []string {
	u, err := url.Parse(v.metadataURL())
	if err != nil || u.Path == "" {
		return nil
	}
	return slices.Compact([]string{u.EscapedPath(), wellKnownResource})
}

// MetadataHandler says which issuers clients are to ask for a token (RFC
// 9728). It is public and readable from any origin.
func (v *Verifier) MetadataHandler() http.Handler {
	doc := resourceMetadata{
		Resource: v.resource, AuthorizationServers: v.issuers, Scopes: Scopes(),
		BearerMethods: []string{"header"}, Name: "mcp-notion",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			h.Set("Content-Type", "application/json")
			h.Set("Cache-Control", "public, max-age=300")
			// An error here means that the client has gone.
			_ = json.NewEncoder(w).Encode(doc)
		case http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "MCP-Protocol-Version")
			w.WriteHeader(http.StatusNoContent)
		default:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}
