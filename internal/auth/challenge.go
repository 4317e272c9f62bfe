package auth

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// retryAfter is what clients are told when an issuer cannot be reached, in
// seconds. It is about how often it is tried.
const retryAfter = "20"

// problem is an answer to a request that is not let in.
type problem struct {
	status      int
	code        string // of RFC 6750, or empty where the caller said nothing
	description string
	scopes      []string
}

func problemOf(err error, needed []string) problem {
	var token *InvalidTokenError
	var scope *ScopeError
	switch {
	case errors.As(err, &token):
		return problem{http.StatusUnauthorized, "invalid_token", "The access token is refused: " + string(token.Reason), needed}
	case errors.As(err, &scope):
		return problem{http.StatusForbidden, "insufficient_scope", "The call needs more scopes than the token has", scope.Needed}
	case errors.Is(err, ErrInvalidToken):
		return problem{http.StatusUnauthorized, "invalid_token", "The access token is refused", needed}
	case errors.Is(err, ErrInsufficientScope):
		return problem{http.StatusForbidden, "insufficient_scope", "The call needs more scopes than the token has", needed}
	case errors.Is(err, ErrNoToken):
		return problem{http.StatusUnauthorized, "", "A bearer token is needed", needed}
	}
	return problem{http.StatusServiceUnavailable, "", "The token cannot be checked at the moment: try again", nil}
}

// Challenge answers a request that is not let in: 401 for a token that is
// missing or not accepted, 403 for one that is good for too little, and 503
// where it could not be found out (ErrUnavailable and all that is unknown).
// needed are the scopes that a client should ask for. Nothing of err but its
// category is shown.
func (v *Verifier) Challenge(w http.ResponseWriter, err error, needed ...string) {
	p := problemOf(err, needed)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json")
	if p.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", retryAfter)
	} else {
		h.Set("WWW-Authenticate", v.authenticate(p))
	}
	w.WriteHeader(p.status)
	body := map[string]string{"error_description": p.description}
	if p.code != "" {
		body["error"] = p.code
	}
	// An error here means that the client has gone.
	_ = json.NewEncoder(w).Encode(body)
}

// authenticate is the value of WWW-Authenticate (RFC 6750, RFC 9728).
func (v *Verifier) authenticate(p problem) string {
	var params []string
	add := func(name, value string) {
		if value != "" {
			params = append(params, name+`="`+quotable(value)+`"`)
		}
	}
	add("resource_metadata", v.metadataURL())
	add("error", p.code)
	if p.code != "" {
		add("error_description", p.description)
	}
	add("scope", strings.Join(p.scopes, " "))
	if len(params) == 0 {
		return "Bearer"
	}
	return "Bearer " + strings.Join(params, ", ")
}

// quotable drops what would end a quoted string or a header.
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}
