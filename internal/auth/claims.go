package auth

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// claims are what a token says, not to be believed before it is checked.
type claims map[string]any

const (
	maxName  = 512 // bytes of a user's or an organization's name
	maxScope = 100
)

// text returns a claim that is a string, or nothing.
func (c claims) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// list returns a claim that is a string or an array of strings. It is not ok
// if it is anything else; an absent one is an empty list.
func (c claims) list(name string) (values []string, ok bool) {
	switch v := c[name].(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			values = append(values, s)
		}
		return values, true
	}
	return nil, false
}

// when returns a NumericDate. It is not ok if it is no number of a date; an
// absent one is the zero time.
func (c claims) when(name string) (t time.Time, ok bool) {
	switch v := c[name].(type) {
	case nil:
		return time.Time{}, true
	case float64:
		const year9999 = 253402300799
		if v <= 0 || v > year9999 || math.IsNaN(v) {
			return time.Time{}, false
		}
		return time.UnixMilli(int64(v * 1000)), true
	}
	return time.Time{}, false
}

// scopes returns what the token is good for, from scope (RFC 9068, RFC 7662)
// or scp (Okta, Entra).
func (c claims) scopes() (scopes []string, ok bool) {
	for _, name := range []string{"scope", "scp"} {
		values, ok := c.list(name)
		if !ok {
			return nil, false
		}
		for _, v := range values {
			scopes = append(scopes, strings.Fields(v)...)
		}
	}
	return scopes, len(scopes) <= maxScope
}

// actor returns who acts for the subject (RFC 8693), the outermost one.
func (c claims) actor() string {
	act, _ := c["act"].(map[string]any)
	return claims(act).text("sub")
}

// name returns a claim that can be part of a Subject.
func (c claims) name(claim string) (name string, ok bool) {
	v, present := c[claim]
	if !present || v == nil {
		return "", true
	}
	s, ok := v.(string)
	return s, ok && len(s) <= maxName && strings.IndexFunc(s, unicode.IsControl) < 0
}

// checkTimes refuses claims that are not valid now. A token without an end is
// refused where needEnd says so.
func (c claims) checkTimes(now time.Time, leeway time.Duration, needEnd bool) error {
	exp, ok1 := c.when("exp")
	nbf, ok2 := c.when("nbf")
	iat, ok3 := c.when("iat")
	switch {
	case !ok1 || !ok2 || !ok3:
		return invalid(ReasonMalformed)
	case exp.IsZero() && needEnd:
		return invalid(ReasonLifetime)
	case !exp.IsZero() && !now.Before(exp.Add(leeway)):
		return invalid(ReasonExpired)
	case now.Add(leeway).Before(nbf), now.Add(leeway).Before(iat):
		return invalid(ReasonNotYet)
	case !exp.IsZero() && !iat.IsZero() && !iat.Before(exp):
		return invalid(ReasonLifetime)
	}
	return nil
}

// checkUse refuses what its issuer made for another use, as far as it says so:
// ID tokens, refresh tokens, logout tokens.
func (c claims) checkUse() error {
	for _, only := range []string{"at_hash", "c_hash", "events"} {
		if _, ok := c[only]; ok {
			return invalid(ReasonType)
		}
	}
	for _, claim := range []string{"token_use", "typ"} {
		use := strings.ToLower(c.text(claim))
		if !slices.Contains([]string{"", "access", "access_token", "bearer", "at+jwt", "jwt"}, use) {
			return invalid(ReasonType)
		}
	}
	return nil
}

// checkAudience refuses claims that name none of the audiences.
func (c claims) checkAudience(audiences []string) error {
	aud, ok := c.list("aud")
	if !ok || !slices.ContainsFunc(aud, func(a string) bool { return slices.Contains(audiences, a) }) {
		return invalid(ReasonAudience)
	}
	return nil
}
