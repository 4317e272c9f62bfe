package console

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"

	"github.com/mcp-notion/mcp-notion/internal/webhook"
)

// The names of the environment variables with the secrets of webhooks: one, or
// several while they are being changed.
const (
	notionHookVariable = "MCP_NOTION_WEBHOOK_SECRET"
	workosHookVariable = "WORKOS_WEBHOOK_SECRET"
	nangoHookVariable  = "NANGO_WEBHOOK_SECRET"
)

// hooksPath is what the paths of webhooks begin with; the sender's name follows.
const hooksPath = "/webhooks/"

// verificationFile is the file in the data folder with the token that Notion has
// sent to be pasted back.
const verificationFile = "notion-verification-token"

// webhooks are those whose secrets are configured, and that of Notion while its
// secret is awaited.
func (s *service) webhooks() error {
	s.http.Webhooks = map[string]http.Handler{}
	pool, log := s.http.Pool, s.http.Log
	keys, err := s.cfg.secrets(notionHookVariable)
	switch {
	case err != nil:
		return err
	case len(keys) > 0:
		s.http.Webhooks[hooksPath+"notion"] = webhook.NewReceiver(webhook.Config{Name: "notion", Scheme: webhook.Notion, Keys: keys, Read: pool.NotionNotice, Log: log})
	case s.cfg.AwaitWebhook:
		s.http.Webhooks[hooksPath+"notion"] = &webhook.Handshake{File: filepath.Join(s.dir, verificationFile), Log: log}
	}
	sender := senderOf(s.cfg.BrokerName)
	if sender.scheme == nil {
		return nil
	}
	if keys, err = s.cfg.secrets(sender.variable); err != nil || len(keys) == 0 {
		return err
	}
	name, notifier := s.cfg.BrokerName, s.cfg.Broker.Notifier
	if notifier == nil {
		return &Usage{Problem: fmt.Sprintf("%s is set, and this %s broker reads no webhooks", sender.variable, name), Hint: "unset it, or let the broker read them"}
	}
	s.http.Webhooks[hooksPath+name] = webhook.NewReceiver(webhook.Config{Name: name, Scheme: sender.scheme, Keys: keys, Read: pool.BrokerNotice(notifier), Log: log})
	return nil
}

// sender is a broker that sends webhooks.
type sender struct {
	scheme   webhook.Scheme
	variable string
}

func senderOf(broker string) sender {
	switch broker {
	case "workos":
		return sender{webhook.WorkOS, workosHookVariable}
	case "nango":
		return sender{webhook.Nango, nangoHookVariable}
	}
	return sender{}
}

// announceWebhooks says where webhooks are taken.
func (s *service) announceWebhooks() {
	var paths []string
	for path := range s.http.Webhooks {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		s.term.say("  Webhooks  %s%s", s.http.Base, path)
	}
	if _, waits := s.http.Webhooks[hooksPath+"notion"].(*webhook.Handshake); waits {
		s.term.tell("Waiting for Notion's verification token, which will stand in %s. Paste it into Notion, and start again with %s_FILE naming that file.",
			filepath.Join(s.dir, verificationFile), notionHookVariable)
	}
}
