package passage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		"":                          0,
		"- | --- # > **":            0,
		"two words":                 2,
		"**bold** and `code`, e.g.": 4,
		"- [x] done":                2,
		"[a link](https://x.y/z)":   2,
		"员工每年享有十五天":                 5,
		"Notion 是工具":                3,
		"Überstunden naïve":         2,
		"1. 25":                     2,
	}
	for s, want := range tests {
		if got := Words(s); got != want {
			t.Errorf("Words(%q) = %d, want %d", s, got, want)
		}
	}
	if a, b := "one 员工每", "两 two"; Words(a+"\n"+b) != Words(a)+Words(b) {
		t.Error("Words does not add up over white space")
	}
}

// TestTokens compares with what the o200k and the Claude 2 vocabulary make of
// the same text.
func TestTokens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text    string
		o200k, claude int
	}{
		{"English", "Time off that was granted as an award lapses one year after it was issued. It cannot be carried over, sold back or passed on to colleagues, so plan it with your supervisor well before the end of the year.", 45, 45},
		{"Markdown", "## Leave\n\n- **Annual leave**: 20 days, see [the policy](https://example.com/policies/leave-2026.html)\n- [x] Tell `#people-ops`\n\n| Country | Days |\n| --- | --- |\n| Germany | 30 |", 58, 63},
		{"Go", "func (w *walker) leave(f *frame) {\n\tif f.owner == nil {\n\t\treturn\n\t}\n\tdelete(w.nodes, f.owner)\n\tw.startSection(f.path, false)\n}\n", 39, 56},
		{"JSON", "{\"object\":\"block\",\"id\":\"1a2b3c4d\",\"type\":\"paragraph\",\"has_children\":false,\"paragraph\":{\"rich_text\":[{\"type\":\"text\",\"plain_text\":\"Hello\"}]}}", 42, 43},
		{"German", "Jede Mitarbeiterin und jeder Mitarbeiter erhält dreißig Urlaubstage im Jahr. Nicht genommene Tage verfallen am einunddreißigsten März des Folgejahres.", 37, 48},
		{"Chinese", "员工每年享有十五天带薪年假，未使用的假期最多可以结转五天到下一年。申请休假前，请先与主管确认，并在系统中提交申请。", 43, 54},
	}
	for _, tt := range tests {
		low, high := float64(min(tt.o200k, tt.claude))*0.8, float64(max(tt.o200k, tt.claude))*1.2
		if got := float64(Tokens(tt.text)); got < low || got > high {
			t.Errorf("%s: %v tokens, want %v to %v", tt.name, got, low, high)
		}
	}
	if Tokens("") != 0 || Tokens("a") != 1 {
		t.Errorf("Tokens of nothing and of one letter: %d, %d", Tokens(""), Tokens("a"))
	}
	if n := Tokens(strings.Repeat("=", 800)); n > 120 {
		t.Errorf("a ruler of 800 characters has %d tokens", n)
	}
}

// TestTokensOfAnswers holds texts as tools answer them near their counts in the
// o200k vocabulary: ids cost more than their length says, long words less.
func TestTokensOfAnswers(t *testing.T) {
	t.Parallel()
	for text, o200k := range map[string]float64{
		"Overtime has to be requested before it is worked. #425d063d71b08f718b99c1757676d42c\n\n## Compensation\n\n" +
			"- Supervisors approve requests within three working days. #3d9a3149fce58bd79fc485970f9e1e75\n" +
			"- Unapproved overtime is compensated as time off. #f034f22954dc89c1b7df06ee100e7a03": 96,
		"https://app.notion.com/p/Account-plan-26f2ec357b518a86bd28b69ffcf42af5#ae4d9dc6f30084d0953af1e1cb2e349f": 50,
		"Employees returning from parental leave should contact their supervisor about scheduling before requesting " +
			"equipment or approving reimbursement.": 19,
	} {
		if got := float64(Tokens(text)); math.Abs(got/o200k-1) > 0.12 {
			t.Errorf("%q: %v tokens, want about %v", text, got, o200k)
		}
	}
	const ids, each = 500, 18.54
	sum, random := 0, rand.New(rand.NewPCG(1, 2))
	for range ids {
		sum += Tokens(fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64()))
	}
	if mean := float64(sum) / ids; math.Abs(mean/each-1) > 0.02 {
		t.Errorf("an id has %.2f tokens, want about %.2f", mean, each)
	}
}
