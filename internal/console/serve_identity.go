package console

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Identity says whose users are let in. The zero value lets in one user with a
// bearer token.
type Identity struct {
	Issuers     []string // OpenID or OAuth issuers
	Audience    string   // accepted in place of this server's URL
	UserClaim   string   // "" means sub
	OrgClaim    string   // "" means org_id
	JWKS        string   // where the keys of the one issuer are, if discovery shall not be asked
	GrantScopes []string // that every token of the issuers has, for issuers that cannot be taught ours

	IntrospectionURL    string // for opaque tokens of the first issuer
	IntrospectionClient string

	Backend       string // name of a backend that signs for its users
	BackendKey    string // file of its public key, PEM or JWK
	SubjectIssuer string // whose users these are; "" means the backend's own

	LoginClient string // client id with which people sign in to connect Notion
}

// issued says whether an issuer vouches for users.
func (i Identity) issued() bool { return len(i.Issuers) > 0 || i.Backend != "" }

// UserIssuer is who names the users that a broker knows.
func (i Identity) UserIssuer() string {
	switch {
	case i.SubjectIssuer != "":
		return i.SubjectIssuer
	case len(i.Issuers) > 0:
		return i.Issuers[0]
	}
	return i.Backend
}

func (i Identity) names() []string {
	all := slices.Clone(i.Issuers)
	if i.Backend != "" {
		all = append(all, i.Backend+" (backend)")
	}
	return all
}

// check finds settings that mean nothing without others.
func (i Identity) check() error {
	type need struct {
		set   bool
		flag  string
		there bool
		needs string
	}
	one := len(i.Issuers) > 0
	for _, n := range []need{
		{i.Audience != "", "--audience", one, "--issuer"},
		{i.UserClaim != "", "--user-claim", i.issued(), "--issuer"},
		{i.OrgClaim != "", "--org-claim", i.issued(), "--issuer"},
		{i.JWKS != "", "--jwks", len(i.Issuers) == 1, "just one --issuer"},
		{len(i.GrantScopes) > 0, "--grant-scopes", one, "--issuer"},
		{i.IntrospectionURL != "", "--introspection-url", one, "--issuer"},
		{i.IntrospectionURL != "", "--introspection-url", i.IntrospectionClient != "", "--introspection-client"},
		{i.IntrospectionClient != "", "--introspection-client", i.IntrospectionURL != "", "--introspection-url"},
		{i.Backend != "", "--backend-issuer", i.BackendKey != "", "--backend-key"},
		{i.BackendKey != "", "--backend-key", i.Backend != "", "--backend-issuer"},
		{i.SubjectIssuer != "", "--backend-subject-issuer", i.Backend != "", "--backend-issuer"},
		{i.LoginClient != "", "--login-client-id", one, "--issuer"},
	} {
		if n.set && !n.there {
			return &Usage{Problem: n.flag + " needs " + n.needs}
		}
	}
	for _, scope := range i.GrantScopes {
		if !slices.Contains(auth.Scopes(), scope) {
			return &Usage{Problem: fmt.Sprintf("--grant-scopes %q is not a scope of this server", scope), Hint: fmt.Sprintf("the scopes are %v", auth.Scopes())}
		}
	}
	return nil
}

// verifier is the configuration of who is let in, with secrets and keys read.
func (i Identity) verifier(c Config, resource string) (auth.Config, error) {
	ac := auth.Config{Resource: resource}
	for _, url := range i.Issuers {
		issuer := auth.Issuer{URL: url, UserClaim: i.UserClaim, OrgClaim: i.OrgClaim, JWKS: i.JWKS, Scopes: i.GrantScopes}
		if i.Audience != "" {
			issuer.Audiences = []string{i.Audience}
		}
		ac.Issuers = append(ac.Issuers, issuer)
	}
	if i.Backend != "" {
		keys, err := readKeys(i.BackendKey)
		if err != nil {
			return ac, err
		}
		ac.Issuers = append(ac.Issuers, auth.Issuer{
			URL: i.Backend, Keys: keys, Delegates: true, SubjectIssuer: i.SubjectIssuer, UserClaim: i.UserClaim, OrgClaim: i.OrgClaim,
		})
	}
	if i.IntrospectionURL == "" {
		return ac, nil
	}
	secret, err := c.secret(introspectionVariable)
	if err != nil {
		return ac, err
	}
	if secret.IsZero() {
		return ac, &Usage{Problem: "--introspection-url needs a client secret", Hint: "set " + introspectionVariable + " or " + introspectionVariable + "_FILE"}
	}
	ac.Introspection = auth.Introspection{URL: i.IntrospectionURL, ClientID: i.IntrospectionClient, ClientSecret: secret, Issuer: i.Issuers[0]}
	return ac, nil
}

const longestKeys = 256 << 10

// readKeys reads public keys, which anybody may read.
func readKeys(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Usage{Problem: "--backend-key: " + err.Error(), Hint: "name the file of the backend's public key, PEM or JWK"}
	}
	defer f.Close()
	keys, err := io.ReadAll(io.LimitReader(f, longestKeys+1))
	if err != nil || len(keys) > longestKeys {
		return nil, &Usage{Problem: "--backend-key: " + path + " cannot be read as keys"}
	}
	return keys, nil
}
