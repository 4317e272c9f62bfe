package console

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultData is the folder for the data of one person, as their system wants
// it; "" if the system does not say where that is.
func DefaultData(getenv func(string) string) string {
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mcp-notion")
	}
	home := getenv("HOME")
	switch runtime.GOOS {
	case "windows":
		if dir := getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "mcp-notion")
		}
		return ""
	case "darwin":
		if home != "" {
			return filepath.Join(home, "Library", "Application Support", "mcp-notion")
		}
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".local", "share", "mcp-notion")
}

// makeData makes the data folder, readable by its owner alone.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		if errors.Is(err, os.ErrPermission) {
			return hinted("choose another folder with --data, or ask for the right to write there", "make the data folder: %w", err)
		}
		return hinted("choose another folder with --data", "make the data folder: %w", err)
	}
	return nil
}
