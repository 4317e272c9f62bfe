package notion

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	hexA = "1111111122228333" + "8444aaaaaaaaaaaa"
	hexB = "1111111122228333" + "8444bbbbbbbbbbbb"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, in := range []string{string(idA), hexA, strings.ToUpper(string(idA)), strings.ToUpper(hexA), " " + hexA + "\n"} {
		if got, err := ParseID(in); err != nil || got != idA {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", hexA[1:], hexA + "0", "g" + hexA[1:], "1111111-12222-8333-8444-aaaaaaaaaaaa", hexA[:31] + "é", "11111111-2222-8333-8444-aaaaaaaa-aaa"} {
		if got, err := ParseID(in); !errors.Is(err, ErrBadRef) || got != "" {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	if got := idA.Compact(); got != hexA {
		t.Errorf("compact is %q", got)
	}
}

func TestIDJSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]ID{
		`"` + strings.ToUpper(hexA) + `"`: idA, `"` + string(idA) + `"`: idA, `"user-1"`: "user-1", `null`: "", `""`: "",
	} {
		var got ID
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: got %q, %v", in, got, err)
		}
	}
	var id ID
	if err := json.Unmarshal([]byte(`5`), &id); err == nil {
		t.Error("a number was taken as an id")
	}
}

func TestParseRef(t *testing.T) {
	t.Parallel()
	page, view := Ref{Page: idA}, Ref{Page: idA, View: idB}
	block := Ref{Page: idA, Block: idB}
	for in, want := range map[string]Ref{
		hexA:                                        page,
		string(idA):                                 page,
		" <" + hexA + "> ":                          page,
		"Title-Slug-" + hexA:                        page,
		hexA + "#" + hexB:                           block,
		"https://www.notion.so/Title-" + hexA:       page,
		"https://www.notion.so/" + hexA:             page,
		"http://notion.so/" + hexA:                  page,
		"https://app.notion.so/" + hexA:             page,
		"https://notion.com/" + hexA:                page,
		"https://WWW.Notion.SO/" + hexA:             page,
		"www.notion.so/Title-" + hexA:               page,
		"acme.notion.site/Title-" + hexA:            page,
		"https://www.notion.so/acme/T-" + hexA:      page,
		"https://www.notion.so/T-" + hexA + "/":     page,
		"https://app.notion.com/p/" + hexA:          page,
		"https://app.notion.com/p/" + string(idA):   page,
		"https://app.notion.com/p/T-" + string(idA): page,
		"https://app.notion.com/p/T%C3%A9-" + hexA + "?source=copy_link":             page,
		"https://acme.notion.site/T-" + hexA + "?pvs=4":                              page,
		"notion://www.notion.so/T-" + hexA:                                           page,
		"notion://" + hexA:                                                           page,
		"notion://page/" + string(idA):                                               page,
		"https://app.notion.com/p/T-" + hexA + "#" + hexB:                            block,
		"https://app.notion.com/p/T-" + hexA + "?pvs=4#block-" + hexB:                block,
		"https://app.notion.com/p/T-" + hexA + "#" + string(idB):                     block,
		"https://app.notion.com/p/T-" + hexA + "#a-heading":                          page,
		"https://www.notion.so/acme/" + hexA + "?v=" + hexB:                          view,
		"https://www.notion.so/acme/" + hexB + "?v=" + hexB + "&p=" + hexA + "&pm=s": view,
		"https://www.notion.so/acme?p=" + hexA:                                       page,
		"https://app.notion.com/p/" + hexA + "?d=" + hexB:                            {Page: idA, Discussion: idB},
		"https://app.notion.com/p/" + hexA + "?p=none":                               page,
		"http://127.0.0.1:8080/base/p/T-" + hexA + "#" + hexB:                        block,
		"[Row](https://app.notion.com/p/" + hexA + ")":                               page,
		`[A [x] (y)](https://app.notion.com/p/` + hexA + `#` + hexB + ` "Title")`:    block,
		"[<" + hexA + ">](<https://app.notion.com/p/" + hexA + ">)":                  page,
		"{#" + hexA + "}":               page,
		"http://localhost:80/T-" + hexA: page,
		"http://[::1]:80/T-" + hexA:     page,
	} {
		got, err := ParseRef(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

func TestParseRefRefuses(t *testing.T) {
	t.Parallel()
	for in, words := range map[string]string{
		"":                                      "neither an id nor an address",
		"the QBR page":                          "neither an id nor an address",
		"abc" + hexA:                            "neither an id nor an address",
		"%zz":                                   "cannot be read",
		"[" + hexA + "](https://example.com/x)": "not the address of a page in Notion",
		"mailto:" + hexA:                        "cannot be read",
		"/etc/T-" + hexA:                        "not the address of a page in Notion",
		"//notion.so/" + hexA:                   "not the address of a page in Notion",
		"https://example.com/T-" + hexA:         "not the address of a page in Notion",
		"https://notion.so.example.com/T-" + hexA:     "not the address of a page in Notion",
		"https://evilnotion.so/T-" + hexA:             "not the address of a page in Notion",
		"https://www.notion.so@example.com/T-" + hexA: "not the address of a page in Notion",
		"https://x@www.notion.so/T-" + hexA:           "not the address of a page in Notion",
		"ftp://www.notion.so/T-" + hexA:               "not the address of a page in Notion",
		"http://192.0.2.1/T-" + hexA:                  "not the address of a page in Notion",
		"https://www.notion.so/acme":                  "names no page",
		"https://www.notion.so/acme?v=" + hexA:        "names no page",
		"https://www.notion.so/help#" + hexA:          "names no page",
		"https://acme.notion.site/Handbook":           "use Copy link",
		strings.Repeat("x", 500):                      "...",
	} {
		got, err := ParseRef(in)
		if !errors.Is(err, ErrBadRef) || !strings.Contains(err.Error(), words) || got != (Ref{}) {
			t.Errorf("%q: got %+v, %v, want %q", in, got, err, words)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("the error is %d bytes long", len(err.Error()))
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	const own = "https://app.notion.com/p/T-" + hexA
	for got, want := range map[string]string{
		PageURL(idA):                           "https://app.notion.com/p/" + hexA,
		BlockURL(own, idB):                     own + "#" + hexB,
		BlockURL(own+"?pvs=4#"+hexA, idB):      own + "?pvs=4#" + hexB,
		BlockURL(own+"#"+hexA, ""):             own,
		DiscussionURL(own, idB):                own + "?d=" + hexB,
		DiscussionURL(own+"?pvs=4#"+hexA, idB): own + "?pvs=4&d=" + hexB + "#" + hexA,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	ref, err := ParseRef(DiscussionURL(BlockURL(own, idB), idA))
	if want := (Ref{Page: idA, Block: idB, Discussion: idA}); err != nil || ref != want {
		t.Errorf("our own address reads as %+v, %v", ref, err)
	}
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{
		hexA, string(idA), "https://app.notion.com/p/T-" + hexA + "?d=" + hexB + "#block-" + hexB,
		"https://www.notion.so/acme?v=" + hexA + "&p=" + hexB, "notion://" + hexA, "https://acme.notion.site/x", "http://[::1]/" + hexA,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := ParseRef(s)
		if err != nil {
			if ref != (Ref{}) || !errors.Is(err, ErrBadRef) {
				t.Errorf("refused with %+v, %v", ref, err)
			}
			return
		}
		if ref.Page == "" {
			t.Error("read without a page")
		}
		for _, id := range []ID{ref.Page, ref.Block, ref.Discussion, ref.View} {
			if again, err := ParseID(string(id)); id != "" && (err != nil || again != id) {
				t.Errorf("%q is not canonical", id)
			}
		}
		again, err := ParseRef(BlockURL(PageURL(ref.Page), ref.Block))
		if err != nil || again.Page != ref.Page || again.Block != ref.Block {
			t.Errorf("its address reads as %+v, %v", again, err)
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	short := PageURL(idA)
	for own, want := range map[string]string{
		"":                              short,
		"https://app.notion.com/p/A-b0": "https://app.notion.com/p/A-b0",
		"https://app.notion.com/p/" + strings.Repeat("long-", 40) + idA.Compact(): short,
	} {
		if got := Address(own, idA); got != want {
			t.Errorf("%s: %s", own, got)
		}
	}
}
