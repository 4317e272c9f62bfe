package retrieval

import "testing"

// Marks stand apart from the words of a title; what only begins or ends like one
// is retired where there is another page of its name.
func TestRetiredTitles(t *testing.T) {
	t.Parallel()
	type says struct{ marked, certain bool }
	for title, want := range map[string]says{
		"[Archived] Travel": {true, true}, "(Draft) Travel": {true, true}, "Draft: Travel": {true, true}, "Travel (old)": {true, true}, "Travel - old": {true, true}, "Old": {true, true},
		"Draft animals": {true, false}, "Old town": {true, false}, "Travel": {}, "()": {}, "": {}, "The old town hall": {},
		"【旧】規程": {true, true}, "(旧) 規程": {true, true}, "規程(旧版)": {true, true}, "旧:規程": {true, true}, "归档": {true, true},
		"旧 規程": {true, false}, "归档流程": {true, false}, "数据归档": {true, false}, "보관 정책": {true, false}, "Архивация данных": {true, false},
		"旧金山办公室": {}, "旧金山办公室(旧)": {true, true},
	} {
		if marked, certain := retiredTitle(title); (says{marked, certain}) != want {
			t.Errorf("%q: marked %t, certain %t", title, marked, certain)
		}
	}
}
