package auth

import (
	"errors"
	"strings"
)

// Categories of what can be wrong with a caller. No error of this package ever
// holds a token, a part of one, or what an issuer answered.
var (
	// ErrNoToken means that the request names nobody.
	ErrNoToken = errors.New("no bearer token")
	// ErrInvalidToken means that the token is not accepted, today or ever; the
	// error is an *InvalidTokenError that says why.
	ErrInvalidToken = errors.New("invalid token")
	// ErrInsufficientScope means that the token is good for less than this;
	// the error is a *ScopeError that names all that is needed.
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrUnavailable means that the issuer could not be asked, so that nothing
	// is known about the token. The caller may try again with the same one.
	ErrUnavailable = errors.New("the issuer of the token cannot be reached")
)

// Reason says in the words of a category why a token is refused.
type Reason string

// Reasons of an InvalidTokenError.
const (
	ReasonMalformed   Reason = "it is malformed"
	ReasonTooLong     Reason = "it is too long"
	ReasonInQuery     Reason = "it was sent in the URL"
	ReasonAlgorithm   Reason = "its signature algorithm is not accepted"
	ReasonCritical    Reason = "it has critical extensions"
	ReasonType        Reason = "it is not an access token"
	ReasonIssuer      Reason = "its issuer is not accepted"
	ReasonKey         Reason = "its key is not known"
	ReasonSignature   Reason = "its signature is wrong"
	ReasonAudience    Reason = "it was issued for another resource"
	ReasonExpired     Reason = "it has expired"
	ReasonNotYet      Reason = "it is not valid yet"
	ReasonLifetime    Reason = "its lifetime is not accepted"
	ReasonSubject     Reason = "it does not name a user"
	ReasonActor       Reason = "it does not name who acts for the user"
	ReasonInactive    Reason = "it is not active"
	ReasonNonce       Reason = "it belongs to another sign-in"
	ReasonUnknown     Reason = "it is not known here"
	ReasonScopeClaims Reason = "its scopes are malformed"
)

// InvalidTokenError is an ErrInvalidToken with its reason.
type InvalidTokenError struct {
	Reason Reason
}

func (e *InvalidTokenError) Error() string { return "invalid token: " + string(e.Reason) }

// Is reports that the error is an ErrInvalidToken.
func (e *InvalidTokenError) Is(target error) bool { return target == ErrInvalidToken }

func invalid(r Reason) error { return &InvalidTokenError{Reason: r} }

// ScopeError is an ErrInsufficientScope with all scopes that the call needs,
// those that the token has among them.
type ScopeError struct {
	Needed []string
}

func (e *ScopeError) Error() string {
	return "insufficient scope: needed are " + strings.Join(e.Needed, " ")
}

// Is reports that the error is an ErrInsufficientScope.
func (e *ScopeError) Is(target error) bool { return target == ErrInsufficientScope }
