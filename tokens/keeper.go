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

var (
	_ Keeper = (*Cache)(nil)
	_ Keeper = uncached{}
)

// Uncached returns a Keeper that remembers nothing, in front of a broker that is
// at hand and is asked each time.
func Uncached(b Broker) Keeper { return uncached{b} }

type uncached struct{ Broker }

func (uncached) Invalidate(context.Context, Connection, Token) {}
func (uncached) Forget(Connection)                             {}

func (u uncached) Check(ctx context.Context, c Connection) error {
	return onlyRefusal(u.Token(ctx, c))
}
