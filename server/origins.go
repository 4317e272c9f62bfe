package server

import (
	"net/http"
	"slices"
	"strings"
)

// What browser pages of other origins may send and read. Which origins those
// are is configuration, and there are none by default.
const (
	pagesMaySend = "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id"
	pagesMayRead = "WWW-Authenticate, Retry-After, Mcp-Session-Id"
)

// forPages lets browser pages of certain origins read answers, and tells
// browsers so before they ask with a token. What others may not send,
// http.CrossOriginProtection refuses.
func forPages(next http.Handler, origins []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !slices.ContainsFunc(origins, func(o string) bool { return strings.TrimSuffix(o, "/") == origin }) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Expose-Headers", pagesMayRead)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", http.MethodPost)
			h.Set("Access-Control-Allow-Headers", pagesMaySend)
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
