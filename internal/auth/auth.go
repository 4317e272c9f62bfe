// Package auth says who is calling. A Subject is comparable, names whose data
// may be touched, and never holds a secret.
package auth

import (
	"crypto/sha256"
	"encoding/hex"
)

// Subject is one person, or one organization acting as itself, as named by an
// identity provider. The zero Subject is nobody.
type Subject struct {
	Issuer       string // who vouches for the names below
	Organization string
	User         string
}

// localIssuer marks Subjects that no identity provider vouches for: whoever
// started the process.
const localIssuer = "local"

// Local returns the Subject of a process that runs for one person with one
// credential of their own. Two credentials are two Subjects, so that switching
// a token never shows one workspace's index to the other. The credential
// itself cannot be recovered from the Subject.
func Local(credential string) Subject {
	sum := sha256.Sum256([]byte("mcp-notion local subject\x00" + credential))
	return Subject{Issuer: localIssuer, User: hex.EncodeToString(sum[:16])}
}
