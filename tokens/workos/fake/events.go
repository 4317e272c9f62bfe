package fake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/guard"
)

// endpoint is where events are sent, and the secret that signs them.
type endpoint struct{ url, secret string }

// AddWebhook makes the Server send events of connected accounts to an address,
// signed with a secret. Like WorkOS it promises no order, and sends again what
// is not taken.
func (s *Server) AddWebhook(url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints = append(s.endpoints, endpoint{url, secret})
}

// The events about connected accounts.
const (
	eventConnected    = "pipes.connected_account.connected"
	eventDisconnected = "pipes.connected_account.disconnected"
	eventReauthorize  = "pipes.connected_account.reauthorization_needed"
	eventFailed       = "pipes.connected_account.connection_failed"
)

// tell sends an event about an account.
func (s *Server) tell(event string, a *account, state string) {
	s.publish(event, map[string]any{
		"object": "connected_account", "id": a.id, "data_integration_id": "data_integration_" + a.Slug, "provider_slug": a.Slug,
		"user_id": null(a.User), "organization_id": null(a.Organization), "scopes": []string{}, "state": state,
		"created_at": stamp(a.created), "updated_at": stamp(a.updated),
	})
}

// tellFailed sends the event of somebody who did not give their consent.
func (s *Server) tellFailed(a Account) {
	s.publish(eventFailed, map[string]any{
		"object": "connection_failed", "data_integration_id": "data_integration_" + a.Slug, "provider_slug": a.Slug,
		"user_id": null(a.User), "organization_id": null(a.Organization), "error_code": "access_denied", "error_reason": nil,
		"provider_error": "access_denied", "provider_error_description": nil, "created_at": stamp(now()),
	})
}

func (s *Server) publish(event string, data map[string]any) {
	body, err := json.Marshal(map[string]any{"id": s.id("event"), "event": event, "data": data, "created_at": stamp(now()), "context": map[string]any{}})
	if err != nil {
		return // texts alone
	}
	for _, e := range s.endpoints {
		guard.Go(func() error { return e.deliver(body) })
	}
}

// deliver sends an event a few times, ever more slowly.
func (e endpoint) deliver(body []byte) (err error) {
	for wait := time.Second; wait <= 4*time.Second; wait *= 2 {
		if err = e.post(body); err == nil {
			return nil
		}
		time.Sleep(wait)
	}
	return err
}

func (e endpoint) post(body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("WorkOS-Signature", Sign(e.secret, time.Now(), body))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

// Sign is the signature of an event that is sent now, as it stands in
// WorkOS-Signature.
func Sign(secret string, now time.Time, body []byte) string {
	at := strconv.FormatInt(now.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return "t=" + at + ", v1=" + hex.EncodeToString(mac.Sum(nil))
}
