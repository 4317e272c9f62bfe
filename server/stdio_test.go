package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/server"
)

// These tests run one after another: the library keeps one stdio session for
// the whole process.

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

func call(id int, tool, args string) string {
	data, _ := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": id, "method": "tools/call",
		"params": map[string]any{"name": tool, "arguments": json.RawMessage(args)},
	})
	return string(data)
}

type answer struct {
	ID     int `json:"id"`
	Result struct {
		ServerInfo   struct{ Name string } `json:"serverInfo"`
		Instructions string                `json:"instructions"`
		Content      []struct{ Text string }
		IsError      bool `json:"isError"`
	} `json:"result"`
	Error *struct{ Message string } `json:"error"`
}

func answers(t *testing.T, out string) map[int]answer {
	t.Helper()
	all := map[int]answer{}
	for line := range strings.Lines(out) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("stdout has a line that is no JSON: %q", line)
		}
		all[a.ID] = a
	}
	return all
}

func TestStdioAnswersEverythingBeforeItEnds(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{Latency: 20 * time.Millisecond})
	cfg := config(dataDir(t), url, secret)
	cfg.Mirror = server.MirrorAlways
	lines := []string{initialize, `{"jsonrpc":"2.0","method":"notifications/initialized"}`}
	for i := 2; i < 12; i++ {
		lines = append(lines, call(i, "search_notion", `{"query":"how many workers"}`))
	}
	in := strings.NewReader(strings.Join(lines, "\n")) // and no newline at the end
	var out strings.Builder
	if err := server.Stdio(t.Context(), cfg, in, &out); err != nil {
		t.Fatal(err)
	}
	got := answers(t, out.String())
	if got[1].Result.ServerInfo.Name != "mcp-notion" || got[1].Result.Instructions == "" {
		t.Errorf("initialize: %+v", got[1])
	}
	for i := 2; i < 12; i++ {
		a := got[i]
		if a.Error != nil || a.Result.IsError || len(a.Result.Content) == 0 {
			t.Errorf("answer %d: %+v", i, a)
			continue
		}
		// A machine that is too slow for the page says so.
		if text := a.Result.Content[0].Text; !strings.Contains(text, "twelve") && !strings.Contains(text, "Still reading") {
			t.Errorf("answer %d: %s", i, text)
		}
	}
}

func TestStdioAnswersInitializeBeforeTheIndexIsThere(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	cfg := config(dataDir(t), url, secret)
	lock := flock.New(filepath.Join(cfg.Data, cfg.Connection.Key()+".lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- server.Stdio(context.Background(), cfg, inR, outW) }()
	lines := bufio.NewReader(outR)
	if _, err := io.WriteString(inW, initialize+"\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := lines.ReadString('\n'); err != nil || answers(t, line)[1].Result.ServerInfo.Name != "mcp-notion" {
		t.Fatalf("initialize: %q, %v", line, err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(inW, call(2, "search_notion", `{"query":"workers"}`)+"\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := lines.ReadString('\n'); err != nil || len(answers(t, line)[2].Result.Content) == 0 {
		t.Fatalf("search: %q, %v", line, err)
	}
	_ = inW.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestInterruptLetsACommentFinish(t *testing.T) {
	fake, url := fakeNotion(t, emulator.Config{Latency: 100 * time.Millisecond})
	var page string
	for _, p := range fake.Pages() {
		if p.Path == "queue.md" {
			page = p.ID
		}
	}
	ctx, interrupt := context.WithCancel(context.Background())
	inR, inW := io.Pipe()
	var out strings.Builder
	done := make(chan error, 1)
	go func() { done <- server.Stdio(ctx, config(dataDir(t), url, secret), inR, &out) }()
	for _, line := range []string{initialize, call(2, "append_comment", `{"page":"`+page+`","text":"seen"}`)} {
		if _, err := io.WriteString(inW, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "a request to Notion", func() bool { return fake.Requests() > 0 })
	interrupt()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if a := answers(t, out.String())[2]; a.Result.IsError || len(a.Result.Content) == 0 {
		t.Errorf("the comment under way was answered with %+v", a)
	}
}

func TestReadOnlyHasNoWritingTool(t *testing.T) {
	_, url := fakeNotion(t, emulator.Config{})
	for _, readOnly := range []bool{false, true} {
		cfg := config(dataDir(t), url, secret)
		cfg.ReadOnly = readOnly
		in := strings.NewReader(initialize + "\n" + `{"jsonrpc":"2.0","id":2,"method":"tools/list"}` + "\n" + call(3, "append_comment", `{"page":"x","text":"y"}`) + "\n")
		var out strings.Builder
		if err := server.Stdio(t.Context(), cfg, in, &out); err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(out.String(), `"name":"append_comment"`); has == readOnly {
			t.Errorf("read-only %v: append_comment is listed: %v", readOnly, has)
		}
		if a := answers(t, out.String())[3]; readOnly && a.Error == nil && !a.Result.IsError {
			t.Errorf("a read-only server accepted append_comment: %+v", a)
		}
	}
}
