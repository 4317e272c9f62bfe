package bundle

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
)

// Open reads a folder or a zip file. Links that leave the folder are not
// followed.
func Open(name string) (*Bundle, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	b := newBundle()
	if !info.IsDir() {
		if !strings.EqualFold(path.Ext(name), ".zip") || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("open workspace: %s is neither a folder nor a zip file", name)
		}
		if err := b.zipFile(name, info.Size()); err != nil {
			return nil, fmt.Errorf("open workspace %s: %w", name, err)
		}
		return b, nil
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	defer root.Close()
	if err := b.folder(root.FS()); err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", name, err)
	}
	return b, nil
}

// Read reads a folder.
func Read(fsys fs.FS) (*Bundle, error) {
	b := newBundle()
	return b, b.folder(fsys)
}

// folder reads all below the top of fsys. Folders that cannot be listed cost
// only what is in them.
func (b *Bundle) folder(fsys fs.FS) error {
	var entries []entry
	var closing closers
	defer func() { closing.close() }()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			b.Notes.Add(broken, name)
			return nil
		case name == ".":
			return nil
		case d.IsDir():
			return b.enter(name)
		case len(entries) >= maxFiles:
			b.Notes.Add("not read, too many files", name)
			return fs.SkipAll
		}
		if parts, ok := b.openPart(fsys, name, &closing); ok {
			entries = append(entries, parts...)
		} else if e, ok := b.onDisk(fsys, name, d); ok {
			entries = append(entries, e)
		}
		return nil
	})
	b.add(entries)
	return err
}

// enter says whether to look into a folder.
func (b *Bundle) enter(name string) error {
	reason := ""
	if hidden(name) {
		reason = "not read, hidden"
	} else if strings.Count(name, "/") >= maxDepth {
		reason = "not read, too deep or with too long a name"
	}
	if reason == "" {
		return nil
	}
	b.Notes.Add(reason, name)
	return fs.SkipDir
}

// onDisk is the entry of a regular file, also one that a link inside the folder
// leads to. Pipes and devices are never opened, for they may never end.
func (b *Bundle) onDisk(fsys fs.FS, name string, d fs.DirEntry) (entry, bool) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil && d.Type()&fs.ModeSymlink != 0:
		b.Notes.Add("not read, a link that leaves the folder or leads nowhere", name)
		return entry{}, false
	case err != nil:
		b.Notes.Add(broken, name)
		return entry{}, false
	case info.IsDir():
		b.Notes.Add("not read, a link to a folder", name)
		return entry{}, false
	case !info.Mode().IsRegular():
		b.Notes.Add("not read, no ordinary file", name)
		return entry{}, false
	}
	return entry{name: name, modified: info.ModTime(), size: info.Size(), read: func(limit int64) ([]byte, error) {
		return readAll(func() (io.ReadCloser, error) { return fsys.Open(name) }, limit)
	}}, true
}

// closers are what to do when all has been read.
type closers []func()

func (c closers) close() {
	for _, f := range c {
		f()
	}
}

// zipFile reads a zip file and the parts of an export in it.
func (b *Bundle) zipFile(name string, size int64) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer z.Close()
	b.weight = int(min(maxWeight, freeWeight+maxRatio*size))
	entries, closing := b.zipped(&z.Reader, true)
	defer closing.close()
	b.add(entries)
	return nil
}

// partName matches the zip files into which Notion splits an export.
var partName = regexp.MustCompile(`(?i)^[^/\\]*Part-\d+\.zip$`)

// zipped lists the files of a zip file. Of the zip files in it only the parts of
// an export at its top are entered; every other one is somebody's attachment.
func (b *Bundle) zipped(z *zip.Reader, top bool) (entries []entry, closing closers) {
	for _, f := range z.File {
		switch {
		case len(entries) >= maxFiles:
			b.Notes.Add("not read, too many files", f.Name)
			return entries, closing
		case strings.HasSuffix(f.Name, "/") || strings.HasSuffix(f.Name, `\`):
			continue
		case f.Mode()&fs.ModeSymlink != 0:
			b.Notes.Add("not read, a link that leaves the folder or leads nowhere", cleanPath(f.Name))
			continue
		case top && partName.MatchString(f.Name):
			parts, err := b.part(f, &closing)
			if err != nil {
				b.Notes.Add("not read, a broken part of the export", cleanPath(f.Name))
			}
			entries = append(entries, parts...)
			continue
		}
		entries = append(entries, entry{
			name: f.Name, modified: f.Modified, size: int64(min(f.UncompressedSize64, 1<<62)),
			read: func(limit int64) ([]byte, error) { return readAll(f.Open, limit) },
		})
	}
	return entries, closing
}

// part lists the files of one part, which is unpacked to a file first: a zip
// file is read from its end. What is a zip file already can hardly be packed
// any more, so one that grows much is refused.
func (b *Bundle) part(f *zip.File, closing *closers) ([]entry, error) {
	most := freeWeight + 4*int64(min(f.CompressedSize64, 1<<40))
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	tmp, err := os.CreateTemp("", "mcp-notion-part-")
	if err != nil {
		return nil, err
	}
	*closing = append(*closing, func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
	})
	n, err := io.Copy(tmp, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = errors.New("it is larger than a zip file can be")
	}
	if err != nil {
		return nil, err
	}
	inner, err := zip.NewReader(tmp, n)
	if err != nil {
		return nil, err
	}
	entries, _ := b.zipped(inner, false)
	return entries, nil
}

// openPart lists the files of a part that lies at the top of a folder.
func (b *Bundle) openPart(fsys fs.FS, name string, closing *closers) ([]entry, bool) {
	if !partName.MatchString(name) {
		return nil, false
	}
	info, err := fs.Stat(fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, false
	}
	file, ok := f.(*os.File)
	if !ok {
		_ = f.Close()
		return nil, false
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		_ = file.Close()
		b.Notes.Add("not read, a broken part of the export", name)
		return nil, true
	}
	*closing = append(*closing, func() { _ = file.Close() })
	entries, _ := b.zipped(z, false)
	return entries, true
}

// readAll reads a file of at most limit bytes.
func readAll(open func() (io.ReadCloser, error), limit int64) ([]byte, error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = errors.New("it is too large")
	}
	return raw, err
}
