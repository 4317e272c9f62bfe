package prompts

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

var (
	// opening matches what may stand for "<" before a word, in any script.
	opening = regexp.MustCompile(`[<＜﹤‹〈⟨《˂ᐸ❮❰](\s*[/∕⁄／⧸\\]?\s*)((?:\p{L}\p{M}*\s*){6})`)
	// lessThan matches entities that a reader may decode.
	lessThan = regexp.MustCompile(`(?i)&#(?:0*60|x0*3c);`)
	// control matches the tokens and tags that parts of a conversation or calls
	// of tools are marked with, for several models.
	control = regexp.MustCompile(`(?i)<(\s*[|｜]|<\s*/?\s*SYS|/?\s*(?:antml:|tool[_▁ ]?(?:calls?|use|results?|response|code|outputs?)\b|function_?(?:calls?|results?)\b|function=|invoke\s+name|system(?:[-_ ](?:reminder|prompt|message))?\s*>|assistant\s*>|human\s*>|developer\s*>|(?:start|end)_of_turn\b|[be]os>|endoftext))`)
	// instruct matches the same of other models.
	instruct = regexp.MustCompile(`\[(/?(?:INST|TOOL_CALLS?|TOOL_RESULTS?|AVAILABLE_TOOLS|SYSTEM_PROMPT))\]`)
	// toolFence matches a fence that some models take for a call.
	toolFence = regexp.MustCompile("(?mi)^([ \t>]*(?:```+|~~~+))[ \t]*(tool_\\w+)")
	// turn matches the beginning of a turn of a conversation.
	turn = regexp.MustCompile(`(?m)^([ \t>#*_]*)(Human|Assistant|System|User|Developer)([ \t*_]*)[:：]`)
	// active matches the tags of HTML that load something, run something or
	// hide something.
	active = regexp.MustCompile(`(?i)<(\s*/?\s*(?:img|image|picture|script|iframe|frame|object|embed|applet|svg|video|audio|style|(?:link|meta|base|form|a)\s)|[a-z][\w-]*\s[^<>]*(?:hidden|style\s*=|\bon\w+\s*=|src\s*=|href\s*=))`)
)

// markup makes HTML outside code visible that would load, run or hide something.
func markup(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	text = strings.ReplaceAll(text, "<!--", "&lt;!--")
	return active.ReplaceAllString(text, "&lt;$1")
}

// defused takes apart what could be taken for the tags around quotations, for
// tokens of a conversation, or for a call of a tool, in code too.
func defused(text string) string {
	if strings.Contains(text, "&#") {
		text = lessThan.ReplaceAllString(text, "&lt;")
	}
	text = opening.ReplaceAllStringFunc(text, func(s string) string {
		m := opening.FindStringSubmatch(s)
		if skeleton(m[2]) != "quoted" {
			return s
		}
		return "&lt;" + m[1] + m[2]
	})
	text = control.ReplaceAllString(text, "&lt;$1")
	text = instruct.ReplaceAllString(text, "[ $1 ]")
	return toolFence.ReplaceAllString(text, "$1 ($2)")
}

// skeleton is a word as it looks to a reader.
func skeleton(s string) string {
	s = strings.Join(strings.Fields(norm.NFKD.String(s)), "")
	s = strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, strings.ToLower(s))
	return alike.Replace(s)
}

// alike are letters that look like those of "quoted".
var alike = strings.NewReplacer(
	"ԛ", "q", "գ", "q", "զ", "q", "ʠ", "q",
	"υ", "u", "ս", "u", "ц", "u", "ʊ", "u", "ᴜ", "u",
	"о", "o", "ο", "o", "օ", "o", "ᴏ", "o", "σ", "o", "ө", "o",
	"т", "t", "τ", "t", "ᴛ", "t", "ţ", "t",
	"е", "e", "ε", "e", "є", "e", "ҽ", "e", "ᴇ", "e",
	"ԁ", "d", "ժ", "d", "ɗ", "d", "ᴅ", "d",
)

// turns takes apart what reads like a conversation: a turn of a Human or an
// Assistant, or turns of two parties.
func turns(text string) string {
	parties := map[string]bool{}
	for _, m := range turn.FindAllStringSubmatch(text, -1) {
		parties[m[2]] = true
	}
	if len(parties) == 0 || len(parties) == 1 && !parties["Human"] && !parties["Assistant"] {
		return text
	}
	return turn.ReplaceAllString(text, `$1$2$3\:`)
}
