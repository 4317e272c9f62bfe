package main

import (
	"regexp"
	"strconv"
)

// counts are the totals that Node's test runner prints last.
type counts struct {
	passed, failed int
}

var totals = regexp.MustCompile(`(?m)^\S+ (pass|fail|cancelled|skipped|todo) (\d+)$`)

// count reads the totals from a suite's output. Whatever did not run counts as
// failed, and so does a suite that passed nothing.
func count(output string) counts {
	var c counts
	for _, m := range totals.FindAllStringSubmatch(output, -1) {
		n, err := strconv.Atoi(m[2])
		switch {
		case err != nil:
			c.failed++
		case m[1] == "pass":
			c.passed += n
		default:
			c.failed += n
		}
	}
	if c.passed == 0 && c.failed == 0 {
		c.failed = 1
	}
	return c
}
