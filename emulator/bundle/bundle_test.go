package bundle_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/emulator/bundle"
)

type file struct{ name, text string }

func packed(t testing.TB, files ...file) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func written(t testing.TB, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func opened(t *testing.T, name string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func check(t *testing.T, b *bundle.Bundle, names, notes []string) {
	t.Helper()
	if diff := cmp.Diff(names, b.Names()); diff != "" {
		t.Errorf("names: %s", diff)
	}
	if diff := cmp.Diff(notes, b.Notes.Lines()); diff != "" {
		t.Errorf("notes: %s", diff)
	}
}

// Whatever stands in a zip file, only files of the tree are read, each under one
// name.
func TestNamesInZips(t *testing.T) {
	t.Parallel()
	check(t, opened(t, written(t, "a.zip", packed(t,
		file{`Team\Rota.md`, "x"}, file{"../up.md", "x"}, file{"a/../../up.md", "x"}, file{"/root.md", "x"}, file{`C:\x.md`, "x"},
		file{"Cafe\u0301.md", "x"}, file{"Caf\u00e9.md", "y"}, file{"Zero\u200bwidth\ufeff.md", "x"}, file{"gr\x81n.md", "x"},
		file{"__MACOSX/._a.md", "x"}, file{strings.Repeat("d/", 80) + "deep.md", "x"}, file{"photo.heic", "x"}, file{"", "x"},
	))), []string{"Café.md", "Team/Rota.md", "Zerowidth.md", "grün.md"}, []string{
		"not read, a name that leads out of the folder: , ../up.md, /root.md, C:/x.md, a/../../up.md",
		"not read, a name that another file has too: Café.md",
		"not read, hidden: __MACOSX/._a.md",
		"not read, too deep or with too long a name: " + strings.Repeat("d/", 80) + "deep.md",
		"not read, no Markdown or CSV: photo.heic",
	})
}

// Only what Notion calls a part is one, and a broken one costs no other file.
func TestParts(t *testing.T) {
	t.Parallel()
	part := packed(t, file{"Export-1/Two.md", "two"}, file{"Export-1/Deep-Part-1.zip", packed(t, file{"No.md", "no"})})
	files := []file{
		{"Export-1-Part-1.zip", packed(t, file{"Export-1/One.md", "one"}, file{"Export-1/One/code.zip", packed(t, file{"No.md", "no"})})},
		{"Export-1-Part-2.zip", part}, {"Export-1-Part-3.zip", "PK broken"}, {"notes.zip", part},
		{"Sub/Export-1-Part-4.zip", part},
	}
	names := []string{"Export-1/One.md", "Export-1/Two.md"}
	check(t, opened(t, written(t, "a.zip", packed(t, files...))), names, []string{
		"not read, a broken part of the export: Export-1-Part-3.zip",
		"not read, no Markdown or CSV: Export-1/Deep-Part-1.zip, Export-1/One/code.zip, Sub/Export-1-Part-4.zip, notes.zip",
	})
	dir := t.TempDir()
	for _, f := range files[:3] {
		if err := os.WriteFile(filepath.Join(dir, f.name), []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check(t, opened(t, dir), []string{"One.md", "Two.md"}, []string{
		"not read, a broken part of the export: Export-1-Part-3.zip",
		"not read, no Markdown or CSV: Deep-Part-1.zip, One/code.zip",
	})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	secret := written(t, "secret.md", "secret")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "a.md"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"out.md": secret, "up.md": "../../etc/hosts", "inside.md": "sub/a.md", "gone.md": "nothing", "loop": ".", "folder": filepath.Dir(secret),
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	check(t, opened(t, dir), []string{"inside.md", "sub/a.md"}, []string{
		"not read, a link that leaves the folder or leads nowhere: folder, gone.md, out.md, up.md",
		"not read, a link to a folder: loop",
	})
}

// What a zip file can cost is bounded by its own size, whatever is packed into
// it: much of one byte, and many lines or fields of nothing.
func TestSmallZipsStaySmall(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"bytes.md": strings.Repeat("a", 31<<20), "lines.md": strings.Repeat("\n", 1<<20), "fields.csv": strings.Repeat(",", 1<<20), "large.md": strings.Repeat("a", 33<<20),
	} {
		b := opened(t, written(t, "a.zip", packed(t, file{"ok.md", "# Fine"}, file{name, text}, file{"z.md", "# Fine too"})))
		check(t, b, []string{"ok.md", "z.md"}, []string{"not read, too large or too much text in all: " + name})
	}
	var many []file
	for i := range 40 {
		many = append(many, file{fmt.Sprintf("%02d.md", i), strings.Repeat("a", 1<<20)})
	}
	b := opened(t, written(t, "a.zip", packed(t, many...)))
	if got := len(b.Names()); got < 3 || got > 8 {
		t.Errorf("%d MB of text are read from a zip file of 40 kB", got)
	}
	bomb := packed(t, file{"a.md", strings.Repeat("a", 60<<20)})
	check(t, opened(t, written(t, "a.zip", packed(t, file{"E-Part-1.zip", strings.Repeat(bomb, 200)}, file{"ok.md", ""}))), []string{"ok.md"},
		[]string{"not read, a broken part of the export: E-Part-1.zip"})
}

// A file whose bytes do not fit its checksum, or whose size is a lie, costs
// itself alone.
func TestBrokenEntries(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, h := range []*zip.FileHeader{
		{Name: "crc.md", CompressedSize64: 4, UncompressedSize64: 4, CRC32: 1},
		{Name: "lie.md", CompressedSize64: 4, UncompressedSize64: 2},
		{Name: "method.md", Method: 99, CompressedSize64: 4, UncompressedSize64: 4},
		{Name: "ok.md", CompressedSize64: 4, UncompressedSize64: 4, CRC32: crc32.ChecksumIEEE([]byte("four"))},
	} {
		w, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("four")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, opened(t, written(t, "a.zip", buf.String())), []string{"ok.md"}, []string{"not read, broken or not readable: crc.md, lie.md, method.md"})
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	utf16 := func(s string, mark bool, low int) string {
		var out []byte
		if mark {
			s = "\ufeff" + s
		}
		for _, r := range s {
			pair := [2]byte{byte(r >> 8), byte(r)}
			out = append(out, pair[low], pair[1-low])
		}
		return string(out)
	}
	for name, tt := range map[string]struct{ raw, want, note string }{
		"utf8":          {"Grüße\n", "Grüße\n", ""},
		"two marks":     {"\ufeff\ufeffGrüße", "Grüße", ""},
		"one bad byte":  {"Grüße, Ärger \xff", "Grüße, Ärger \xff", ""},
		"little endian": {utf16("Grüße €", true, 1), "Grüße €", "read as UTF-16"},
		"big endian":    {utf16("Grüße €", true, 0), "Grüße €", "read as UTF-16"},
		"no mark":       {utf16("Grüße\n", false, 1), "Grüße\n", "read as UTF-16"},
		"latin":         {"Gr\xfc\xdfe", "Grüße", "read as Windows-1252 (Latin-1), since it is not UTF-8"},
		"windows":       {"5 \x80 \x93x\x94", "5 € “x”", "read as Windows-1252 (Latin-1), since it is not UTF-8"},
	} {
		b, err := bundle.Read(fstest.MapFS{"a.md": {Data: []byte(tt.raw)}})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := b.Text("a.md"); !ok || string(got) != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if got := strings.Join(b.Notes.Lines(), "\n"); (tt.note == "") != (got == "") || !strings.HasPrefix(got, tt.note) {
			t.Errorf("%s: noted %q, want %q", name, got, tt.note)
		}
	}
	b, err := bundle.Read(fstest.MapFS{"a.md": {Data: []byte("\x89PNG\x00\x00\xff\xfe\x01\x80\xa0\x00")}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, b, nil, []string{"not read, no text though its name says so: a.md"})
}

// Whatever a file is, opening it ends: in a tree of paths inside it, or in an
// error.
func FuzzZip(f *testing.F) {
	f.Add([]byte(packed(f, file{`a\b.md`, "# A"}, file{"../x.csv", "Name"}, file{"E-Part-1.zip", packed(f, file{"c.md", "\xff"})})))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	name := filepath.Join(f.TempDir(), "a.zip")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := bundle.Open(name)
		if err != nil {
			return
		}
		for _, n := range b.Names() {
			if !filepath.IsLocal(filepath.FromSlash(n)) || strings.Contains(n, `\`) {
				t.Errorf("name %q", n)
			}
		}
	})
}
