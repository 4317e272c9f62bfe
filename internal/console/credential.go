package console

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/mcp-notion/mcp-notion/tokens"
)

// The names of the environment variables that hold the token. There is no flag
// for it: flags are seen by everybody who lists processes.
const (
	tokenVariable     = "NOTION_TOKEN"
	tokenFileVariable = "NOTION_TOKEN_FILE"
)

// emulatorToken is taken where an emulator on this machine is asked and no
// token is set.
const emulatorToken = "ntn_emulator"

var errNoToken = errors.New("no Notion token is set")

const tokenHint = "set " + tokenVariable + " to an internal integration token from notion.so/profile/integrations, or try `mcp-notion demo`, which needs none"

// credential is a token and where it was found. Token is exported so that
// package fmt asks it how to print.
type credential struct {
	Token  tokens.Token
	source string // the variable, or the file that it names
	made   bool   // nobody set it: it is the emulator's
}

// findCredential reads the token from the environment. Its errors never hold
// any part of it.
func findCredential(getenv func(string) string, notionURL string) (credential, error) {
	secret, path := getenv(tokenVariable), getenv(tokenFileVariable)
	found := credential{source: tokenVariable}
	switch {
	case secret != "" && path != "":
		return found, hinted("unset one of them", "%s and %s are both set", tokenVariable, tokenFileVariable)
	case path != "":
		var err error
		if secret, err = readSecret(path); err != nil {
			return found, err
		}
		found.source = path
	case secret == "" && onLoopback(notionURL):
		secret, found.source, found.made = emulatorToken, "the emulator's own", true
	}
	secret = strings.TrimSpace(secret)
	if secret == "" {
		return found, &Hinted{Err: errNoToken, Hint: tokenHint}
	}
	if err := sendable(secret); err != nil {
		return found, hinted("copy the token again, without quotes, spaces or the word Bearer", "the token in %s %w", found.source, err)
	}
	found.Token = tokens.NewToken(secret, time.Time{})
	return found, nil
}

// sendable says what makes a text impossible as a token.
func sendable(secret string) error {
	for _, r := range secret {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return errors.New("has a space or a line break in it")
		case r > unicode.MaxASCII:
			return errors.New("has a character in it that no token has")
		case r == '"' || r == '\'':
			return errors.New("has a quotation mark in it")
		}
	}
	return nil
}

// longestSecret bounds what is read from a file that may be any.
const longestSecret = 4096

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", hinted("make the file, with the token alone in it, or set "+tokenVariable, "read the token from %s: %w", tokenFileVariable, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("read the token from %s: %w", tokenFileVariable, err)
	}
	if err := private(info, path); err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(f, longestSecret))
	if err != nil {
		return "", fmt.Errorf("read the token from %s: %w", tokenFileVariable, err)
	}
	if strings.TrimSpace(string(data)) == "" {
		return "", hinted("put the token in it, alone on one line", "the file of %s, %s, is empty", tokenFileVariable, path)
	}
	return string(data), nil
}

// private refuses a file that others than its owner may read. Windows keeps
// its rights elsewhere.
func private(info fs.FileInfo, path string) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return hinted("chmod 600 "+path, "the file %s may be read by other users (mode %04o)", path, info.Mode().Perm())
}

// onLoopback says whether an address leads to this machine.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// plain says whether a token would be sent over a network unencrypted.
func plain(address string) bool {
	return strings.HasPrefix(strings.ToLower(address), "http:") && !onLoopback(address)
}

// checkURL refuses what cannot be the address of an API.
func checkURL(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return &Usage{Problem: "--notion-url must be an address such as http://127.0.0.1:8765"}
	}
	return nil
}
