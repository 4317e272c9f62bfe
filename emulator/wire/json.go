package wire

import (
	"encoding/json"
	"strconv"
)

// String follows keys into a JSON object and returns the string there, or "" if
// anything on the way is missing or of another type.
func String(o Object, keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		o, _ = o[key].(Object)
	}
	s, _ := o[keys[len(keys)-1]].(string)
	return s
}

// Brief is a JSON value as the API quotes it in errors, cut short.
func Brief(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	if len(raw) > 80 {
		return string(raw[:80]) + "..."
	}
	return string(raw)
}

// index is a place in an array, as errors name it.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }
