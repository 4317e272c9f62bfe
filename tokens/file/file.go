// Package file is the token broker of named connections in a file that only its
// owner can read. The file is read at each use, so a change counts at once, and a
// file that cannot be trusted or understood hands out nothing.
package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

const maxFile = 4 << 20

// Broker hands out the tokens of one file. The zero value has none.
type Broker struct {
	path string

	mu     sync.Mutex
	digest [sha256.Size]byte // of the text that granted was read from
	grants map[tokens.Connection]tokens.Token
}

var (
	_ tokens.Broker = (*Broker)(nil)
	_ tokens.Lister = (*Broker)(nil)
)

// New returns the Broker of a file, and what is wrong with the file if something
// is. The file is JSON:
//
//	{
//	  "connections": {"my-notion": "ntn_..."},
//	  "subjects": [
//	    {"issuer": "https://idp.example", "organization": "org_1", "user": "user_1", "connections": {"my-notion": "ntn_..."}},
//	    {"issuer": "https://idp.example", "organization": "org_1", "shared": true, "connections": {"handbook": "ntn_..."}}
//	  ]
//	}
//
// The first connections are for whoever starts the process (auth.Local), the
// others for the Subject that has just these names. Shared ones belong to an
// organization.
func New(path string) (*Broker, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the file of connections: %w", err)
	}
	b := &Broker{path: path}
	if _, err := b.read(); err != nil {
		return nil, err
	}
	return b, nil
}

// Token returns the token that the file has for the connection, or
// tokens.ErrNotConnected if it has none.
func (b *Broker) Token(ctx context.Context, c tokens.Connection) (tokens.Token, error) {
	if err := ctx.Err(); err != nil {
		return tokens.Token{}, err
	}
	grants, err := b.read()
	if err != nil {
		return tokens.Token{}, err
	}
	if c.Subject.Issuer == local {
		c.Subject.User = "" // whichever credential the process was started with
	}
	t, ok := grants[c]
	if !ok {
		return tokens.Token{}, b.without(ctx, c)
	}
	return t, nil
}

// without is the error of a connection that the file does not have. Whoever has
// others is told of those.
func (b *Broker) without(ctx context.Context, c tokens.Connection) error {
	all, err := b.Connections(ctx, c.Subject)
	if err != nil {
		return err
	}
	unknown := &tokens.UnknownError{Handle: c.Handle}
	for _, l := range all {
		if l.Connection.Handle != c.Handle {
			unknown.Have = append(unknown.Have, l.Connection.Handle)
		}
	}
	if unknown.Have == nil {
		return tokens.ErrNotConnected
	}
	return unknown
}

// ConnectURL says what to write into which file.
func (b *Broker) ConnectURL(ctx context.Context, c tokens.Connection) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return fmt.Sprintf("make an integration at https://www.notion.so/profile/integrations, share pages with it (page menu ••• > Connections), and write its secret as connection %q into %s", c.Handle, b.path), nil
}

// Connections lists what the file has for the Subject and their organization.
func (b *Broker) Connections(_ context.Context, s auth.Subject) ([]tokens.Listed, error) {
	grants, err := b.read()
	if err != nil {
		return nil, err
	}
	var all []tokens.Listed
	for c := range grants {
		own := c.Subject == s || s.Issuer == local && c.Subject.Issuer == local
		if own && !c.IsShared() {
			all = append(all, tokens.Listed{Connection: tokens.Connection{Subject: s, Handle: c.Handle}})
		}
		if c.IsShared() && s.User != "" && c.Subject == (auth.Subject{Issuer: s.Issuer, Organization: s.Organization}) {
			all = append(all, tokens.Listed{Connection: c})
		}
	}
	slices.SortFunc(all, func(a, b tokens.Listed) int {
		return strings.Compare(string(a.Connection.Handle), string(b.Connection.Handle))
	})
	return all, nil
}

// read returns what the file says now.
func (b *Broker) read() (map[tokens.Connection]tokens.Token, error) {
	text, err := readPrivate(b.path)
	if err != nil {
		return nil, fmt.Errorf("read the file of connections: %w", err)
	}
	digest := sha256.Sum256(text)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.grants != nil && digest == b.digest {
		return b.grants, nil
	}
	grants, err := parse(text)
	if err != nil {
		b.grants = nil
		return nil, fmt.Errorf("read the file of connections %s: %w", b.path, err)
	}
	b.digest, b.grants = digest, grants
	return grants, nil
}

// readPrivate reads a file that nobody but its owner may read. It looks at the
// open file, not at the path, which could be another one by then.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := checkMode(path, info.Mode()); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("it is too long")
	}
	return text, err
}

// Source is the broker with all that it can do.
func (b *Broker) Source() tokens.Source {
	return tokens.Source{Broker: b, Lister: b}
}
