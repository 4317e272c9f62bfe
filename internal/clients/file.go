package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tailscale/hujson"
)

// addToFile puts a server into a client's configuration, whose other settings,
// order and comments stay as they are, and keeps a copy of what it was.
func (m Machine) addToFile(path string, s Server) (backup string, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // of a file that lies elsewhere, such as among dotfiles
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text, err := withServer(old, s)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if len(old) > 0 {
		backup = path + m.Now().Format(".before-20060102-150405")
		if err := write(backup, old); err != nil {
			return "", err
		}
	}
	return backup, write(path, text)
}

// withServer is a configuration with one server more, below mcpServers.
func withServer(old []byte, s Server) ([]byte, error) {
	if len(bytes.TrimSpace(old)) == 0 {
		old = []byte("{}")
	}
	doc, err := hujson.Parse(old)
	if err != nil {
		return nil, fmt.Errorf("is not the JSON that it should be: %w", err)
	}
	entry := map[string]any{"command": s.Command, "args": s.Args, "env": s.Env}
	op := map[string]any{"op": "add", "path": "/mcpServers/" + s.Name, "value": entry}
	if doc.Find("/mcpServers") == nil {
		op["path"], op["value"] = "/mcpServers", map[string]any{s.Name: entry}
	}
	patch, err := json.Marshal([]any{op})
	if err != nil {
		return nil, err
	}
	if err := doc.Patch(patch); err != nil {
		return nil, fmt.Errorf("has no place for a server: %w", err)
	}
	if !doc.IsStandard() { // it had comments: they stay
		return doc.Pack(), nil
	}
	var out bytes.Buffer
	err = json.Indent(&out, doc.Pack(), "", "  ")
	return append(bytes.TrimSpace(out.Bytes()), '\n'), err
}

// write replaces a file at once, so that no half of one is ever read. It is the
// owner's alone: such files hold secrets of other servers.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".mcp-notion-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
