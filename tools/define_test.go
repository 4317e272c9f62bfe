package tools

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/mcp-notion/mcp-notion/internal/golden"
)

// shownLimit bounds what a model has to read of the tools before it can use
// them, in bytes: names, descriptions and input schemas.
const shownLimit = 6000

func TestDefinitionsGolden(t *testing.T) {
	t.Parallel()
	for _, d := range Definitions(Options{}) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			golden.File(t, "testdata/schema/"+d.Name+".json", pretty(t, mustJSON(d)))
		})
	}
}

func TestDefinitionsAreShort(t *testing.T) {
	t.Parallel()
	var shown, outputs int
	for _, d := range Definitions(Options{}) {
		seen := seen(d)
		t.Logf("%s: %d bytes shown, %d bytes of output schema", d.Name, len(seen), len(d.RawOutputSchema))
		shown += len(seen)
		outputs += len(d.RawOutputSchema)
	}
	t.Logf("in all: %d bytes shown, %d bytes of output schemas", shown, outputs)
	if shown >= shownLimit {
		t.Errorf("a model is shown %d bytes, want less than %d", shown, shownLimit)
	}
	if outputs >= outputLimit {
		t.Errorf("the output schemas take %d bytes, want less than %d", outputs, outputLimit)
	}
}

func TestAnnotationsAreExplicit(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	reads := mcp.ToolAnnotation{ReadOnlyHint: &yes, DestructiveHint: &no, IdempotentHint: &yes, OpenWorldHint: &yes}
	writes := mcp.ToolAnnotation{ReadOnlyHint: &no, DestructiveHint: &no, IdempotentHint: &no, OpenWorldHint: &yes}
	again := mcp.ToolAnnotation{ReadOnlyHint: &no, DestructiveHint: &no, IdempotentHint: &yes, OpenWorldHint: &yes}
	writers := map[string]mcp.ToolAnnotation{AppendComment: writes, CreatePage: writes, PendingWrites: again}
	for _, d := range Definitions(Options{}) {
		w, ok := writers[d.Name]
		if !ok {
			w = reads
		}
		w.Title = d.Title
		if diff := cmp.Diff(w, d.Annotations); diff != "" || d.Title == "" {
			t.Errorf("%s: title %q, annotations (-want +got):\n%s", d.Name, d.Title, diff)
		}
	}
}

func TestReadOnlyLeavesWritingOut(t *testing.T) {
	t.Parallel()
	for _, d := range Definitions(Options{ReadOnly: true}) {
		if !*d.Annotations.ReadOnlyHint || d.Name == AppendComment {
			t.Errorf("%s is offered although writing is switched off", d.Name)
		}
	}
	if Writes(SearchNotion) || Writes(ReadPage) || Writes("unknown") || !Writes(AppendComment) || !Writes(CreatePage) {
		t.Error("it is not told apart which tools write")
	}
}

// keywords are those that OpenAI's strict mode and Gemini both read.
var keywords = []string{"type", "properties", "required", "additionalProperties", "items", "description", "enum", "minimum", "maximum", "default", "anyOf"}

// schemaFaults says what in a schema a client would refuse the whole list of tools
// for.
func schemaFaults(at string, schema map[string]any) (faults []string) {
	for _, k := range slices.Sorted(maps.Keys(schema)) {
		if !slices.Contains(keywords, k) {
			faults = append(faults, at+" has the keyword "+k)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	items, _ := schema["items"].(map[string]any)
	either, _ := schema["anyOf"].([]any)
	switch kind, _ := schema["type"].(string); {
	case kind == "" && (len(either) == 0 || len(schema) > 1 || at == "input"):
		faults = append(faults, at+" has neither one type nor anyOf alone")
	case kind == "object" && (len(properties) == 0 || schema["additionalProperties"] != false):
		faults = append(faults, at+" is an object without properties, or with more than these")
	case kind == "array" && items == nil:
		faults = append(faults, at+" is an array without items")
	}
	for name, p := range properties {
		faults = append(faults, schemaFaults(at+"."+name, p.(map[string]any))...)
	}
	for _, one := range either {
		faults = append(faults, schemaFaults(at+"|", one.(map[string]any))...)
	}
	if items != nil {
		faults = append(faults, schemaFaults(at+"[]", items)...)
	}
	return faults
}

func parsed(t *testing.T, raw json.RawMessage) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// The schema, the checks and the In struct must name the same arguments.
func TestParamsMatchInStructs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tool tool
		in   any
	}{{searchTool(), SearchIn{}}, {readTool(), ReadIn{}}, {commentTool(), CommentIn{}}} {
		var got []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(c.in)) {
			got = append(got, f.Tag.Get("json"))
		}
		if diff := cmp.Diff(strings.Split(c.tool.params.Names(), ", "), got); diff != "" {
			t.Errorf("%s (-params +struct):\n%s", c.tool.name, diff)
		}
	}
}

func TestSchemasAreStrictAndPlain(t *testing.T) {
	t.Parallel()
	for _, d := range Definitions(Options{}) {
		var in struct {
			Properties           map[string]map[string]any
			Required             []string
			AdditionalProperties *bool
		}
		if err := json.Unmarshal(d.RawInputSchema, &in); err != nil {
			t.Fatal(err)
		}
		if in.AdditionalProperties == nil || *in.AdditionalProperties {
			t.Errorf("%s: unknown arguments are not ruled out", d.Name)
		}
		for name, p := range in.Properties {
			if _, ok := p["type"].(string); !ok || p["description"] == nil {
				t.Errorf("%s: argument %s has no plain type or no description", d.Name, name)
			}
		}
		for _, name := range in.Required {
			if in.Properties[name] == nil {
				t.Errorf("%s: %s is required but not described", d.Name, name)
			}
		}
		for _, fault := range schemaFaults("input", parsed(t, d.RawInputSchema)) {
			t.Errorf("%s: %s", d.Name, fault)
		}
		for _, word := range []string{"null", "oneOf", "allOf", "$ref"} {
			if bytes.Contains(d.RawInputSchema, []byte(`"`+word+`"`)) || bytes.Contains(d.RawOutputSchema, []byte(`"`+word+`"`)) {
				t.Errorf("%s: a schema uses %s, which some clients do not read", d.Name, word)
			}
		}
		if bytes.Contains(d.RawOutputSchema, []byte(`"required":["error"`)) || !bytes.Contains(d.RawOutputSchema, []byte(`"error"`)) {
			t.Errorf("%s: the output schema must allow an error, and not demand it", d.Name)
		}
	}
	if !slices.ContainsFunc(Definitions(Options{}), func(d mcp.Tool) bool { return d.Meta != nil }) {
		t.Error("no tool says how much of an answer to show inline")
	}
}
