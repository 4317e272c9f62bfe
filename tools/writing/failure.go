package writing

import "errors"

// Phase is what was being done when a write failed.
type Phase string

// The phases. Only after Unclear may something be there that is not known of.
const (
	Queueing Phase = "wait for the place" // another write to it took too long
	Looking  Phase = "look for the same"  // it could not be seen what is there, for a passing reason
	Sending  Phase = "write"              // Notion refused, or could not be reached
	Unclear  Phase = "find what was sent" // Notion's answer was lost
)

// Failure says how far a write came that failed.
type Failure struct {
	Phase       Phase
	Written, Of int    // comments that are there, of those that the text takes
	Blind       string // why it could not be seen what is there
	Seen        string // Unclear: what was seen afterwards
	Err         error
}

func (f *Failure) Error() string {
	s := string(f.Phase) + ": " + f.Err.Error()
	if f.Seen != "" {
		s += "; " + f.Seen
	}
	return s
}

func (f *Failure) Unwrap() error { return f.Err }

// failed adds to an error what is known of the try.
func (t *try) failed(r run, phase Phase, err error) error {
	f := &Failure{Phase: phase, Err: err}
	var known *Failure
	if errors.As(err, &known) {
		f = known
	}
	f.Written, f.Of = r.far()
	f.Blind = t.blind
	return f
}
