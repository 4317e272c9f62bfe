package retrieval

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/mcp-notion/mcp-notion/index"
	"github.com/mcp-notion/mcp-notion/internal/unify"
	"github.com/mcp-notion/mcp-notion/notion"
	"github.com/mcp-notion/mcp-notion/notion/property"
)

// retired are words by which people mark pages that are no longer in force, or
// not yet, in the languages that the index tells apart and a few more.
var retired = wordsOf(`old archive archived archives deprecated obsolete superseded outdated legacy draft former retired expired replaced
	alt alte altes veraltet archiv archiviert überholt entwurf ehemalig abgelöst ungültig
	ancien ancienne archivé archivée obsolète périmé brouillon remplacé
	antiguo antigua archivado archivada obsoleto obsoleta borrador reemplazado antigo arquivado rascunho
	vecchio archiviato bozza oud verouderd gearchiveerd concept`)

// retiredSigns are the same in scripts that put no space between words.
var retiredSigns = []string{"旧", "廃止", "アーカイブ", "下書き", "归档", "存档", "废弃", "过时", "草稿", "보관", "초안", "архив", "устар"}

// backward are words of a question that asks for what was, beside retired.
var backward = wordsOf(`older previous previously earlier formerly originally historic historical
	früher frühere früheren damals vorherige ancienne auparavant précédent précédente avant anterior antes anteriormente 以前 之前`)

// newest are words of a question that asks for the last of a series.
var newest = wordsOf(`latest newest neueste neuesten jüngste dernier dernière último última 最新`)

func wordsOf(list string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(unify.Text(list)) {
		all[w] = true
	}
	return all
}

// split are the words of a text, in lower case.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(unify.Text(text)), func(r rune) bool { return notWord(r) && r != '.' && r != '-' })
}

// wordsIn are those of split, without what joins them.
func wordsIn(text string) []string {
	return strings.FieldsFunc(strings.ToLower(unify.Text(text)), notWord)
}

// speaks says whether a text has one of some words.
func speaks(text string, of map[string]bool) bool {
	return slices.ContainsFunc(wordsIn(text), func(w string) bool { return of[w] })
}

// retiredTitle says whether a title marks what it names as retired: in
// brackets, before a colon or behind a dash, or as the first or last of few
// words, which certain tells apart: a page about drafts may begin so too.
func retiredTitle(title string) (marked, certain bool) {
	title = strings.TrimLeft(strings.TrimFunc(strings.ToLower(unify.Text(title)), sign), "([【")
	if marked, certain = signed(title); marked {
		return marked, certain
	}
	words := strings.FieldsFunc(title, notWord)
	if len(words) == 0 {
		return false, false
	}
	first, last := words[0], words[len(words)-1]
	if retired[first] {
		rest := strings.TrimLeft(strings.TrimPrefix(title, first), " ")
		return true, len(words) == 1 || strings.IndexAny(rest, ":-–—|])】") == 0
	}
	for _, part := range strings.FieldsFunc(title, func(r rune) bool { return strings.ContainsRune("()[]【】", r) })[1:] {
		if speaks(part, retired) {
			return true, true
		}
	}
	if retired[last] {
		before := strings.TrimRight(strings.TrimSuffix(strings.TrimRightFunc(title, notWord), last), " ")
		return true, strings.ContainsAny(before[max(0, len(before)-3):], "-–—:|")
	}
	return false, false
}

// unsigned are words that have one of retiredSigns and another meaning: San
// Francisco, the new year of the old calendar.
var unsigned = strings.NewReplacer("旧金山", "", "旧正月", "")

// signed is retiredTitle for retiredSigns, which are also parts of words for
// other things: only what stands alone is certain.
func signed(title string) (marked, certain bool) {
	if ascii(title) {
		return false, false
	}
	title = unsigned.Replace(title)
	for _, s := range retiredSigns {
		if before, rest, ok := strings.Cut(title, s); ok {
			begins, ends := before == "", rest == ""
			marked = marked || begins || ends || strings.HasSuffix(before, "(") || strings.HasSuffix(before, "【")
			before, rest = strings.TrimRight(before, " "), strings.TrimLeft(strings.TrimPrefix(rest, "版"), " ")
			certain = certain || (begins || strings.TrimRightFunc(before, notWord) != before) && (rest == "" || strings.TrimLeftFunc(rest, notWord) != rest)
		}
	}
	return marked, certain
}

func sign(r rune) bool { return unicode.IsSpace(r) || unicode.IsSymbol(r) || r == '_' || r == '.' }

// retiredPlace says whether a page that holds others keeps what is retired.
func retiredPlace(title string) bool {
	_, certain := retiredTitle(title)
	return certain
}

// retiredPage says whether a page is marked as retired: by its title, by its
// properties or by a page above it.
func retiredPage(p index.Page, up []index.Page, values map[string]notion.Property) bool {
	return retiredPlace(p.Title) || retiredRow(values) || slices.ContainsFunc(up, func(u index.Page) bool { return retiredPlace(u.Title) })
}

// lifecycle are words in the names of columns that say how far a page is.
var lifecycle = []string{"status", "state", "stage", "lifecycle", "zustand", "statut", "état", "estado", "stato", "ステータス", "状態", "状态"}

// retiredRow says whether the properties of a row mark it as retired.
func retiredRow(values map[string]notion.Property) bool {
	for name, p := range values {
		name = strings.ToLower(unify.Text(name))
		var said []string
		for _, o := range []*notion.Option{p.Select, p.Status} {
			if o != nil {
				said = append(said, o.Name)
			}
		}
		for _, o := range p.MultiSelect {
			said = append(said, o.Name)
		}
		named := p.Status != nil || slices.ContainsFunc(lifecycle, func(w string) bool { return strings.Contains(name, w) })
		if p.Checkbox && speaks(name, retired) || named && slices.ContainsFunc(said, func(s string) bool { m, _ := retiredTitle(s); return m }) {
			return true
		}
	}
	return false
}

// values are the properties of a row as the index has them; nil for what is no
// row.
func (r *Retriever) values(ctx context.Context, p index.Page) map[string]notion.Property {
	if p.Parent.DataSourceID == "" {
		return nil
	}
	raw, err := r.cfg.Index.Values(ctx, p.ID)
	var values map[string]notion.Property
	if err != nil || raw == nil || json.Unmarshal(raw, &values) != nil {
		return nil // the page stands where its words put it
	}
	return values
}

// key is what the titles of pages have in common that are versions of one
// another, or one of a series: no dates, versions and marks.
func key(title string, times []property.Mention) string {
	title = strings.ToLower(unify.Text(title))
	for _, m := range times {
		title = strings.Replace(title, strings.ToLower(m.Words), " ", 1)
	}
	words := slices.DeleteFunc(split(title), func(w string) bool {
		return retired[w] || version(w) != nil || w == "version" || w == "copy" || strings.Trim(w, ".-") == ""
	})
	name := strings.Join(words, " ")
	if ascii(name) {
		return name
	}
	for _, s := range retiredSigns {
		name = strings.ReplaceAll(name, s, "")
	}
	return name
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// version is a word such as v2 or 1.30, by its numbers; nil for another word.
func version(w string) []int {
	w, led := strings.CutPrefix(w, "v")
	if !led && !strings.Contains(w, ".") {
		return nil
	}
	var all []int
	for part := range strings.SplitSeq(w, ".") {
		n := 0
		for _, r := range part {
			if r < '0' || r > '9' || n > 1e6 {
				return nil
			}
			n = 10*n + int(r-'0')
		}
		if part == "" {
			return nil
		}
		all = append(all, n)
	}
	return all
}
