package console

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-notion/mcp-notion/emulator"
	"github.com/mcp-notion/mcp-notion/internal/telemetry/telemetrytest"
)

// Metrics are served at an address of their own alone, and what is left is
// sent to the collector at the end.
func TestServeTelemetry(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	collector := telemetrytest.New(t)
	s := newScreen(t)
	v := startServe(t, ServeConfig{Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0", OTLP: collector.URL, Config: Config{Data: shortFolder(t), NotionURL: url,
		Getenv: environment("NOTION_TOKEN", secret, "MCP_NOTION_BEARER", "a-bearer-of-my-own-making")}}, s)
	if status, _ := v.searchWith("a-bearer-of-my-own-making", `{"query":"About Travel"}`); status != http.StatusOK {
		t.Errorf("%d", status)
	}
	if status, _ := fetched(t, v.base+"/metrics"); status != http.StatusNotFound {
		t.Errorf("users get the metrics: %d", status)
	}
	m := regexp.MustCompile(`Serving metrics at (\S+)\.`).FindStringSubmatch(s.out.String())
	if m == nil {
		t.Fatalf("no address is told:\n%s", s.out.String())
	}
	status, text := fetched(t, m[1])
	if want := `mcp_notion_tool_duration_seconds_count{outcome="ok",tool="search_notion"} 1`; status != http.StatusOK || !strings.Contains(text, want) {
		t.Errorf("%d %s", status, text)
	}
	if status := rebound(t, m[1]); status != http.StatusForbidden {
		t.Errorf("a name of a stranger's that points to this machine gets %d", status)
	}
	if err := v.stop(); err != nil {
		t.Error(err)
	}
	if len(collector.Spans("tools/call search_notion")) != 1 || !collector.Metric("mcp_notion.tool.duration") {
		t.Errorf("the collector got %s", collector.Text())
	}
	if all := collector.Text() + text + s.err.String(); strings.Contains(all, "Travel") || strings.Contains(all, secret) || strings.Contains(all, "own-making") {
		t.Errorf("something is told that nobody may know:\n%s", all)
	}
	if _, err := http.Get(m[1]); err == nil {
		t.Error("metrics are served after the end")
	}
}

// rebound asks as a page does whose own name was made to point to the address.
func rebound(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func fetched(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServeTelemetryMistakes(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]ServeConfig{
		"--metrics-addr: :9464 can be reached by others": {MetricsAddr: ":9464"},
		"--metrics-addr: the address":                    {MetricsAddr: "9464"},
		"--otlp must be an address":                      {OTLP: "localhost:4318"},
		"--otlp must be an address such":                 {OTLP: "http://user:planted@localhost:4318"},
	} {
		err := Serve(t.Context(), cfg, newScreen(t).Terminal)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A supervisor that runs a command learns whether the server takes calls.
func TestHealth(t *testing.T) {
	t.Parallel()
	_, url := fakeNotion(t, emulator.Config{}, nil)
	v := startServe(t, ServeConfig{Addr: "127.0.0.1:0", Config: Config{Data: shortFolder(t), NotionURL: url, Getenv: environment("NOTION_TOKEN", secret)}}, newScreen(t))
	s := newScreen(t)
	if err := Health(t.Context(), v.base+"/", s.Terminal); err != nil || s.out.String() != "ready\n" {
		t.Errorf("%v %q", err, s.out.String())
	}
	if err := Health(t.Context(), url, s.Terminal); err == nil || !strings.Contains(err.Error(), "not ready: 4") {
		t.Errorf("another server: %v", err)
	}
	if err := v.stop(); err != nil {
		t.Error(err)
	}
	if err := Health(t.Context(), v.base, s.Terminal); err == nil {
		t.Error("it is ready after its end")
	}
	if err := Health(t.Context(), "127.0.0.1:8080", s.Terminal); err == nil || !strings.Contains(err.Error(), "not the address") {
		t.Errorf("%v", err)
	}
}
