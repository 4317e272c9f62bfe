package server_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mcp-notion/mcp-notion/notion/emulator"
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
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	interrupt()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
}
