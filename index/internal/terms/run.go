package terms

import (
	"strings"
	"unicode/utf8"
)

// run visits the words of a run of one script without spaces: each pair of
// characters that stand side by side, or the only one. w counts on.
func (a *Analyzer) run(text string, start, end int, w *Word, visit func(*Word)) {
	_, size := utf8.DecodeRuneInString(text[start:])
	for middle := start + size; ; {
		w.Start, w.End = start, middle
		if middle < end {
			_, size = utf8.DecodeRuneInString(text[middle:])
			w.End += size
		}
		w.Forms, w.bigram = a.pair(text[w.Start:w.End]), true
		visit(w)
		w.bigram = false
		w.Position++
		if start, middle = middle, w.End; middle >= end {
			return
		}
	}
}

// pair returns the forms of one or two characters. A pair counts as its
// ideographs or syllables too, which are often words.
func (a *Analyzer) pair(written string) Forms {
	cache := a.caches[English]
	if f, ok := cache[written]; ok {
		return f
	}
	if cache == nil || len(cache) >= maxCache {
		cache = map[string]Forms{}
		a.caches[English] = cache
	}
	written = strings.Clone(written)
	f := Forms{Exact: written}
	kind := classAt(written)
	_, size := utf8.DecodeRuneInString(written)
	if !common(written, kind, size == len(written)) {
		f.Stems = []string{written}
		if size < len(written) && (kind == han || kind == hangul) {
			f.Stems = append(f.Stems, written[:size])
			if written[:size] != written[size:] {
				f.Stems = append(f.Stems, written[size:])
			}
		}
	}
	cache[written] = f
	return f
}

// common says whether characters are a stop word: single hiragana, which are
// particles, and what most sentences have.
func common(s string, kind class, single bool) bool {
	switch {
	case kind == hiragana && single:
		return true
	case single:
		return strings.Contains("的了是在和吗呢与及或也就都而把被这那", s)
	}
	return strings.Contains(commonPairs, " "+s+" ")
}

const commonPairs = " です ます した する して から まで など この その あの ない いる ある こと もの れる れた られ いつ " +
	"どこ なに どの よう ので のは には では とは ても たい ませ せん すか でし まし " +
	"什么 怎么 如何 我们 你们 他们 这个 那个 是什 么是 " +
	"니다 습니 합니 입니 하는 있는 에서 까지 부터 으로 "
