// Package notion is a thin client of the Notion API, version 2026-03-11: the
// API's own nouns and wire shapes, one request path that is paced, retried and
// typed in its errors, and the parsing of Notion ids and URLs. It holds no
// policy about what to fetch or what to do with it.
package notion

// Version is the value of the Notion-Version header sent with every request.
const Version = "2026-03-11"
