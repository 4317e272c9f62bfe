package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/internal/auth"
	"github.com/mcp-notion/mcp-notion/tokens"
)

// The names of the environment variables with the secrets of a server. Each may
// be replaced by one with _FILE at its end that names a private file.
const (
	bearerVariable        = "MCP_NOTION_BEARER"
	sealVariable          = "MCP_NOTION_SEAL_KEY"
	loginVariable         = "MCP_NOTION_LOGIN_SECRET"
	introspectionVariable = "MCP_NOTION_INTROSPECTION_SECRET"
)

// shortestBearer keeps people from choosing a word.
const shortestBearer = 20

// Secret reads a secret of a broker from the environment, as a Usage if there
// is none. Its errors hold no part of it.
func (c Config) Secret(name string) (tokens.Token, error) {
	s, err := c.secret(name)
	if err == nil && s.IsZero() {
		err = &Usage{Problem: name + " is not set", Hint: "set it, or " + name + "_FILE to a file that only you can read"}
	}
	return tokens.NewToken(s.Reveal(), time.Time{}), err
}

// secret is empty where neither the variable nor its file is named.
func (c Config) secret(name string) (auth.Secret, error) {
	s, path := c.getenv(name), c.getenv(name+"_FILE")
	if s != "" && path != "" {
		return auth.Secret{}, &Usage{Problem: fmt.Sprintf("%s and %s_FILE are both set", name, name), Hint: "unset one of them"}
	}
	if path != "" {
		var err error
		if s, err = readPrivate(path); err != nil {
			return auth.Secret{}, unreadable(name+"_FILE", err)
		}
		if strings.TrimSpace(s) == "" {
			return auth.Secret{}, &Usage{Problem: fmt.Sprintf("the file of %s_FILE, %s, is empty", name, path)}
		}
	}
	return auth.NewSecret(strings.TrimSpace(s)), nil
}

// unreadable is a Usage, with the hint that the cause may have.
func unreadable(what string, err error) error {
	u := &Usage{Problem: what + ": " + err.Error()}
	var h *Hinted
	if errors.As(err, &h) {
		u.Hint = h.Hint
	}
	return u
}

// readPrivate reads a file that others cannot.
func readPrivate(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if err := private(info, path); err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(f, longestSecret+1))
	if err == nil && len(data) > longestSecret {
		err = fmt.Errorf("%s is too long to be a secret", path)
	}
	return string(data), err
}

// secrets are one or several, the newest first.
func (c Config) secrets(name string) ([]auth.Secret, error) {
	s, err := c.secret(name)
	var keys []auth.Secret
	for _, key := range strings.FieldsFunc(s.Reveal(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		keys = append(keys, auth.NewSecret(key))
	}
	return keys, err
}

// bearer is the token of the one user: that of the environment, or the one in
// the data folder, which is made if need be.
func (c Config) bearer(dir string) (token auth.Secret, file string, err error) {
	if token, err = c.secret(bearerVariable); err != nil {
		return token, "", err
	}
	if token.IsZero() {
		file = filepath.Join(dir, "bearer")
		if token, err = ownBearer(file); err != nil {
			return token, "", err
		}
	}
	if s := token.Reveal(); len(s) >= shortestBearer && sendable(s) == nil {
		return token, file, nil
	}
	hint := "unset " + bearerVariable + " to have one made"
	if file != "" {
		hint = "delete " + file + " to have one made"
	}
	return auth.Secret{}, "", &Usage{Hint: hint,
		Problem: fmt.Sprintf("the bearer token is shorter than %d characters, or has one in it that no token has", shortestBearer)}
}

func ownBearer(path string) (auth.Secret, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		s, err := readPrivate(path)
		if err != nil {
			return auth.Secret{}, unreadable("the bearer token", err)
		}
		return auth.NewSecret(strings.TrimSpace(s)), nil
	}
	if err != nil {
		return auth.Secret{}, fmt.Errorf("make a bearer token: %w", err)
	}
	s := rand.Text() + rand.Text()
	_, err = f.WriteString(s + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return auth.Secret{}, fmt.Errorf("make a bearer token: %w", err)
	}
	return auth.NewSecret(s), nil
}
