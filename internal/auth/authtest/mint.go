package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

type signingKey struct {
	id      string
	private *ecdsa.PrivateKey
}

// Token is any token that somebody might make, correct or not.
type Token struct {
	Header map[string]any
	Claims map[string]any
	// Key signs with the algorithm that fits it: *ecdsa.PrivateKey (P-256)
	// ES256, *rsa.PrivateKey RS256, ed25519.PrivateKey EdDSA, []byte HS256.
	// Without one there is no signature. The header may say otherwise.
	Key any
}

// String returns the token in compact form.
func (t Token) String() string {
	signed := segment(t.Header) + "." + segment(t.Claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign(t.Key, signed))
}

func segment(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("authtest: encode a token: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func sign(key any, text string) []byte {
	digest := sha256.Sum256([]byte(text))
	var sig []byte
	var err error
	switch k := key.(type) {
	case nil:
	case []byte:
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(text))
		sig = mac.Sum(nil)
	case *rsa.PrivateKey:
		sig, err = rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, digest[:])
	case ed25519.PrivateKey:
		sig = ed25519.Sign(k, []byte(text))
	case *ecdsa.PrivateKey:
		r, s, signErr := ecdsa.Sign(rand.Reader, k, digest[:])
		if err = signErr; err == nil {
			sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	default:
		panic(fmt.Sprintf("authtest: no algorithm for a key of type %T", key))
	}
	if err != nil {
		panic(fmt.Sprintf("authtest: sign a token: %v", err))
	}
	return sig
}

// NewKey returns a new P-256 key.
func NewKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("authtest: make a key: %v", err))
	}
	return key
}

// Rotate puts a new key in place of all others and returns its id.
func (p *Provider) Rotate() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []signingKey{{id: random(), private: NewKey()}}
	return p.keys[0].id
}

// AddKey publishes a new key beside the others and signs with it.
func (p *Provider) AddKey() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := signingKey{id: random(), private: NewKey()}
	p.keys = append(p.keys, k)
	return k.id
}

// Key returns the key that signs, with its id.
func (p *Provider) Key() (*ecdsa.PrivateKey, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.keys[len(p.keys)-1]
	return k.private, k.id
}

// Mint returns a token of the user for the resource, with these claims added
// or put in place of the usual ones; nil removes one.
func (p *Provider) Mint(resource string, claims map[string]any) string {
	return p.Unsigned(resource, claims).String()
}

// Unsigned returns what Mint would sign, with its key, to be changed.
func (p *Provider) Unsigned(resource string, claims map[string]any) Token {
	key, id := p.Key()
	all := p.claims(resource, p.signedIn())
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return Token{Header: map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": id}, Claims: all, Key: key}
}

// Opaque returns a token that only introspection can explain, for the same
// claims as Mint.
func (p *Provider) Opaque(resource string, claims map[string]any) string {
	token := "opaque-" + random()
	t := p.Unsigned(resource, claims)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens[token] = t.Claims
	return token
}

// Revoke makes introspection call a token inactive.
func (p *Provider) Revoke(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tokens, token)
}

// claims are those of an access token.
func (p *Provider) claims(resource string, u User) map[string]any {
	now := p.config.Now()
	all := map[string]any{
		"iss": p.config.URL, "sub": u.ID, "aud": resource, "jti": random(),
		"iat": now.Unix(), "exp": now.Add(p.config.Life).Unix(),
	}
	if u.Organization != "" {
		all["org_id"] = u.Organization
	}
	maps.Copy(all, u.Claims)
	return all
}

func (p *Provider) signedIn() User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.user
}

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set := jose.JSONWebKeySet{}
	for _, k := range p.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.private.PublicKey, KeyID: k.id, Algorithm: "ES256", Use: "sig"})
	}
	reply(w, http.StatusOK, set)
}
