package notion

import (
	"context"
	"iter"
)

// Me reads the bot that the token belongs to, and with it the workspace. Any
// live token may call it.
func (c *Client) Me(ctx context.Context) (*User, error) {
	var u User
	err := c.do(ctx, call{op: "read own user", method: "GET", path: []string{"users", "me"}, out: &u})
	if err != nil {
		return nil, err
	}
	return &u, nil
}

// UserList is one page of the members of a workspace.
type UserList struct {
	Users      []User
	NextCursor string
	HasMore    bool
}

// Users reads the members of the workspace, guests left out by Notion. It
// needs the capability to read users.
func (c *Client) Users(ctx context.Context, cursor string) (*UserList, error) {
	var l list[User]
	k := call{op: "list users", method: "GET", path: []string{"users"}, query: pageQuery(cursor), cursor: cursor, out: &l}
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	return &UserList{Users: l.Results, NextCursor: l.NextCursor, HasMore: l.HasMore}, nil
}

// AllUsers gives page after page of users until the last or an error.
func (c *Client) AllUsers(ctx context.Context) iter.Seq2[*UserList, error] {
	return paged("", func(cursor string) (*UserList, string, error) {
		l, err := c.Users(ctx, cursor)
		if err != nil {
			return nil, "", err
		}
		return l, l.NextCursor, nil
	})
}
