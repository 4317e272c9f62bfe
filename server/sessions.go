package server

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// The server keeps no sessions. The id that a client of the older protocol gets
// by initialize lets two things come back with its calls: whether it can be
// asked to open a link, and which calls are its own, so that it can cancel
// them.
const sessionHeader = "Mcp-Session-Id"

// What session ids begin with.
const (
	linkSession  = "link-" // the client can be asked to open links
	plainSession = "plain-"
)

func newSession(e envelope) string {
	if len(e.Params.Capabilities.Elicitation.URL) > 0 {
		return linkSession + rand.Text()
	}
	return plainSession + rand.Text()
}

// opensLinks says whether a client has declared that it can open links.
func opensLinks(h http.Header) bool { return strings.HasPrefix(h.Get(sessionHeader), linkSession) }

// ownSession puts an id into the request that no other Subject can make the
// library see. The library finds the call that a client cancels by session and
// request id, and would take both from the client.
func ownSession(r *http.Request, who auth.Subject) {
	kind, id := plainSession, r.Header.Get(sessionHeader)
	if opensLinks(r.Header) {
		kind = linkSession
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "mcp-notion session %q %q %q %q", who.Issuer, who.Organization, who.User, id))
	r.Header.Set(sessionHeader, kind+hex.EncodeToString(sum[:16]))
}

// maySayCancelled says whether a request may cancel another one by its id.
// Clients of the newer protocol cancel a call by hanging up, and the library
// would let one user's notice end another user's call.
func maySayCancelled(r *http.Request) bool {
	return !mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
}

// elicitationID names a link without being one.
func elicitationID(link string) string {
	sum := sha256.Sum256([]byte("mcp-notion elicitation\x00" + link))
	return hex.EncodeToString(sum[:12])
}

// statePurpose and stateLife are of the state that a client sends back with a
// call that had to wait for its user to connect Notion.
const (
	statePurpose = "request state"
	stateLife    = 10 * time.Minute
)

// state ties a call that is to be repeated to whoever made it.
func (g *gateway) state(who auth.Subject, link string) string {
	if g.cfg.Sealer == nil {
		return elicitationID(link)
	}
	return g.cfg.Sealer.Seal(statePurpose, []byte(stateOf(who)), stateLife)
}

// stateOf names a Subject by an opaque key.
func stateOf(who auth.Subject) string { return tokens.Connection{Subject: who}.Key() }

// continues says whether a request may come with such a state: none, or one
// that was made for the same Subject within the last ten minutes.
func (g *gateway) continues(p auth.Principal, state string) bool {
	if g.cfg.Sealer == nil || state == "" {
		return true
	}
	whose, err := g.cfg.Sealer.Open(statePurpose, state)
	return err == nil && string(whose) == stateOf(p.Subject)
}

// otherState refuses a state that was forged, is too old or is another's.
const otherState = "The requestState is not one that you were given in the last ten minutes. Make the call again without it."
