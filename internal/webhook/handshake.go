package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"regexp"
)

// Handshake is the http.Handler of a subscription at Notion whose secret is not
// known yet. Notion sends it, once and unsigned, and the operator has to paste it
// back into Notion: the first that comes goes into a file that only they can
// read. Nothing is trusted because of it: whoever starts the server decides
// whether that is the secret.
type Handshake struct {
	File string
	Log  *slog.Logger // told the name of the file, and nothing of what is in it
}

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,200}$`)

// ServeHTTP keeps the first token, and puts everything else off: Notion sends
// events again for about a day.
func (h *Handshake) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, ok := read(w, req)
	if !ok {
		return
	}
	var said struct {
		Token string `json:"verification_token"`
	}
	if err := json.Unmarshal(body, &said); err != nil || !tokenForm.MatchString(said.Token) {
		http.Error(w, "the secret of this subscription is not configured yet", http.StatusServiceUnavailable)
		return
	}
	switch err := h.keep(said.Token); {
	case errors.Is(err, fs.ErrExist):
		h.Log.Warn("another verification token came and was not kept; delete the file if the one in it is not yours", "file", h.File)
		http.Error(w, "a verification token is there already", http.StatusConflict)
	case err != nil:
		h.Log.Error("cannot keep the verification token of the webhook", "err", err)
		http.Error(w, "cannot keep it", http.StatusInternalServerError)
	default:
		h.Log.Warn("Notion sent the verification token of the webhook: paste what is in the file into Notion, and start again with the file as the secret", "file", h.File)
		w.WriteHeader(http.StatusOK)
	}
}

func (h *Handshake) keep(token string) error {
	f, err := os.OpenFile(h.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep the verification token: %w", err)
	}
	_, err = f.WriteString(token + "\n")
	return errors.Join(err, f.Close())
}
