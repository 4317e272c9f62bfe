package toolchain

import "testing"

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{
		"v22.19.0\n": true, "v22.23.3\n": true, "v23.0.0\n": true, "v26.10.0": true,
		"v22.18.9\n": false, "v20.20.2\n": false, "": false, "22.19.0\n": false,
	} {
		if err := checkVersion(version); (err == nil) != ok {
			t.Errorf("checkVersion(%q) = %v, want ok %t", version, err, ok)
		}
	}
}
