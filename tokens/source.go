package tokens

// Source is a Broker and what it can do besides. All of that is said here, and
// nothing is found out by looking at the type of the Broker: whoever wraps it
// takes nothing away. What is nil it cannot do.
type Source struct {
	Broker
	Disconnecter Disconnecter
	Lister       Lister
	Refresher    Refresher
	Notifier     Notifier
}
