package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/tools"
)

// maxRefused is how much is read of a request that may not begin, to find out
// what to answer.
const maxRefused = 64 << 10

// codeTooMany is the category of calls that a limit refuses, and overLimit the
// code of the error of other requests.
const (
	codeTooMany = "too_many_calls"
	overLimit   = -32000
)

// rpcError is an error of JSON-RPC.
type rpcError struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    *tools.Failure `json:"data,omitempty"`
}

// refuse answers a request that a limit keeps from beginning. A status of HTTP
// would be the client's trouble: the model would learn nothing, and try the same
// again.
func (g *gateway) refuse(w http.ResponseWriter, r *http.Request, no excess) {
	g.cfg.Telemetry.Refused(r.Context(), no.limit)
	requestOf(r.Context()).refused(no.limit)
	w.Header().Set("Retry-After", strconv.Itoa(no.seconds()))
	unit := "seconds"
	if no.seconds() == 1 {
		unit = "second"
	}
	words := fmt.Sprintf("%s Try again in %d %s.", no.words(), no.seconds(), unit)
	var e envelope
	if body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRefused)); err != nil || json.Unmarshal(body, &e) != nil {
		http.Error(w, words, http.StatusTooManyRequests) // no id is known that an answer could name
		return
	}
	requestOf(r.Context()).called(e)
	if e.Method != "" && len(e.ID) == 0 {
		w.WriteHeader(http.StatusAccepted) // nobody waits for an answer to a notification
		return
	}
	failure := tools.Failure{Code: codeTooMany, RetryAfterSeconds: no.seconds()}
	if e.Method != "tools/call" {
		answerRPC(w, http.StatusOK, e.ID, map[string]any{"error": rpcError{Code: overLimit, Message: words, Data: &failure}})
		return
	}
	result := mcp.NewToolResultError(words)
	result.ResultType = mcp.ResultTypeComplete
	result.StructuredContent = map[string]any{"error": failure}
	answerRPC(w, http.StatusOK, e.ID, map[string]any{"result": result})
}

// answerRPC writes an answer of JSON-RPC that the library has no part in.
func answerRPC(w http.ResponseWriter, status int, id json.RawMessage, answer map[string]any) {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	answer["jsonrpc"], answer["id"] = "2.0", id
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // an error means that the reader has gone
}
