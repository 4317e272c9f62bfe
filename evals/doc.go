// Package evals measures whether answers are right. It mirrors a folder through
// the emulator, asks questions with known answers through the real tool call,
// or any other MCP server, and scores what comes: pages, passages and the very
// blocks that citations open. It also scores judged collections, and answers
// that a model writes.
package evals
