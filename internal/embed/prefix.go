package embed

import "strings"

// prefixes are what a model was trained to see before questions and before
// passages.
type prefixes struct{ query, passage string }

// prefixesOf are those of the families of models that have some, by what their
// cards say. Without, they find much less.
func prefixesOf(model string) prefixes {
	name := strings.ToLower(model)
	has := func(part string) bool { return strings.Contains(name, part) }
	switch {
	case has("bge-m3"):
		return prefixes{}
	case has("bge-") && has("-en"), has("mxbai-embed-large"), has("snowflake-arctic-embed") && !has("-v2"):
		return prefixes{query: "Represent this sentence for searching relevant passages: "}
	case has("snowflake-arctic-embed"):
		return prefixes{query: "query: "}
	case has("e5-") && has("instruct"):
		return prefixes{query: "Instruct: Given a question, retrieve passages that answer it\nQuery: "}
	case has("e5-"):
		return prefixes{query: "query: ", passage: "passage: "}
	case has("nomic-embed-text"):
		return prefixes{query: "search_query: ", passage: "search_document: "}
	case has("embeddinggemma"):
		return prefixes{query: "task: search result | query: ", passage: "title: none | text: "}
	}
	return prefixes{}
}

func prefixed(before string, texts []string) []string {
	if before == "" {
		return texts
	}
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = before + text
	}
	return all
}
