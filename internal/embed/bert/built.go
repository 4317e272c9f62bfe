package bert

import (
	"embed"
	"io/fs"
)

//go:embed built
var built embed.FS

// Built is the folder of the model that was built into the binary, and whether
// one was.
func Built() (fs.FS, bool) {
	folder, err := fs.Sub(built, "built")
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(folder, "model.safetensors")
	return folder, err == nil
}
