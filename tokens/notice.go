package tokens

// Notifier is a Broker that sends a webhook when grants change.
type Notifier interface {
	// Notice reads what the broker has sent, whose signature was checked. What is
	// not about the connections that are configured names none. The error does not
	// repeat what was sent.
	Notice(body []byte) (Notice, error)
}

// Notice says that the grants of connections may have changed. It may be late or
// out of order: what holds now, the broker knows.
type Notice struct {
	Event       string // id of the message; "" if the broker gives none
	Outcome     Outcome
	Connections []Connection // the likeliest first
}

// Outcome is what has become of a grant.
type Outcome string

// The outcomes.
const (
	Granted Outcome = "granted" // for the first time, or anew
	Ended   Outcome = "ended"   // by its owner, or because it works no more
	Refused Outcome = "refused" // somebody tried to connect, and it came to nothing
)
