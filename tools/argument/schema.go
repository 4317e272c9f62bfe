package argument

import (
	"encoding/json"
	"fmt"
)

// Schema is the JSON schema of the arguments, in their order, without the
// keywords that some clients do not read.
func (ps Params) Schema() json.RawMessage {
	var properties []byte
	required := []string{}
	for i, p := range ps {
		if i > 0 {
			properties = append(properties, ',')
		}
		properties = fmt.Appendf(properties, "%s:%s", mustJSON(p.Name), mustJSON(p.schema()))
		if p.Required {
			required = append(required, p.Name)
		}
	}
	schema := fmt.Sprintf(`{"type":"object","properties":{%s},"additionalProperties":false`, properties)
	if len(required) > 0 {
		schema += fmt.Sprintf(`,"required":%s`, mustJSON(required))
	}
	return json.RawMessage(schema + "}")
}

// property is the schema of one argument.
type property struct {
	Type        string   `json:"type,omitempty"`
	Items       any      `json:"items,omitempty"`
	Description string   `json:"description,omitempty"`
	Enum        []string `json:"enum,omitempty"`
	Minimum     int      `json:"minimum,omitempty"`
	Maximum     int      `json:"maximum,omitempty"`
	Default     int      `json:"default,omitempty"`

	// AnyOf stands alone where it stands: some clients refuse it beside other
	// keywords, and a list of types everywhere.
	AnyOf []property `json:"anyOf,omitempty"`
}

func (p Param) schema() property {
	out := property{Type: "string", Description: p.About, Enum: p.Enum}
	switch p.Kind {
	case Boolean:
		out.Type = "boolean"
	case Value:
		out = property{AnyOf: scalars(p.About)}
	case Map:
		out.Type, out.Items = "array", pairs.Schema()
	case Texts:
		out.Type, out.Items = "array", property{Type: "string"}
	case Objects:
		out.Type, out.Items = "array", Params(p.Fields).Schema()
	case Integer:
		out.Type = "integer"
		out.Minimum, out.Maximum, out.Default = p.Min, p.Max, p.Default
	}
	return out
}

// scalars are the types of a Value.
func scalars(about string) []property {
	return []property{
		{Type: "string", Description: about}, {Type: "number"}, {Type: "boolean"}, {Type: "array", Items: property{Type: "string"}},
	}
}

// mustJSON writes values of this package's own making, which always can be.
func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("argument: write JSON: " + err.Error())
	}
	return data
}
