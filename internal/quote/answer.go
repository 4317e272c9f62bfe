package quote

import (
	"slices"
	"strings"
	"unicode"
)

// Cited is words that an answer quotes, and the link that they are given with.
type Cited struct {
	Quote string // "" for a link that goes with no quotation
	URL   string // "" for a quotation that goes with no link
}

// InAnswer finds the citations of an answer in Markdown, in their order. The
// quotations before a link, back to the link before it, belong to it; else
// those that follow it in its sentence or paragraph. Quotations are words in
// double quotes of any typography, in a fence, and in a Markdown quotation, which
// may stand apart from its link; code in a line names things, and quotes nothing.
// A URL is an anchor alone where the answer has no more of it. Of fewer than three words they
// may be a name or a doubt: they are citations with a link of their sentence
// alone. Footnotes and reference links are followed.
func InAnswer(markdown string) []Cited {
	notes, rest := footnotes(strings.ReplaceAll(markdown, "\r\n", "\n"))
	r := reader{notes: notes, open: -1}
	for _, p := range paragraphs(rest) {
		r.paragraph(p)
	}
	r.leave()
	for i, c := range r.all {
		r.all[i] = c.Settled()
	}
	return slices.DeleteFunc(r.all, func(c Cited) bool { return c.URL == "" && !quotes(c.Quote) })
}

// Quotations are the quotations of an answer, with or without a link.
func Quotations(markdown string) []string {
	var all []string
	for _, c := range InAnswer(markdown) {
		if c.Quote != "" {
			all = append(all, c.Quote)
		}
	}
	return all
}

// reader goes through an answer.
type reader struct {
	notes   map[string]string // label of a footnote -> address
	all     []Cited
	waiting []int // quotations in all that still have no link
	open    int   // a link in all that still has no quotation; -1 for none
	openIn  int   // the sentence of that link
	invites bool  // the last paragraph ends with a colon
}

// paragraph gives the quotations of one paragraph to its links.
func (r *reader) paragraph(p paragraph) {
	if p.quoted {
		r.apart(p)
		return
	}
	all := p.events(r.notes)
	events := slices.DeleteFunc(slices.Clone(all), event.short)
	if len(r.waiting) > 0 && !attribution(p.text, events) {
		r.leave()
	}
	r.open = -1
	first := len(r.all)
	for i, e := range events {
		if e.kind == aLink {
			r.link(e)
			continue
		}
		follows := i+1 < len(events) && events[i+1].kind == aLink && events[i+1].sentence == e.sentence
		if r.open >= 0 && r.openIn == e.sentence && !follows {
			r.all[r.open].Quote = e.text
			r.open = -1
			continue
		}
		r.waiting = append(r.waiting, len(r.all))
		r.all = append(r.all, Cited{Quote: e.text})
	}
	r.settle()
	r.invites = strings.HasSuffix(strings.TrimSpace(p.text), ":")
	r.brief(all, first)
}

// brief adds the short quotations of a paragraph, whose other citations are
// those from first on. Each belongs to the next link of its sentence, or to the
// one before it.
func (r *reader) brief(events []event, first int) {
	for i, e := range events {
		url := beside(events, i)
		if !e.short() || url == "" {
			continue
		}
		alone := slices.Index(r.all[first:], Cited{URL: url})
		if alone < 0 || r.invites && r.open == first+alone { // what it invites is still to come
			r.all = append(r.all, Cited{Quote: e.text, URL: url})
			continue
		}
		r.all[first+alone].Quote = e.text
	}
}

// beside is the link that a quotation stands beside; "" for none.
func beside(events []event, i int) string {
	for _, e := range events[i+1:] {
		if e.kind == aLink && e.sentence == events[i].sentence {
			return e.text
		}
	}
	for _, e := range slices.Backward(events[:i]) {
		if e.kind == aLink && e.sentence == events[i].sentence {
			return e.text
		}
	}
	return ""
}

// link takes the quotations that wait, or waits for one itself.
func (r *reader) link(e event) {
	if len(r.waiting) == 0 {
		r.open, r.openIn = len(r.all), e.sentence
		r.all = append(r.all, Cited{URL: e.text})
		return
	}
	for _, i := range r.waiting {
		r.all[i].URL = e.text
	}
	r.waiting, r.open = nil, -1
}

// settle gives what is left at the end of a paragraph to a link before it.
func (r *reader) settle() {
	if r.open >= 0 && len(r.waiting) > 0 {
		url := r.all[r.open].URL
		for _, i := range r.waiting {
			r.all[i].URL = url
		}
		r.all = append(r.all[:r.open], r.all[r.open+1:]...)
		r.open = -1
	}
	r.waiting = nil
}

// apart reads a quotation that is a paragraph of its own: its link stands in it,
// in the paragraph before, if that ends with a colon, or in the one after.
func (r *reader) apart(p paragraph) {
	r.leave()
	if all := lines(p.text); len(all) > 1 {
		for _, one := range all {
			r.apart(paragraph{text: one, quoted: true})
		}
		return
	}
	text := p.text
	var urls []string
	for _, l := range links(p.text, r.notes) {
		if !strings.ContainsFunc(text[l.start:l.end], unicode.IsSpace) || l.last(text) {
			urls = append(urls, l.url)
			if l.last(text) {
				text = text[:l.start]
			}
		}
	}
	text = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(text), "—–-([ "))
	if Words(text) == 0 {
		for _, u := range urls {
			r.all = append(r.all, Cited{URL: u})
		}
		return
	}
	switch {
	case len(urls) > 0:
		r.all = append(r.all, Cited{URL: urls[len(urls)-1], Quote: text})
	case r.invites && r.open >= 0:
		r.all[r.open].Quote = text
		r.open = -1
	default:
		r.waiting = append(r.waiting, len(r.all))
		r.all = append(r.all, Cited{Quote: text})
	}
}

// leave lets quotations stay without a link.
func (r *reader) leave() {
	r.waiting = nil
	if !r.invites {
		r.open = -1
	}
}

// attribution says whether a paragraph begins by saying where the quotation
// above it is from.
func attribution(text string, events []event) bool {
	const few = 8
	return len(events) > 0 && events[0].kind == aLink && Words(text[:events[0].start]) <= few
}

// quotes says whether words are a quotation wherever they stand: in an answer,
// fewer than three may be a name or a doubt, unless they have a digit.
func quotes(text string) bool {
	words := split(text)
	if len(words) >= 3 {
		return true
	}
	for _, w := range words {
		if strings.ContainsFunc(w.key, unicode.IsNumber) {
			return len(words) == 2
		}
	}
	return false
}

type eventKind int

const (
	aQuote eventKind = iota
	aLink
)

// event is a quotation or a link in a paragraph.
type event struct {
	kind     eventKind
	text     string // the quotation, or the address
	start    int
	sentence int
}

// short says whether an event is words that may be no quotation.
func (e event) short() bool { return e.kind == aQuote && !quotes(e.text) }

// events are the quotations and links of a paragraph. A quotation that holds a
// link comes before it.
func (p paragraph) events(notes map[string]string) []event {
	text := p.text
	found := links(text, notes)
	masked := []byte(text)
	for _, l := range found {
		copy(masked[l.target:l.end], blank(text[l.target:l.end]))
	}
	spans := quotations(string(masked))
	var all []event
	for len(found)+len(spans) > 0 {
		if len(spans) == 0 || len(found) > 0 && found[0].end <= spans[0].start {
			all = append(all, event{kind: aLink, text: found[0].url, start: found[0].start})
			found = found[1:]
			continue
		}
		all = append(all, event{kind: aQuote, text: strings.TrimSpace(text[spans[0].start:spans[0].end]), start: spans[0].start})
		spans = spans[1:]
	}
	ends, sentence := sentenceEnds(string(masked)), 0
	for i := range all {
		for sentence < len(ends) && ends[sentence] <= all[i].start {
			sentence++
		}
		all[i].sentence = sentence
	}
	return all
}
