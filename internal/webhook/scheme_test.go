package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/internal/webhook"
)

const hello = `{"hello":"wörld"}`

// The sums were made by the SDKs of Notion and WorkOS, and by openssl.
const (
	notionSum = "7bfcfda755081661f99603f27bb0fd4b46870a7d02e1944ce2564c0a9fffa9b4"
	workosSum = "a86841515430f2cce8200f14c3b566215773abf1c027daa51048ac14b55026df"
	nangoSum  = "4d80b340c63df8f3d6576783ae9996fcbf9a492d4a8032ff81d725c6943a09d9"
)

func TestSchemes(t *testing.T) {
	t.Parallel()
	signed := time.UnixMilli(1780000000000)
	for _, tt := range []struct {
		name          string
		scheme        webhook.Scheme
		header, value string
		key           string
		now           time.Time
		want          bool
	}{
		{"Notion", webhook.Notion, "X-Notion-Signature", "sha256=" + notionSum, "secret_test", signed, true},
		{"Notion by another key", webhook.Notion, "X-Notion-Signature", "sha256=" + notionSum, "secret_tess", signed, false},
		{"Notion without a prefix", webhook.Notion, "X-Notion-Signature", notionSum, "secret_test", signed, false},
		{"Notion cut short", webhook.Notion, "X-Notion-Signature", "sha256=" + notionSum[:62], "secret_test", signed, false},
		{"Notion with nothing signed", webhook.Notion, "X-Notion-Signature", "sha256=", "secret_test", signed, false},
		{"Notion not in hexadecimal", webhook.Notion, "X-Notion-Signature", "sha256=zz" + notionSum[2:], "secret_test", signed, false},
		{"Notion without a header", webhook.Notion, "X-Other", "sha256=" + notionSum, "secret_test", signed, false},
		{"an empty key", webhook.Notion, "X-Notion-Signature", "sha256=" + sum("", hello), "", signed, false},
		{"WorkOS", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000, v1=" + workosSum, "whsec_test", signed.Add(2 * time.Minute), true},
		{"WorkOS without a blank", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000,v1=" + workosSum, "whsec_test", signed, true},
		{"WorkOS from a clock that is ahead", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000,v1=" + workosSum, "whsec_test", signed.Add(-2 * time.Minute), true},
		{"WorkOS late", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000, v1=" + workosSum, "whsec_test", signed.Add(4 * time.Minute), false},
		{"WorkOS early", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000, v1=" + workosSum, "whsec_test", signed.Add(-4 * time.Minute), false},
		{"WorkOS with another time", webhook.WorkOS, "WorkOS-Signature", "t=1780000000001, v1=" + workosSum, "whsec_test", signed, false},
		{"WorkOS without a time", webhook.WorkOS, "WorkOS-Signature", "v1=" + workosSum, "whsec_test", signed, false},
		{"WorkOS without a sum", webhook.WorkOS, "WorkOS-Signature", "t=1780000000000", "whsec_test", signed, false},
		{"WorkOS at a time beyond all clocks", webhook.WorkOS, "WorkOS-Signature", "t=9223372036854775807, v1=" + workosSum, "whsec_test", signed, false},
		{"Nango", webhook.Nango, "X-Nango-Hmac-Sha256", nangoSum, "nango_test", signed, true},
		{"Nango by its older header", webhook.Nango, "X-Nango-Signature", nangoSum, "nango_test", signed, false},
		{"Nango by another key", webhook.Nango, "X-Nango-Hmac-Sha256", nangoSum, "nango", signed, false},
	} {
		h := http.Header{}
		h.Set(tt.header, tt.value)
		if got := tt.scheme(h, []byte(hello), auth.NewSecret(tt.key), tt.now); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if tt.scheme(h, []byte(hello+" "), auth.NewSecret(tt.key), tt.now) {
			t.Errorf("%s: also for another body", tt.name)
		}
	}
}

func sum(key, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// No signature is right for somebody who does not know the key, whatever they
// write into the header.
func FuzzSchemes(f *testing.F) {
	f.Add("sha256="+notionSum, hello)
	f.Add("t=1780000000000, v1="+workosSum, hello)
	f.Add(nangoSum, hello)
	key := auth.NewSecret("a key that nobody has signed with")
	f.Fuzz(func(t *testing.T, signature, body string) {
		h := http.Header{"X-Notion-Signature": {signature}, "Workos-Signature": {signature}, "X-Nango-Hmac-Sha256": {signature}}
		for i, scheme := range []webhook.Scheme{webhook.Notion, webhook.WorkOS, webhook.Nango} {
			if scheme(h, []byte(body), key, time.UnixMilli(1780000000000)) {
				t.Errorf("scheme %d takes %q", i, signature)
			}
		}
	})
}
