package archtest

// module is the path that all packages of this repository begin with.
const module = "github.com/mcp-notion/mcp-notion"

// A layer says which packages of this repository the non-test files of a
// package may import. Names are folders; "x/..." means x and all folders
// below it, and "*" means every package but cmd. The module in rig is not looked at.
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
	{"emulator/...", "notion emulator/... internal/guard"},
	{"notion/property", "notion internal/suggest internal/unify"},
	{"internal/markdown", "notion"},
	{"internal/passage", "notion internal/markdown"},
	{"internal/enhanced", "notion internal/passage"},
	{"internal/quote", "internal/unify"},
	{"internal/outbox", "internal/disk"},
	{"internal/audit", "internal/auth tokens"},
	{"internal/auth", "internal/auth/internal/..."},
	{"internal/auth/internal/...", "internal/auth/internal/..."},
	{"internal/auth/authtest", ""},
	{"tokens", "internal/auth internal/echo internal/guard"},
	{"tokens/internal/...", "tokens"},
	{"tokens/workos/fake", "internal/auth/authtest internal/guard"},
	{"tokens/...", "tokens internal/auth tokens/internal/..."},
	{"index", "internal/markdown notion internal/passage tokens index/internal/... internal/unify internal/guard internal/disk"},
	{"index/internal/...", "index/internal/... internal/unify"},
	{"internal/disk/disktest", ""},
	{"internal/markdown/markdowntest", "internal/markdown notion"},
	{"internal/embed", "internal/pace"},
	{"internal/embed/...", "internal/embed"},
	{"internal/vectors", "notion internal/passage index internal/embed internal/guard"},
	{"internal/ingest", "notion notion/property internal/passage internal/enhanced index tokens internal/guard"},
	{"retrieval", "internal/markdown notion internal/passage index internal/ingest tokens notion/property internal/unify internal/guard"},
	{"prompts", "internal/markdown notion internal/passage internal/ingest retrieval"},
	{"tools", "internal/markdown internal/echo notion notion/property internal/quote internal/passage index internal/ingest tokens retrieval prompts internal/outbox internal/audit tools/... internal/unify internal/guard"},
	{"tools/argument", "internal/markdown internal/echo internal/suggest"},
	{"tools/citation", "internal/markdown notion internal/quote internal/ingest prompts internal/guard"},
	{"tools/database", "internal/markdown notion notion/property internal/quote internal/passage index internal/ingest prompts tools/argument internal/unify internal/suggest"},
	{"tools/richtext", "notion"},
	{"tools/writing", "notion notion/property internal/quote tools/richtext"},
	{"internal/webhook", "notion internal/auth"},
	{"internal/web", "internal/auth tokens internal/audit internal/ingest tools internal/markdown"},
	{"internal/telemetry", "tokens"},
	{"internal/telemetry/telemetrytest", ""},
	{"server", "*"},
	{"evals/...", "*"},
	{"internal/console", "*"},
	{"internal/console/settings", "internal/suggest"},
	{"cmd/...", "internal/console internal/console/settings server evals emulator tokens/..."},
	{"internal/archtest", ""},
	{"internal/clients", ""},
	{"internal/docs", ""},
	{"internal/golden", ""},
	{"internal/e2e", ""},
	{"internal/weights", "internal/embed/bert"},
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
	{path: "github.com/go-jose/go-jose", only: "internal/auth/...",
		reason: "signatures are checked in one place"},
	{path: "golang.org/x/oauth2", only: "internal/auth/...",
		reason: "people sign in in one place"},
	{path: "go.opentelemetry.io", only: "internal/telemetry/...",
		reason: "everybody else says what happens and not to whom"},
	{path: "github.com/prometheus", only: "internal/telemetry/...",
		reason: "everybody else says what happens and not to whom"},
	{path: "golang.org/x/sync/errgroup", only: "internal/guard",
		reason: "a fault in a goroutine that nobody guards ends the process"},
	{path: "github.com/sashabaranov/go-openai", only: "evals/...", orOne: true,
		reason: "one package makes embeddings"},
}

// starters are what starts goroutines besides the go statement.
var starters = []string{"sync.WaitGroup", "time.AfterFunc", "context.AfterFunc"}

// loose lists the packages that may start goroutines by themselves: the one
// that guards them, a process of one command, and what is for checks alone.
const loose = "internal/guard cmd/mcp-notion tokens/tokentest"

// bare lists the packages that import nothing but the standard library and
// this repository.
const bare = "notion"
