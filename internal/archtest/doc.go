// Package archtest holds the rules of who may import whom as a table, and a
// test that reads every Go file of the repository against it. A package that
// the table does not list fails the test, so that a new package begins with a
// decision about its place.
package archtest
