package auth

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// jwt is a signed token whose signature is not checked yet.
type jwt struct {
	alg, typ, kid string
	claims        claims
	jws           *jose.JSONWebSignature
}

// isJWT tells tokens that carry their own claims from opaque ones.
func isJWT(token string) bool {
	head, _, ok := strings.Cut(token, ".")
	if !ok || strings.Count(token, ".") != 2 {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(head)
	return err == nil && len(raw) > 0 && raw[0] == '{'
}

// parseJWT reads a token with one of the algorithms that need a private key.
// The json package of go-jose is used for its strictness: names in their exact
// case, and none twice.
func parseJWT(token string) (*jwt, error) {
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return nil, invalid(ReasonMalformed)
	}
	var fields map[string]any
	if json.Unmarshal(raw, &fields) != nil {
		return nil, invalid(ReasonMalformed)
	}
	h := claims(fields)
	t := &jwt{alg: h.text("alg"), typ: h.text("typ"), kid: h.text("kid")}
	if _, critical := fields["crit"]; critical {
		return nil, invalid(ReasonCritical)
	}
	if !slices.Contains(algorithms(), jose.SignatureAlgorithm(t.alg)) {
		return nil, invalid(ReasonAlgorithm)
	}
	if t.jws, err = jose.ParseSignedCompact(token, algorithms()); err != nil {
		return nil, invalid(ReasonMalformed)
	}
	if json.Unmarshal(t.jws.UnsafePayloadWithoutVerification(), &t.claims) != nil || t.claims == nil {
		return nil, invalid(ReasonMalformed)
	}
	return t, nil
}

// checkType accepts what may call itself an access token (RFC 9068).
func (t *jwt) checkType() error {
	typ := strings.TrimPrefix(strings.ToLower(t.typ), "application/")
	if !slices.Contains([]string{"", "jwt", "at+jwt"}, typ) {
		return invalid(ReasonType)
	}
	return nil
}
