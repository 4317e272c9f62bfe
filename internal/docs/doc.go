// Package docs checks that what the documents say of the repository is true:
// the tests, files and commands that they name are there.
package docs
