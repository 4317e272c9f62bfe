package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
)

//go:embed static
var assets embed.FS

const staticPath = ConnectPath + "/static/"

// asset is the path of a file of ours. It changes with the file, which may be
// kept for ever.
func asset(name string) (string, error) {
	data, err := assets.ReadFile("static/" + name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return staticPath + hex.EncodeToString(sum[:6]) + "/" + name, nil
}

func static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if at, err := asset(name); err != nil || at != r.URL.Path {
		http.NotFound(w, r) // of another version, or none of ours
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(w, r, assets, "static/"+name)
}
