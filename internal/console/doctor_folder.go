package console

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/mcp-notion/mcp-notion/internal/disk"
	"github.com/mcp-notion/mcp-notion/server"
)

// leastSpace is what an index of some thousand pages and its merges take.
const leastSpace = 200 << 20

// noSpace is too little for a few pages.
const noSpace = 10 << 20

// folder checks the data folder, and makes it if need be, as every other
// command would.
func (x *examination) folder(context.Context) finding {
	f := x.folderFinding()
	x.noFolder = f.verdict == failing
	return f
}

func (x *examination) folderFinding() finding {
	dir, err := x.cfg.folder()
	if err != nil {
		return found(failing, "%v", err).then("name a folder with --data")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return found(failing, "%s cannot be made: %v", dir, cause(err)).then("name another folder with --data")
	}
	info, err := os.Stat(dir)
	if err != nil {
		return found(failing, "%s cannot be looked at: %v", dir, cause(err)).then("name another folder with --data")
	}
	free, err := x.free(dir)
	known := err == nil
	wrote := tryWrite(dir)
	if disk.Full(wrote) || known && free < noSpace {
		return found(failing, "the disk of %s is full: %s are left", dir, megabytes(free)).
			then("make room there, or name another folder with --data; what is indexed can be read meanwhile, but nothing new is kept")
	}
	if wrote != nil {
		return found(failing, "%s cannot be written to: %v", dir, cause(wrote)).then("give yourself the right to, or name another folder with --data")
	}
	alone := server.Shareable(dir)
	switch {
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return found(warning, "%s can be entered by other users (mode %04o), and holds text of your pages", dir, info.Mode().Perm()).
			then("chmod 700 %s", dir)
	case alone != nil:
		return found(warning, "two assistants cannot use %s at the same time: %v", dir, alone).
			then("name another folder with --data or MCP_NOTION_DATA")
	case known && free < leastSpace:
		return found(warning, "%s has only %s left", dir, megabytes(free)).then("free some space: indexes take about as much as the text, and more for a moment when they grow")
	case known:
		return found(fine, "%s is yours alone, %s free", dir, megabytes(free))
	}
	return found(fine, "%s is yours alone", dir)
}

// tryWrite makes a file and removes it.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, writeErr := f.WriteString("mcp-notion")
	return errors.Join(writeErr, f.Close(), os.Remove(f.Name()))
}

// cause is an error without the path, which has been said.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func megabytes(n uint64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%d GB", n>>30)
	}
	return fmt.Sprintf("%d MB", n>>20)
}
