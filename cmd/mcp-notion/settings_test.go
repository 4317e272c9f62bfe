package main

import (
	"regexp"
	"slices"
	"testing"

	"github.com/mcp-notion/mcp-notion/internal/console/settings"
)

// Every secret that the help names is one that a file is refused for, and
// --print-config tells of.
func TestSecretsOfServe(t *testing.T) {
	t.Parallel()
	found := regexp.MustCompile(`(?m)^  ([A-Z]+_[A-Z_]+)  `).FindAllStringSubmatch(serveHelp, -1)
	if len(found) < 9 {
		t.Fatalf("the help names %d", len(found))
	}
	for _, m := range found {
		if !slices.Contains(settings.Secrets(), m[1]) {
			t.Errorf("%s is missing in settings.Secrets", m[1])
		}
	}
}
