package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// slack is how far a sum may be from the one that is written: every change of a
// text or of the ranking moves it a little.
const slack = 0.1

// compare keeps a document near what was measured, or writes it.
func compare(file, measured string, update bool) error {
	if update {
		return os.WriteFile(file, []byte(measured), 0o644)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	was, is := sumLines(string(written)), sumLines(measured)
	if len(was) != len(is) {
		return fmt.Errorf("%s has %d sums and not %d: go run ./rig/tasks -update", file, len(was), len(is))
	}
	for i := range is {
		if !near(was[i], is[i]) {
			return fmt.Errorf("what was measured is far from %s: go run ./rig/tasks -update\nwritten:  %s\nmeasured: %s", file, was[i], is[i])
		}
	}
	return nil
}

// sumLines are the lines of the table that sum up.
func sumLines(document string) []string {
	var lines []string
	for line := range strings.Lines(document) {
		if strings.HasPrefix(line, "| **all ten") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

var number = regexp.MustCompile(`\d[\d,]*`)

func near(a, b string) bool {
	as, bs := number.FindAllString(a, -1), number.FindAllString(b, -1)
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		x, y := parsed(as[i]), parsed(bs[i])
		if max(x, y)-min(x, y) > slack*max(x, y) {
			return false
		}
	}
	return true
}

func parsed(s string) float64 {
	n, _ := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64) // digits alone
	return n
}
