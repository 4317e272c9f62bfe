package file

import (
	"strings"
	"testing"
)

// FuzzParse shows that a file, however broken, neither panics nor gets a secret
// into an error, and that every grant has an owner and a token.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"connections": {"my-notion": "ntn_S3CRET"}}`,
		`{"subjects": [{"issuer": "i", "organization": "o", "user": "u", "connections": {"a": "ntn_S3CRET"}}]}`,
		`{"subjects": [{"issuer": "i", "organization": "o", "shared": true, "connections": {"a": "ntn_S3CRET"}}]}`,
		`{"ntn_S3CRET": 1}`, `{"connections": {"ntn_S3CRET": "x"}}`, `{} ntn_S3CRET`, `[`, ``,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		grants, err := parse([]byte(text))
		if err != nil && (grants != nil || strings.Contains(err.Error(), "S3CRET")) {
			t.Errorf("got %v, %v", grants, err)
		}
		for c, tok := range grants {
			owned := c.Subject.Issuer == local || c.Subject.Issuer != "" && (c.IsShared() && c.Subject.Organization != "" || c.Subject.User != "")
			if !owned || tok.Reveal() == "" || c.Handle == "" {
				t.Errorf("%+v has a grant", c)
			}
		}
	})
}
