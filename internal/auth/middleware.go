package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// BearerToken returns the token of a request. The error is ErrNoToken, or an
// ErrInvalidToken for a request that is ambiguous or has a token in its URL,
// where logs and histories would keep it.
func BearerToken(r *http.Request) (string, error) {
	if inQuery(r.URL.RawQuery) {
		return "", invalid(ReasonInQuery)
	}
	switch values := r.Header.Values("Authorization"); len(values) {
	case 0:
		return "", ErrNoToken
	case 1:
		return parseBearer(values[0])
	}
	return "", invalid(ReasonMalformed)
}

// parseBearer reads the credentials of RFC 6750, 2.1. Other schemes are no
// token.
func parseBearer(value string) (string, error) {
	scheme, token, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", ErrNoToken
	}
	token = strings.Trim(token, " ")
	switch {
	case token == "":
		return "", ErrNoToken
	case len(token) > maxToken:
		return "", invalid(ReasonTooLong)
	case strings.IndexFunc(token, notInToken) >= 0:
		return "", invalid(ReasonMalformed)
	}
	return token, nil
}

// notInToken tells the characters that RFC 6750 does not allow in a token.
func notInToken(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-._~+/=", r)
}

// inQuery is deliberately blind to the rest of the query, which may be broken.
func inQuery(query string) bool {
	for part := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if strings.EqualFold(name, "access_token") {
			return true
		}
	}
	return false
}

// Ask says which scopes a client that has to get a token should ask for, which
// may be more than a request with a token needs.
type Ask func(*http.Request) []string

// Require lets those in whose token is accepted and has the scopes, and
// challenges all others. The challenge to get a token names what ask says, or
// the scopes where ask is nil. What comes behind it finds the Principal with
// FromContext, and the request without the token.
func (v *Verifier) Require(next http.Handler, ask Ask, scopes ...string) http.Handler {
	if ask == nil {
		ask = func(*http.Request) []string { return scopes }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := v.bearer(r)
		if err == nil {
			err = p.Require(scopes...)
		}
		if err != nil {
			v.Challenge(w, err, ask(r)...)
			return
		}
		in := r.WithContext(withPrincipal(r.Context(), p))
		in.Header = r.Header.Clone()
		in.Header.Del("Authorization")
		next.ServeHTTP(w, in)
	})
}

// bearer says who sends a request.
func (v *Verifier) bearer(r *http.Request) (Principal, error) {
	token, err := BearerToken(r)
	if err != nil {
		return Principal{}, err
	}
	return v.Verify(r.Context(), token)
}
