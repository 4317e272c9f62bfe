package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// startWithin and stopWithin end what hangs, on however slow a machine.
const (
	startWithin = 2 * time.Minute
	stopWithin  = 2 * time.Minute
)

// FreeAddr finds a port for a server that has to know it beforehand.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// Start runs a server and waits until it answers at the address. The function
// that it returns ends it, also after an error, and is an error with what the
// server said unless that was orderly.
func Start(cmd *exec.Cmd, address string) (end func() error, err error) {
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	name := filepath.Base(cmd.Path)
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return func() error { return nil }, fmt.Errorf("start %s: %w", name, err)
	}
	ctx, ended := context.WithCancelCause(context.Background())
	go func() { ended(cmd.Wait()) }()
	end = func() error {
		kill := time.AfterFunc(stopWithin, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		<-ctx.Done()
		if err := context.Cause(ctx); !errors.Is(err, context.Canceled) { // which stands for no error
			return fmt.Errorf("%s: %w\n%s", name, err, log.String())
		}
		return nil
	}
	if err := ready(ctx, address); err != nil {
		return end, fmt.Errorf("%s: %w", name, err)
	}
	return end, nil
}

// ready waits until a server answers. The context ends if it ends.
func ready(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("it did not become ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
