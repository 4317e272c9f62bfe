package archtest

// module is the path that all packages of this repository begin with.
const module = "github.com/mcp-notion/mcp-notion"

// A layer says which packages of this repository the non-test files of a
// package may import. Names are folders; "x/..." means x and all folders
// below it, and "*" means every package but cmd and internal.
type layer struct {
	pkg string
	may string // separated by spaces
}

// layers is read from the top: the first line that matches a package is its
// rule. Arrows point down only, from doc/design.md.
var layers = []layer{
	{"internal/echo", ""},
	{"internal/unify", ""},
	{"internal/suggest", "internal/unify"},
	{"internal/guard", ""},
	{"internal/pace", "internal/guard"},
	{"internal/disk", ""},
	{"notion", "internal/echo internal/pace"},
	{"notion/emulator/...", "notion notion/emulator/... internal/guard"},
	{"notion/property", "notion internal/suggest internal/unify"},
	{"internal/markdown", "notion"},
	{"passage", "notion internal/markdown"},
	{"quote", "internal/unify"},
	{"outbox", "internal/disk"},
	{"audit", "auth tokens"},
	{"auth", "auth/internal/..."},
	{"auth/internal/...", "auth/internal/..."},
	{"auth/authtest", ""},
	{"tokens", "auth internal/echo internal/guard"},
	{"tokens/internal/...", "tokens"},
	{"tokens/workos/fake", "auth/authtest internal/guard"},
	{"tokens/...", "tokens auth tokens/internal/..."},
	{"index", "internal/markdown notion passage tokens index/internal/... internal/unify internal/guard internal/disk"},
	{"index/internal/...", "index/internal/... internal/unify"},
	{"embed", "internal/pace"},
	{"embed/...", "embed"},
	{"vectors", "notion passage index embed internal/guard"},
	{"ingest", "notion notion/property passage index tokens internal/guard"},
	{"retrieval", "internal/markdown notion passage index ingest tokens notion/property internal/unify internal/guard"},
	{"prompts", "internal/markdown notion passage ingest retrieval"},
	{"tools", "internal/markdown internal/echo notion notion/property quote passage index ingest tokens retrieval prompts outbox audit tools/... internal/unify internal/guard"},
	{"tools/argument", "internal/markdown internal/echo internal/suggest"},
	{"tools/citation", "internal/markdown notion quote ingest prompts internal/guard"},
	{"tools/database", "internal/markdown notion notion/property quote passage index ingest prompts tools/argument internal/unify internal/suggest"},
	{"tools/richtext", "notion"},
	{"tools/writing", "notion notion/property quote tools/richtext"},
	{"webhook", "notion auth"},
	{"web", "auth tokens audit ingest tools internal/markdown"},
	{"telemetry", "tokens"},
	{"telemetry/telemetrytest", ""},
	{"server", "* internal/echo internal/guard"},
	{"evals/...", "* internal/guard"},
	{"console", "* internal/markdown internal/disk internal/guard"},
	{"console/settings", "internal/suggest"},
	{"cmd/...", "console console/settings server evals notion/emulator tokens/..."},
	{"examples/...", "* internal/interop/toolchain"},
	{"internal/...", "* examples/... internal/..."},
}

// A gate keeps a foreign module out of all packages but a few. Test files may
// pass.
type gate struct {
	path   string // import paths that are or lie below this one
	only   string // packages that may import it, separated by spaces
	orOne  bool   // and one more package, whichever it is
	reason string
}

var gates = []gate{
	{path: "github.com/blevesearch", only: "index index/internal/...",
		reason: "nobody else may know what stores the passages"},
	{path: "github.com/mark3labs/mcp-go", only: "tools prompts server evals/ask",
		reason: "the SDK can be swapped where it is known in three places"},
	{path: "github.com/go-jose/go-jose", only: "auth/...",
		reason: "signatures are checked in one place"},
	{path: "golang.org/x/oauth2", only: "auth/...",
		reason: "people sign in in one place"},
	{path: "go.opentelemetry.io", only: "telemetry/...",
		reason: "everybody else says what happens and not to whom"},
	{path: "github.com/prometheus", only: "telemetry/...",
		reason: "everybody else says what happens and not to whom"},
	{path: "golang.org/x/sync/errgroup", only: "internal/guard",
		reason: "a fault in a goroutine that nobody guards ends the process"},
	{path: "github.com/chromedp", only: "internal/...",
		reason: "a browser is for checks alone"},
	{path: "github.com/sashabaranov/go-openai", only: "evals/...", orOne: true,
		reason: "one package makes embeddings"},
}

// starters are what starts goroutines besides the go statement.
var starters = []string{"sync.WaitGroup", "time.AfterFunc", "context.AfterFunc"}

// loose lists the packages that may start goroutines by themselves: the one
// that guards them, a process of one command, and what is for checks alone.
const loose = "internal/guard cmd/mcp-notion internal/browser internal/interop/... tokens/tokentest"

// bare lists the packages that import nothing but the standard library and
// this repository.
const bare = "notion"
