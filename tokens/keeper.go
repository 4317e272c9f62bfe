package tokens

import "context"

// Keeper is a Broker that remembers tokens, and takes word that they are not
// what they were. Whoever wraps one has to pass all of it on: a grant that has
// ended would be used otherwise for as long as the token is remembered.
type Keeper interface {
	Broker
	Invalidate(context.Context, Connection, Token) // Notion has refused the token
	Check(context.Context, Connection) error       // ask the broker whether the connection stands
	Forget(Connection)                             // ask anew at the next use
}

var _ Keeper = (*Cache)(nil)
