package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// healthWithin is how long a server may take to say that it is ready.
const healthWithin = 3 * time.Second

// Health asks a server whether it takes calls, for supervisors that run a
// command. "" means the server at DefaultServeAddr.
func Health(ctx context.Context, address string, t Terminal) error {
	address = strings.TrimSuffix(cmp.Or(address, "http://"+DefaultServeAddr), "/")
	if checkURL(address) != nil {
		return &Usage{Problem: fmt.Sprintf("%q is not the address of a server", address), Hint: "as in http://127.0.0.1:8080"}
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return hinted("is `mcp-notion serve` running there?", "ask whether the server is ready: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	if resp.StatusCode != http.StatusOK || err != nil {
		return errors.Join(fmt.Errorf("the server is not ready: %s", resp.Status), err)
	}
	t.say("%s", strings.TrimSpace(string(said)))
	return nil
}
