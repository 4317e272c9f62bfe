package console

import (
	"text/tabwriter"

	"github.com/mcp-notion/mcp-notion/internal/console/settings"
)

// ShowSettings tells what is in force and where each value comes from. Of
// secrets it tells only whether they are set.
func ShowSettings(c Config, all []settings.Setting, t Terminal) error {
	w := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
	row := func(name, value, from string) {
		_, _ = w.Write([]byte(printable(name) + "\t" + orDash(printable(value)) + "\t" + printable(from) + "\n"))
	}
	for _, s := range all {
		from := string(s.Source)
		if s.From != "" {
			from += ": " + s.From
		}
		row(s.Name, s.Value, from)
	}
	for _, name := range settings.Secrets() {
		switch path := c.getenv(name + "_FILE"); {
		case path != "":
			row(name, "(secret)", "file: "+path)
		case c.getenv(name) != "":
			row(name, "(secret)", "environment")
		default:
			row(name, "", "not set")
		}
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
