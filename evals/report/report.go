// Package report holds the outcome of an evaluation: figures, figures by type
// of question, and what came for each question; as JSON, as a short table for
// the terminal, and as one self-contained HTML file. It compares two runs and
// holds figures against thresholds.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/mcp-notion/mcp-notion/evals/questions"
)

// The figures of a run over questions.
const (
	PageRecall5    = "page_recall_at_5"
	PageRecall10   = "page_recall_at_10"
	PageMRR10      = "page_mrr_at_10"
	PageNDCG10     = "page_ndcg_at_10"
	PassageHit1    = "passage_hit_at_1" // a returned passage holds a gold line
	PassageHit5    = "passage_hit_at_5"
	CitationHit1   = "citation_hit_at_1" // the block that its address opens is a gold line
	CitationHit5   = "citation_hit_at_5"
	Shown          = "shown"  // the gold lines stand in the text that a model reads
	Linked         = "linked" // a link in that text opens a block, or a row, that holds gold lines
	ShownAndLinked = "shown_and_linked"
	AbstainAUROC   = "abstain_auroc" // how well the confidence tells answerable from unanswerable
	TokensPerQuery = "tokens_per_query"
	TokensReadP50  = "tokens_read_p50" // of the texts that answered answerable questions
	TokensReadMean = "tokens_read_mean"
	TokensReadP95  = "tokens_read_p95"
	LatencyP50     = "latency_ms_p50"
	LatencyP95     = "latency_ms_p95"
)

// The figures of a run over a judged collection.
const (
	NDCG10    = "ndcg_at_10"
	Recall10  = "recall_at_10"
	Recall100 = "recall_at_100"
	MRR10     = "mrr_at_10"
)

// QuestionKeys are the figures of a run over questions, in the order in which
// they are shown.
func QuestionKeys() []string {
	return append(QualityKeys(), AbstainAUROC, TokensPerQuery, TokensReadP50, TokensReadMean, TokensReadP95, LatencyP50, LatencyP95)
}

// QualityKeys are the figures that every answerable question has by itself.
func QualityKeys() []string {
	return []string{PageRecall5, PageRecall10, PageMRR10, PageNDCG10, PassageHit1, PassageHit5, CitationHit1, CitationHit5, Shown, Linked, ShownAndLinked}
}

// CollectionKeys are the figures of a run over a judged collection.
func CollectionKeys() []string { return []string{NDCG10, Recall10, Recall100, MRR10} }

// lowerIsBetter says whether a figure is a cost.
func lowerIsBetter(key string) bool {
	return countsTokens(key) || key == LatencyP50 || key == LatencyP95
}

func countsTokens(key string) bool {
	return key == TokensPerQuery || key == TokensReadP50 || key == TokensReadMean || key == TokensReadP95
}

// Figure is one number of a report. NaN, where there was nothing to measure,
// is null in JSON.
type Figure float64

// MarshalJSON writes at most four decimals.
func (f Figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) {
		return []byte("null"), nil
	}
	return json.Marshal(round(float64(f)))
}

func round(f float64) float64 { return math.Round(f*1e4) / 1e4 }

// UnmarshalJSON reads null as NaN.
func (f *Figure) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*f = Figure(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(f))
}

// Known says whether there was anything to measure.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) }

// Figures are numbers by their keys.
type Figures map[string]Figure

// Get is a figure, NaN if it is not there.
func (f Figures) Get(key string) Figure {
	if v, ok := f[key]; ok {
		return v
	}
	return Figure(math.NaN())
}

// Report is the outcome of one run of one system.
type Report struct {
	System    string               `json:"system"` // what was asked
	Version   string               `json:"version,omitempty"`
	At        time.Time            `json:"at"`
	Corpus    string               `json:"corpus"`
	Rephrased bool                 `json:"rephrased"` // rephrasings were sent along
	Asked     int                  `json:"asked"`
	Metrics   Figures              `json:"metrics"`
	Intervals Intervals            `json:"intervals,omitempty"` // of those metrics that are means or shares
	ByType    map[string]Figures   `json:"by_type,omitempty"`
	Between   map[string]Intervals `json:"by_type_intervals,omitempty"` // where those of ByType lie
	Types     []Type               `json:"types,omitempty"`
	Calls     Figure               `json:"calls_per_query"`
	Mirror    *Mirror              `json:"mirror,omitempty"`
	Questions []Row                `json:"questions"`
	Answers   *Answers             `json:"answers,omitempty"`
	Classes   []Class              `json:"classes,omitempty"` // of evidence, where answers were left out too
	Others    []Report             `json:"others,omitempty"`  // other servers asked the same
	Compared  *Comparison          `json:"compared,omitempty"`
}

// Type is a type of question and how many there were.
type Type struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Mirror is what it took to read the corpus.
type Mirror struct {
	Pages    int   `json:"pages"`
	Passages int   `json:"passages"`
	Requests int64 `json:"requests"`
	TookMS   int64 `json:"took_ms"`
}

// Seconds is how long it took.
func (m Mirror) Seconds() float64 { return float64(m.TookMS) / 1000 }

// Row is one question and what came.
type Row struct {
	ID         string     `json:"id"`
	Type       string     `json:"type,omitempty"`
	Question   string     `json:"question"`
	Also       []string   `json:"also,omitempty"`
	Answerable bool       `json:"answerable"`
	Answer     string     `json:"answer,omitempty"`
	Expected   []Expected `json:"expected,omitempty"`

	Metrics      Figures `json:"metrics,omitempty"`
	Outcome      Outcome `json:"outcome"`
	PageRank     int     `json:"page_rank"`    // among the pages; 0 where none came
	PassageRank  int     `json:"passage_rank"` // of the first passage that holds a gold line
	CitationRank int     `json:"citation_rank"`
	Confidence   float64 `json:"confidence"`
	Evidence     string  `json:"evidence,omitempty"`
	Tokens       int     `json:"tokens"`
	Calls        int     `json:"calls"`
	LatencyMS    float64 `json:"latency_ms"`
	Error        string  `json:"error,omitempty"`
	Found        []Found `json:"found,omitempty"`
}

// Expected is a gold passage.
type Expected struct {
	Path      string `json:"path"`
	Heading   string `json:"heading,omitempty"`
	LineStart int    `json:"line_start"`
	LineEnd   int    `json:"line_end"`
	Text      string `json:"text"`
}

// Found is a passage that came.
type Found struct {
	Title string            `json:"title"`
	Path  string            `json:"path"` // of the page; "" if it is not in the corpus
	URL   string            `json:"url"`
	Lines []questions.Lines `json:"lines,omitempty"` // that the text stands on
	Cited *questions.Lines  `json:"cited,omitempty"` // of the block that the address opens
	Text  string            `json:"text"`            // its beginning
	Gold  bool              `json:"gold"`            // holds a gold line
	Cites bool              `json:"cites"`           // the address opens a gold line
}

// Outcome says in one word how a question went.
type Outcome string

// The outcomes.
const (
	First         Outcome = "first"          // the first passage answers
	Below         Outcome = "below"          // another of the first five does
	PassageMissed Outcome = "passage missed" // the right page came, but not the passage
	PageMissed    Outcome = "page missed"
	Failed        Outcome = "error"
	NoAnswer      Outcome = "unanswerable"
)

// Missed says whether what was needed is not among the first five passages.
func (o Outcome) Missed() bool { return o == PassageMissed || o == PageMissed || o == Failed }

// Answers are the figures of answers that a model wrote.
type Answers struct {
	Model   string             `json:"model"`
	Judge   string             `json:"judge,omitempty"`
	Metrics Figures            `json:"metrics"`
	ByType  map[string]Figures `json:"by_type,omitempty"`
	Cost    Cost               `json:"cost"`
	Stopped string             `json:"stopped,omitempty"` // why not all questions were answered
	Rows    []AnswerRow        `json:"rows"`
}

// Cost is what models took.
type Cost struct {
	Calls     int     `json:"calls"`
	Cached    int     `json:"cached"` // calls that an earlier run had made
	TokensIn  int     `json:"tokens_in"`
	TokensOut int     `json:"tokens_out"`
	USD       float64 `json:"usd"`
}

// AnswerRow is one answer.
type AnswerRow struct {
	ID         string   `json:"id"`
	Answerable bool     `json:"answerable"`
	Type       string   `json:"type,omitempty"`
	Text       string   `json:"text"`
	Metrics    Figures  `json:"metrics"`
	Problems   []string `json:"problems,omitempty"`
	Error      string   `json:"error,omitempty"`
}

// Encode writes the report as JSON.
func (r *Report) Encode(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// Read reads a file that Encode wrote.
func Read(name string) (*Report, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("read a report: %s: %w", name, err)
	}
	if r.Metrics == nil {
		return nil, fmt.Errorf("read a report: %s has no metrics", name)
	}
	return &r, nil
}

// The figures of answers that a model wrote.
const (
	CitationsResolve = "citations_resolve" // share of citations that were among the passages shown
	QuotesStand      = "quotes_stand"      // share of quotations that stand in the passages shown
	SentencesCited   = "sentences_cited"   // share of sentences that carry a citation
	CitesGold        = "cites_gold"        // answers that cite a gold passage
	Abstains         = "abstains"          // share of unanswerable questions that were left unanswered
	Answered         = "answered"          // share of answerable questions that were not
	ClaimsSupported  = "claims_supported"  // share of claims that the cited passages support, by the judge
	AnswerCorrect    = "answer_correct"    // agreement with the reference answer, by the judge
)

// AnswerKeys are the figures of answers, in the order in which they are shown.
func AnswerKeys() []string {
	return []string{CitationsResolve, QuotesStand, SentencesCited, CitesGold, Abstains, Answered, ClaimsSupported, AnswerCorrect}
}
