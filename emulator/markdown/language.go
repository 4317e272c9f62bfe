package markdown

import "strings"

// languageNames are the languages that Notion knows for code. It refuses all
// others. The bars around each name let Contains find whole names.
const languageNames = "|abap|arduino|bash|basic|c|clojure|coffeescript|c++|c#|css|dart|diff|docker|elixir|elm|erlang|flow|fortran|f#|gherkin|glsl|go|graphql|groovy|haskell|html|java|javascript|json|julia|kotlin|latex|less|lisp|livescript|lua|makefile|markdown|markup|matlab|mermaid|nix|objective-c|ocaml|pascal|perl|php|plain text|powershell|prolog|protobuf|python|r|reason|ruby|rust|sass|scala|scheme|scss|shell|sql|swift|typescript|vb.net|verilog|vhdl|visual basic|webassembly|xml|yaml|toml|"

// languageAliases are what people write behind a fence for languages that
// Notion calls otherwise.
var languageAliases = map[string]string{
	"js": "javascript", "jsx": "javascript", "ts": "typescript", "tsx": "typescript", "py": "python",
	"rb": "ruby", "sh": "shell", "zsh": "shell", "console": "shell", "yml": "yaml", "md": "markdown",
	"golang": "go", "rs": "rust", "kt": "kotlin", "cs": "c#", "csharp": "c#", "cpp": "c++",
	"dockerfile": "docker", "make": "makefile", "ps1": "powershell", "tex": "latex", "proto": "protobuf",
	"text": "plain text", "txt": "plain text", "plain": "plain text", "": "plain text",
}

// language splits the words behind a fence into a language that Notion knows
// and a caption that keeps all else.
func language(info string) (language, caption string) {
	info = strings.TrimSpace(info)
	word, rest, _ := strings.Cut(info, " ")
	name := strings.ToLower(word)
	if alias, ok := languageAliases[name]; ok {
		return alias, strings.TrimSpace(rest)
	}
	if name != "" && strings.Contains(languageNames, "|"+name+"|") {
		return name, strings.TrimSpace(rest)
	}
	return "plain text", info
}
