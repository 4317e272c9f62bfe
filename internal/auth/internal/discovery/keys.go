package discovery

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// Keys are the public keys of one issuer.
type Keys []jose.JSONWebKey

const (
	maxKeys    = 100
	minRSABits = 2048
)

// Named returns the keys with that id. A token that names no key, or a key
// that was given without an id, is unambiguous only where there is one key.
func (k Keys) Named(id string) Keys {
	if len(k) == 1 && (id == "" || k[0].KeyID == "") {
		return k
	}
	if id == "" {
		return nil
	}
	var found Keys
	for _, key := range k {
		if key.KeyID == id {
			found = append(found, key)
		}
	}
	return found
}

// ParseKeys reads a PEM file with one public key or certificate, a JWK, or a
// JWK set. A private key is refused: it has no business here.
func ParseKeys(data []byte) (Keys, error) {
	if block, rest := pem.Decode(data); block != nil {
		if next, _ := pem.Decode(rest); next != nil {
			return nil, errors.New("several PEM blocks: use a JWK set for several keys")
		}
		return parsePEM(block)
	}
	var doc struct {
		KeyType string            `json:"kty"`
		Keys    []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(data, &doc) != nil {
		return nil, errors.New("neither PEM nor JWK")
	}
	raw := doc.Keys
	if doc.KeyType != "" {
		raw = []json.RawMessage{data}
	}
	for _, r := range raw {
		var key jose.JSONWebKey
		if json.Unmarshal(r, &key) != nil || !key.IsPublic() {
			return nil, errors.New("not a public JWK")
		}
	}
	return usable(raw)
}

func parsePEM(block *pem.Block) (Keys, error) {
	var key crypto.PublicKey
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = cert.PublicKey
		}
	default:
		return nil, fmt.Errorf("a PEM block of type %q is not a public key", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("parse the public key: %w", err)
	}
	if !strong(key) {
		return nil, errors.New("the public key is of a kind or size that is not accepted")
	}
	return Keys{{Key: key}}, nil
}

// fetchKeys reads a JWK set. Keys that cannot be used are passed over, because
// issuers publish keys for other purposes beside those for signing.
func fetchKeys(ctx context.Context, client *http.Client, from string) (Keys, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := get(ctx, client, from, &set); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	keys, err := usable(set.Keys)
	if err != nil {
		return nil, fmt.Errorf("read keys: GET %s: %w", from, err)
	}
	return keys, nil
}

func usable(raw []json.RawMessage) (Keys, error) {
	if len(raw) > maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	var keys Keys
	for _, r := range raw {
		var key jose.JSONWebKey
		if json.Unmarshal(r, &key) == nil && key.Use != "enc" && strong(key.Key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key that can be used")
	}
	return keys, nil
}

// strong accepts public keys only, so that no symmetric key can ever verify.
func strong(key crypto.PublicKey) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N != nil && k.N.BitLen() >= minRSABits && k.E >= 3
	case *ecdsa.PublicKey:
		return slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()}, k.Curve)
	case ed25519.PublicKey:
		return len(k) == ed25519.PublicKeySize
	}
	return false
}
