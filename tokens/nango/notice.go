package nango

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

var _ tokens.Notifier = (*Broker)(nil)

// Notice reads a webhook of Nango. It sends more than those about grants, which
// name no connection here.
func (b *Broker) Notice(body []byte) (tokens.Notice, error) {
	var said struct {
		Type        string            `json:"type"`
		Operation   string            `json:"operation"`
		Integration string            `json:"providerConfigKey"`
		Success     bool              `json:"success"`
		Tags        map[string]string `json:"tags"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Type == "" {
		return tokens.Notice{}, errors.New("read a webhook of Nango: it does not have the form of one")
	}
	if said.Type != "auth" {
		return tokens.Notice{}, nil
	}
	n := tokens.Notice{Outcome: outcome(said.Operation, said.Success)}
	c, ok := tagged(said.Tags)
	if !ok {
		return n, nil // made for something else than this program
	}
	c.Subject.Issuer = b.cfg.Issuer
	if t, err := b.target(c); err == nil && t.Integration == said.Integration {
		n.Connections = []tokens.Connection{c}
	}
	return n, nil
}

// outcome is what an operation says of a grant. One that is not known here may
// have ended it.
func outcome(operation string, success bool) tokens.Outcome {
	made := operation == "creation" || operation == "override"
	switch {
	case made && success:
		return tokens.Granted
	case made:
		return tokens.Refused
	}
	return tokens.Ended
}

// tagged is the connection that tags stand for.
func tagged(t map[string]string) (tokens.Connection, bool) {
	h, err := tokens.ParseHandle(cmp.Or(t[tagHandle], string(tokens.DefaultHandle)))
	c := tokens.Connection{Subject: auth.Subject{Organization: t[tagOrganization], User: t[tagUser]}, Handle: h}
	if err == nil && t[tagShared] == "true" {
		c, err = c.Shared()
	}
	return c, err == nil && belongs(t, c)
}
