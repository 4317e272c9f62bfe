package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mcp-notion/mcp-notion/evals"
	"github.com/mcp-notion/mcp-notion/internal/console"
)

const evalHelp = `Mirrors a folder of Markdown and CSV through the emulator, asks questions with
known answers through the real tool call, and scores pages, passages and
citations. No account and no network are needed.

  $ mcp-notion eval --corpus pages --questions questions.jsonl --html report.html
  $ mcp-notion eval … --rephrasings rephrasings.jsonl --thresholds least.json
  $ mcp-notion eval … --server 'npx -y @notionhq/notion-mcp-server'
  $ mcp-notion eval … --embed-url http://127.0.0.1:8791/v1 --embed-model name
  $ mcp-notion eval --beir collection
  $ mcp-notion eval --set handbook --set workspace
  $ mcp-notion eval --ablate --set handbook --set workspace --set collection

A question is one line of JSON: id, question, type, answerable, gold (path,
line_start, line_end) and answer. A thresholds file is shaped like the JSON
report: {"metrics":{"passage_hit_at_5":0.9}}; falling below it exits with 1.

With --answer, a model behind an OpenAI-compatible endpoint answers from the
tools, and --judge has another one check its claims. The key of the endpoint is
read from OPENAI_API_KEY. Replies are kept, so that a rerun is free and a run
that was stopped goes on.`

func (a *app) eval(getenv func(string) string) *cobra.Command {
	o := evals.Options{}
	var stdio bool
	cmd := &cobra.Command{
		Use:   "eval --corpus folder --questions file",
		Short: "Measure whether the right passages come first",
		Long:  evalHelp,
		Args:  args(cobra.NoArgs, "eval takes no arguments; everything is named by flags"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if stdio {
				self, err := os.Executable()
				if err != nil {
					return err
				}
				o.Binary = self
			}
			if a.common.Embeddings.Local == console.AutoModel && (o.Collection != "" || o.Ablate || o.Binary != "") {
				a.common.Embeddings.Local = console.NoModel // which look at words alone
			}
			endpoint, err := a.common.Endpoint()
			if err != nil {
				return err
			}
			o.Embeddings = endpoint
			o.Version, o.Model.Key = a.common.Version, getenv("OPENAI_API_KEY")
			return evalFailure(evals.Eval(cmd.Context(), o, a.term.Out, a.term.Err))
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	evalFlags(f, &o)
	f.BoolVar(&stdio, "stdio", false, "ask this program over stdio instead of in this process")
	modelFlags(f, &o.Model, getenv)
	return cmd
}

func evalFlags(f *pflag.FlagSet, o *evals.Options) {
	f.StringVar(&o.Corpus, "corpus", "", "`folder` of Markdown and CSV that the questions are about")
	f.StringVar(&o.Questions, "questions", "", "`file` of questions, one JSON object a line")
	f.StringVar(&o.Rephrasings, "rephrasings", "", "`file` of rephrasings to send along")
	f.StringVar(&o.Collection, "beir", "", "`folder` with corpus.jsonl, queries.jsonl and qrels.tsv, instead")
	f.StringArrayVar(&o.Sets, "set", nil, "`folder` with pages, questions.jsonl and rephrasings.jsonl, or with --ablate a --beir one; may be repeated")
	f.BoolVar(&o.Ablate, "ablate", false, "measure what each part of the ranking is worth over each --set")
	f.StringSliceVar(&o.Without, "without", nil, "`parts` that --ablate leaves out of everything")
	f.BoolVar(&o.LeaveOut, "leave-out", false, "ask again about the pages without the answers: is that noticed?")
	f.IntVar(&o.Limit, "limit", 0, "passages to ask for; 0 leaves it to the tool")
	f.IntVar(&o.MaxTokens, "max-tokens", 0, "length of an answer to ask for; 0 leaves it to the tool")
	f.StringVar(&o.JSON, "json", "", "write the whole report to this `file`; - is stdout, without the table")
	f.StringVar(&o.HTML, "html", "", "write one page with figures, charts and failures to this `file`")
	f.StringVar(&o.Compare, "compare", "", "JSON report of an earlier run to compare with")
	f.StringVar(&o.Thresholds, "thresholds", "", "`file` of the least that is good enough")
	f.StringArrayVar(&o.Servers, "server", nil, "`command` of another MCP server to ask the same; may be repeated")
	f.StringArrayVar(&o.ServerURLs, "server-url", nil, "`address` of another MCP server to ask the same; may be repeated")
	f.StringVar(&o.Header, "server-header", "", "`\"Name: value\"` to send to --server-url")
}

func modelFlags(f *pflag.FlagSet, m *evals.ModelConfig, getenv func(string) string) {
	f.StringVar(&m.Model, "answer", "", "let this `model` answer from the tools")
	f.StringVar(&m.Judge, "judge", "", "let this `model` judge the answers")
	f.StringVar(&m.BaseURL, "model-url", getenv("OPENAI_BASE_URL"), "`address` of the models' endpoint (OPENAI_BASE_URL)")
	f.StringVar(&m.Cache, "model-cache", "", "`folder` of all replies so far (default: in the user's cache)")
	f.Float64Var(&m.PriceIn, "price-in", 0, "`dollars` for a million tokens read")
	f.Float64Var(&m.PriceOut, "price-out", 0, "`dollars` for a million tokens written")
	f.Float64Var(&m.MaxUSD, "max-usd", 0, "stop before more `dollars` are spent")
	f.IntVar(&m.MaxCalls, "max-calls", 0, "stop after this `number` of calls")
}

// evalFailure adds the next step to what can go wrong.
func evalFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, evals.ErrUsage):
		return &console.Usage{
			Problem: strings.TrimPrefix(err.Error(), evals.ErrUsage.Error()+": "),
			Hint:    "`mcp-notion eval --help` has examples",
		}
	case errors.Is(err, evals.ErrBelow):
		return &console.Hinted{Err: err, Hint: "--html writes a page that shows what came for each question"}
	}
	return &console.Hinted{Err: err, Hint: "`mcp-notion eval --help` says what the files look like"}
}
