package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// local is the issuer of Subjects that nobody vouches for.
var local = auth.Local("").Issuer

// document is what the file says.
type document struct {
	Connections map[string]string `json:"connections"`
	Subjects    []struct {
		Issuer       string            `json:"issuer"`
		Organization string            `json:"organization"`
		User         string            `json:"user"`
		Shared       bool              `json:"shared"`
		Connections  map[string]string `json:"connections"`
	} `json:"subjects"`
}

// parse quotes nothing of the text in its errors but names of Subjects and
// valid handles: a secret may stand anywhere in a file that is not as it should be.
func parse(text []byte) (map[tokens.Connection]tokens.Token, error) {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("it is not the JSON that is expected, near byte %d", dec.InputOffset())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON")
	}
	grants := map[tokens.Connection]tokens.Token{}
	if err := addAll(grants, tokens.Connection{Subject: auth.Subject{Issuer: local}}, d.Connections); err != nil {
		return nil, fmt.Errorf("connections: %w", err)
	}
	for i, s := range d.Subjects {
		owner := tokens.Connection{Subject: auth.Subject{Issuer: s.Issuer, Organization: s.Organization, User: s.User}}
		err := checkNames(owner.Subject, s.Shared)
		if err == nil && s.Shared {
			owner, err = owner.Shared()
		}
		if err == nil {
			err = addAll(grants, owner, s.Connections)
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d of subjects: %w", i+1, err)
		}
	}
	return grants, nil
}

func checkNames(s auth.Subject, shared bool) error {
	switch {
	case s.Issuer == "" || s.Issuer == local:
		return errors.New("it needs the issuer that vouches for it")
	case shared && s.User != "":
		return errors.New("what is shared belongs to the organization, and names no user")
	case !shared && s.User == "":
		return errors.New("it names no user, and is not shared")
	}
	return nil
}

func addAll(grants map[tokens.Connection]tokens.Token, owner tokens.Connection, secrets map[string]string) error {
	for name, secret := range secrets {
		h, err := tokens.ParseHandle(name)
		if err != nil {
			return errors.New("one name is not a connection handle: use lower-case letters, digits and hyphens")
		}
		if secret == "" || strings.ContainsFunc(secret, unicode.IsSpace) {
			return fmt.Errorf("%s has no token, or one with spaces", h)
		}
		c := owner
		c.Handle = h
		if _, twice := grants[c]; twice {
			return fmt.Errorf("%s is there twice", h)
		}
		grants[c] = tokens.NewToken(secret, time.Time{})
	}
	return nil
}
