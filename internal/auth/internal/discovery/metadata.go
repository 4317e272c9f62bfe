package discovery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Metadata is what this server uses of an issuer's metadata (RFC 8414 and
// OpenID Connect Discovery).
type Metadata struct {
	Issuer           string   `json:"issuer"`
	JWKS             string   `json:"jwks_uri"`
	Authorize        string   `json:"authorization_endpoint"`
	Token            string   `json:"token_endpoint"`
	TokenAuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	// NamesItself is true where every authorization response has an iss
	// parameter (RFC 9207).
	NamesItself bool `json:"authorization_response_iss_parameter_supported"`
}

// discover returns the first document among the well-known places that
// belongs to the issuer and names its keys.
func discover(ctx context.Context, client *http.Client, issuer string) (Metadata, error) {
	var failed error
	for _, at := range wellKnown(issuer) {
		var m Metadata
		err := get(ctx, client, at, &m)
		if err == nil {
			err = m.check(issuer)
		}
		if err == nil {
			return m, nil
		}
		failed = errors.Join(failed, err)
	}
	return Metadata{}, fmt.Errorf("discover %s: %w", issuer, failed)
}

// wellKnown lists where the metadata may be, in the order of MCP's
// authorization specification.
func wellKnown(issuer string) []string {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	origin := u.Scheme + "://" + u.Host
	places := []string{
		origin + "/.well-known/oauth-authorization-server" + path,
		origin + "/.well-known/openid-configuration" + path,
	}
	if path != "" {
		places = append(places, origin+path+"/.well-known/openid-configuration")
	}
	return places
}

func (m Metadata) check(issuer string) error {
	if m.Issuer != issuer {
		return errors.New("the document is that of another issuer")
	}
	if m.JWKS == "" {
		return errors.New("the document names no jwks_uri")
	}
	for _, at := range []string{m.JWKS, m.Authorize, m.Token} {
		if at == "" {
			continue
		}
		if u, err := url.Parse(at); err != nil || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
			return errors.New("the document names an endpoint without https")
		}
	}
	return nil
}
