package file

import "io/fs"

// checkMode has nothing to check: modes do not say who may read a file there.
func checkMode(string, fs.FileMode) error { return nil }
