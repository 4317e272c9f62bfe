package quote

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is no part of the words that a reader sees, and is blanked.
var (
	linkTarget = regexp.MustCompile(`\]\\?\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"\n]*")?\)`)
	fenceLine  = regexp.MustCompile("(?m)^[ \t>]*(?:```+|~~~+)[^`\n]*$")
	escaped    = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
	entity     = regexp.MustCompile(`\\?(?:&(?:lt|gt|amp|quot|apos|nbsp|#39|#34);)+(?:=|\d+)?`)
	equation   = regexp.MustCompile(`\$[^\s$][^$\n]{0,500}\$`)
)

// listMarker is the number or the checkbox of a list item: a quotation may have
// it or not.
var listMarker = regexp.MustCompile(`(?m)^[ \t>]*(?:\d{1,3}[.)] |(?:[-*+] )?\[[ xX]\] )`)

// place is a range of bytes.
type place struct{ start, end int }

// masked blanks what is no word, byte by byte, so that places stay what they
// were, and says where list markers are.
func masked(text string) (string, []place) {
	text = fenceLine.ReplaceAllStringFunc(text, blank)
	text = linkTarget.ReplaceAllStringFunc(text, func(s string) string { return "]" + blank(s[1:]) })
	b := []byte(text)
	var markers []place
	for _, at := range listMarker.FindAllStringIndex(text, -1) {
		markers = append(markers, place{at[0], at[1]})
		if box := strings.IndexByte(text[at[0]:at[1]], '['); box >= 0 {
			copy(b[at[0]+box:], boxes(text[at[0]+box+1])) // as long as "[x]"
		}
	}
	text = withoutDollars(string(b))
	text = entity.ReplaceAllStringFunc(text, decoded)
	return escaped.ReplaceAllString(text, " $1"), markers // what is escaped has marked nothing
}

// boxes is a checkbox as a sign, so that what is done differs from what is not.
func boxes(mark byte) string {
	if mark == ' ' {
		return "☐"
	}
	return "☑"
}

func blank(s string) string { return strings.Repeat(" ", len(s)) }

// characters are those that entities stand for; others are blank.
var characters = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&apos;", "'", "&#39;", "'", "&quot;", " ", "&#34;", " ", "&nbsp;", " ")

// decoded are the characters of entities, and what makes one sign with them,
// padded so that they stand as close to their words as before.
func decoded(s string) string {
	plain := characters.Replace(strings.TrimPrefix(s, `\`))
	pad := blank(s[len(plain):])
	if strings.HasPrefix(plain, "<") {
		return pad + plain
	}
	return plain + pad
}

// withoutDollars blanks the marks around equations, which are no money.
func withoutDollars(text string) string {
	if strings.Count(text, "$") < 2 {
		return text
	}
	b := []byte(text)
	for _, at := range equation.FindAllStringIndex(text, -1) {
		if strings.HasSuffix(text[:at[0]], `\\`) || strings.HasSuffix(text[:at[1]-1], `\\`) {
			continue // they are escaped
		}
		if !digitAt(text, at[1]) && strings.ContainsAny(text[at[0]:at[1]], `\=^_+`) {
			b[at[0]], b[at[1]-1] = ' ', ' '
		}
	}
	return string(b)
}

// Signs for yes and no, as people put them into tables.
const (
	yes = "✅✔✓☑"
	no  = "❌✗✘✖☒🚫"
)

// sign are marks that belong to what is said: 30 % is not 30, and $30 not €30.
func sign(r rune) bool {
	return r == '%' || r == '‰' || r == '≤' || r == '≥' || r == '±' || r == '≠' || r == '☐' ||
		strings.ContainsRune(yes, r) || strings.ContainsRune(no, r) || unicode.Is(unicode.Sc, r)
}

// operator is the length of a sign of programs and formulas at i, 0 if there is
// none. What marks lists, quotations and arrows is none.
func operator(text string, i int) int {
	rest := text[i:]
	for _, op := range []string{"!=", "<=", ">=", "&&"} {
		if strings.HasPrefix(rest, op) {
			return len(op)
		}
	}
	if !strings.ContainsRune("<>+", rune(rest[0])) {
		return 0
	}
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text[max(0, i-nearby):i], " \t"))
	if rest[0] == '+' {
		if before != utf8.RuneError && before != '\n' && before != '>' {
			return 1
		}
		return 0
	}
	spaced := strings.HasPrefix(rest[1:], " ") && i > 0 && text[i-1] == ' '
	if digitAt(text, i+1) && before != '-' && before != '=' || spaced && (letter(before) || before == ')') {
		return 1
	}
	return 0
}

// nearby is how far back an operator looks for what it stands behind.
const nearby = 8
