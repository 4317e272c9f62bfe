package markdown

import "testing"

func TestSeen(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"a **civilian**, not a **contractor**":      "a civilian, not a contractor",
		"***both*** and *one* or _other_ ~~gone~~":  "both and one or other gone",
		"**bold with *slanted* words**":             "bold with slanted words",
		"un**believ**able":                          "unbelievable",
		"mail `ferris@rust-lang.org` now":           "mail ferris@rust-lang.org now",
		"``a ` b`` and `**kwargs**`":                "a ` b and **kwargs**",
		`set snake_case_name, 2 * 3 * 4, 2*3*4`:     `set snake_case_name, 2 * 3 * 4, 2*3*4`,
		`\*not\* marked \_here\_`:                   `*not* marked _here_`,
		"see [the *rules*](https://example.com/x)!": "see the rules!",
		"*.go and **half":                           "*.go and **half",
		"":                                          "",
	} {
		if got := Seen(written); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}

func TestOpening(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]Text{
		"a *marked* word":             `a \*marked\* word`,
		"several words\nof two lines": "several words of...",
		"several words of":            "several words of",
		"unbrokenwordofmanyletters":   "unbrokenwordofma...",
		"休暇は事前に申請してください。休暇は事前に": "休暇は事前に申請してください。休...",
	} {
		if got := Opening(Prose(written), 16); got != want && got.Plain() != want.Plain() {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}
