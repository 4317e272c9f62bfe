package notion

import "context"

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
