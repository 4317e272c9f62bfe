package server

import (
	"net"
	"net/http"
	"strings"
)

// onlyHosts refuses requests that were sent to another name than ours, which
// is how a page of a stranger reaches a server on loopback (DNS rebinding).
func onlyHosts(next http.Handler, host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Host, host) && !(loopback(named(r.Host)) && fromLoopback(r)) {
			http.Error(w, notOurs, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

const notOurs = "this server does not go by that name"

// OnlyInside refuses requests that were sent to a name which a stranger can
// have: it is for a port that addr opens for those who run the server. Addresses,
// names without a dot, names of private networks and that of addr are theirs.
func OnlyInside(next http.Handler, addr string) http.Handler {
	own := named(addr)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.ToLower(named(r.Host))
		inside := net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.EqualFold(name, own) ||
			strings.HasSuffix(name, ".local") || strings.HasSuffix(name, ".internal")
		if !inside {
			http.Error(w, notOurs, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// named is host of host:port, or of host alone.
func named(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return strings.Trim(address, "[]")
}

func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && loopback(host)
}
