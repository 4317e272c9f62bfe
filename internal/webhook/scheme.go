// Package webhook takes what Notion and token brokers send when something has
// changed. What is not signed with a secret of the subscription, is old, or was
// taken before goes no further; the rest is only a sign that makes its taker
// look, so that no order, loss or repetition can do harm.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
)

// Scheme says whether a message was signed with a key, no longer ago than is
// usual where the signature tells the time.
type Scheme func(h http.Header, body []byte, key auth.Secret, now time.Time) bool

// Notion signs the body: X-Notion-Signature: sha256=<hex>.
func Notion(h http.Header, body []byte, key auth.Secret, _ time.Time) bool {
	sum, ok := strings.CutPrefix(h.Get("X-Notion-Signature"), "sha256=")
	return ok && signed(key, sum, body)
}

// Nango signs the body: X-Nango-Hmac-Sha256: <hex>. Its older header is no HMAC,
// and is not looked at.
func Nango(h http.Header, body []byte, key auth.Secret, _ time.Time) bool {
	return signed(key, h.Get("X-Nango-Hmac-Sha256"), body)
}

// tolerance is how far the time in a signature may be from ours.
const tolerance = 3 * time.Minute

// WorkOS signs the time, a dot and the body: WorkOS-Signature: t=<milliseconds>,
// v1=<hex>.
func WorkOS(h http.Header, body []byte, key auth.Secret, now time.Time) bool {
	var at, sum string
	for part := range strings.SplitSeq(h.Get("WorkOS-Signature"), ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			at = value
		case "v1":
			sum = value
		}
	}
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(ms)).Abs() > tolerance {
		return false
	}
	return signed(key, sum, []byte(at+"."), body)
}

// signed compares in constant time.
func signed(key auth.Secret, sum string, parts ...[]byte) bool {
	got, err := hex.DecodeString(sum)
	if err != nil || key.IsZero() {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	for _, part := range parts {
		mac.Write(part)
	}
	return hmac.Equal(got, mac.Sum(nil))
}
