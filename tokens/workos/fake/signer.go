package fake

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"math/big"
	"net/http"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth/authtest"
)

// signer signs access tokens. Its key is made when it is needed first.
type signer struct {
	private  *rsa.PrivateKey
	template map[string]any
}

const keyID = "sso_oidc_key_fake"

func (s *signer) key() *rsa.PrivateKey {
	if s.private == nil {
		// It fails only where the system has no random numbers.
		s.private, _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return s.private
}

// SetTemplate adds claims to all access tokens from now on, as a JWT template of
// the dashboard does.
func (s *Server) SetTemplate(claims map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signer.template = claims
}

func (s *Server) accessToken(r *http.Request, in signIn) string {
	now := time.Now()
	claims := map[string]any{}
	maps.Copy(claims, s.signer.template)
	maps.Copy(claims, map[string]any{
		"iss": origin(r) + "/user_management/" + in.client, "sub": in.user, "sid": in.session, "jti": secret(),
		"role": "member", "permissions": []string{}, "iat": now.Unix(), "exp": now.Add(accessLife).Unix(),
	})
	if in.organization != "" {
		claims["org_id"] = in.organization
	}
	return authtest.Token{Header: map[string]any{"alg": "RS256", "kid": keyID}, Claims: claims, Key: s.signer.key()}.String()
}

// keys are those of the access tokens of an application.
func (s *Server) keys(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.clients[r.PathValue("client")]; !ok {
		fail(w, http.StatusNotFound, "entity_not_found", "Client not found.")
		return
	}
	public := s.signer.key().PublicKey
	encode := base64.RawURLEncoding.EncodeToString
	send(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"alg": "RS256", "kty": "RSA", "use": "sig", "kid": keyID,
		"n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	}}})
}
