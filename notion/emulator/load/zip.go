package load

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mcp-notion/mcp-notion/notion/emulator/workspace"
)

// maxPart bounds how much of one part of an export is read into memory.
const maxPart = 1 << 30

// Dir loads a folder or a zip file. Notion splits an export that is too
// large into several zip files inside one; they are read as one.
func Dir(dir string) (*workspace.Workspace, error) {
	if !strings.HasSuffix(strings.ToLower(dir), ".zip") {
		if info, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("open workspace: %w", err)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("open workspace: %s is neither a folder nor a zip file", dir)
		}
		return FS(os.DirFS(dir))
	}
	z, err := zip.OpenReader(dir)
	if err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", dir, err)
	}
	defer z.Close()
	merged, err := mergeParts(&z.Reader)
	if err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", dir, err)
	}
	return FS(merged)
}

// mergeParts puts the files of all zip files inside z into one. A zip file
// without others inside is returned as it is.
func mergeParts(z *zip.Reader) (*zip.Reader, error) {
	var buf bytes.Buffer
	out := zip.NewWriter(&buf)
	parts := 0
	for _, f := range z.File {
		if !strings.HasSuffix(strings.ToLower(f.Name), ".zip") {
			continue
		}
		parts++
		if err := copyPart(out, f); err != nil {
			return nil, fmt.Errorf("part %s: %w", f.Name, err)
		}
	}
	// An export of one part holds the files themselves.
	if parts == 0 {
		return z, nil
	}
	// Files beside the parts belong to the export too.
	for _, f := range z.File {
		if strings.HasSuffix(strings.ToLower(f.Name), ".zip") || f.FileInfo().IsDir() {
			continue
		}
		if err := out.Copy(f); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
}

// copyPart adds the files of one part to out. They stay packed, so a part is
// unpacked only once.
func copyPart(out *zip.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	// A zip file can only be read from its end, so the whole part must be at
	// hand.
	raw, err := io.ReadAll(io.LimitReader(r, maxPart))
	if err != nil {
		return err
	}
	inner, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	for _, g := range inner.File {
		if g.FileInfo().IsDir() {
			continue
		}
		if err := out.Copy(g); err != nil {
			return err
		}
	}
	return nil
}
