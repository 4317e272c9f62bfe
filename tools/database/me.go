package database

import (
	"context"
	"fmt"

	"github.com/mcp-notion/mcp-notion/internal/markdown"
	"github.com/mcp-notion/mcp-notion/internal/passage"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// me is the person whom the token acts for, which the answer says. A token of
// the whole workspace acts for nobody: no row could meet the condition.
func (q *query) me(ctx context.Context) (notion.ID, error) {
	if q.table.Stale != nil {
		return "", q.table.Stale // Notion was asked already, and alone knows
	}
	soon, cancel := q.soon(ctx, q.table.ID)
	defer cancel()
	u, err := q.Client.Me(soon)
	if err != nil {
		return "", fmt.Errorf("ask whom the connection acts for: %w", err)
	}
	person := u
	if u.Type != "person" {
		person = owner(u.Bot)
	}
	if person == nil || person.ID == "" {
		return "", argument.Errorf(`It is not known who "me" is: this connection to Notion belongs to the whole workspace and not to one person. Ask the user for their name, and pass the full name, the mail address or the id instead of "me".`)
	}
	q.note(markdown.Sprintf(`"me" is %s, who made this connection to Notion.`, passage.UserText(*person)))
	return person.ID, nil
}

// owner is the person who gave a bot access; nil if none did.
func owner(b *notion.Bot) *notion.User {
	if b == nil || b.Owner == nil {
		return nil
	}
	return b.Owner.User
}
