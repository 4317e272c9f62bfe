package server_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
)

func TestInterruptDoesNotWaitForAReadThatHangs(t *testing.T) {
	fake, url := fakeNotion(t, emulator.Config{})
	fake.Inject(emulator.Fault{Hang: true})
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	inR, inW := io.Pipe()
	defer inW.Close()
	var out strings.Builder
	done := make(chan error, 1)
	go func() { done <- server.Stdio(ctx, config(dataDir(t), url, secret), inR, &out) }()
	for _, line := range []string{initialize, call(2, "read_page", `{"page":"0a1b0000000000000000000000000001"}`)} {
		if _, err := io.WriteString(inW, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "a request that hangs", func() bool { return fake.Requests() > 0 })
	interrupt()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
