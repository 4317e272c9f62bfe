package suggest

import "testing"

func TestMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written string
		names   []string
		want    string
	}{
		{"serach", []string{"search", "read"}, "search"},
		{"page_id", []string{"page", "limit"}, "page"},
		{"renewal", []string{"Renewal date", "Owner"}, "Renewal date"},
		{"renwal", []string{"Renewal date", "Owner"}, "Renewal date"},
		{"In-Progress", []string{"Done", "In progress"}, "In progress"},
		{"größe", []string{"Grosse", "Größe"}, "Größe"},
		{"xy", []string{"a", "page"}, ""},
		{"colour", []string{"page", "query"}, ""},
		{"", []string{"page"}, ""},
		{"page", nil, ""},
	} {
		if got := Meant(c.written, c.names); got != c.want {
			t.Errorf("%q of %q: got %q, want %q", c.written, c.names, got, c.want)
		}
	}
}
