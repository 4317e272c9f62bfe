// Package golden compares what a test made with what a file says, for tests
// alone. go test ./pkg -update accepts what differs; the files are reviewed like
// code.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files as the tests would have them")

// File fails t if got is not what the file holds. With -update, it is written.
func File[S ~string](t testing.TB, path string, got S) {
	t.Helper()
	if *update {
		if err := write(path, string(got)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update accepts):\n%s", path, diff)
	}
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
