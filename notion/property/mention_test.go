package property_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-notion/mcp-notion/notion/property"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"What was agreed on 5 January 2024 about travel?":      "5 January 2024=2024-01-05",
		"2026-07-14 Crew sync":                                 "2026-07-14=2026-07-14",
		"Crew sync (14.07.2026)":                               "14.07.2026=2026-07-14",
		"Pricing 2024":                                         "2024=2024-01-01 to 2024-12-31",
		"in March, who paid":                                   "in March=2026-03-01 to 2026-03-31 any",
		"since March 2025 and in Q3 2025.":                     "since March 2025=2025-03-01 to 2026-11-21 | in Q3 2025=2025-07-01 to 2025-09-30",
		"what changed last week?":                              "last week=2026-11-09 to 2026-11-15",
		"the last 30 days":                                     "last 30 days=2026-10-22 to 2026-11-21",
		"Was wurde im März 2026 beschlossen":                   "im März 2026=2026-03-01 to 2026-03-31",
		"acta del 3 de mayo de 2026":                           "3 de mayo de 2026=2026-05-03",
		"2026年3月14日の議事録":                                       "2026-3-14=2026-03-14",
		"March 5th, 2026":                                      "March 5th, 2026=2026-03-05",
		"two weeks ago":                                        "two weeks ago=2026-11-07",
		"December budget, said in December":                    "in December=2025-12-01 to 2025-12-31 any",
		"may I march in the second half? port 8080, in 3 days": "",
		"version 1.30, H1 of the page, 12 people, week 12":     "",
		"The second may be late. In 10 minutes":                "",
	} {
		var all []string
		for _, m := range property.Mentions(text, now) {
			s := m.Words + "=" + m.String()
			if m.Yearless {
				s += " any"
			}
			all = append(all, s)
		}
		if diff := cmp.Diff(want, strings.Join(all, " | ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzMentions(f *testing.F) {
	f.Add("since March 2025, 5th of July; 2026年")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range property.Mentions(text, now) {
			if !m.Start.Before(m.End) || m.Words == "" {
				t.Errorf("%q: %+v", text, m)
			}
		}
	})
}
