package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mcp-notion/mcp-notion/internal/console"
)

// formFlag is a switch that chooses the form of an answer.
type formFlag struct {
	form   *console.Form
	choice console.Form
}

func (f formFlag) Set(s string) error {
	on, err := strconv.ParseBool(s)
	switch {
	case err != nil:
		return errors.New("must be true or false")
	case on && *f.form != console.FormPretty && *f.form != f.choice:
		return errors.New("goes with no other form of the answer")
	case on:
		*f.form = f.choice
	}
	return nil
}

func (f formFlag) String() string   { return "false" }
func (f formFlag) Type() string     { return "bool" }
func (f formFlag) IsBoolFlag() bool { return true }

func jsonFlag(cmd *cobra.Command, form *console.Form) {
	addForm(cmd, form, console.FormJSON, "write one JSON object, as programs get it")
}

func textFlag(cmd *cobra.Command, form *console.Form) {
	addForm(cmd, form, console.FormText, "write the very text that an assistant reads")
}

func addForm(cmd *cobra.Command, form *console.Form, choice console.Form, usage string) {
	f := cmd.Flags().VarPF(formFlag{form, choice}, string(choice), "", usage)
	f.NoOptDefVal = "true"
}

// number is a flag that is nil until it is given, so that 0 is a value too.
type number struct{ to **int }

func (n number) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("must be a whole number")
	}
	*n.to = &v
	return nil
}

func (n number) String() string {
	if n.to == nil || *n.to == nil {
		return ""
	}
	return strconv.Itoa(**n.to)
}

func (n number) Type() string { return "number" }

// filled is a flag that is not empty where it is given: an empty one comes from
// a variable that was not set, and means something else than no flag.
type filled struct{ to *string }

func (t filled) Set(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("must not be empty")
	}
	*t.to = s
	return nil
}

func (t filled) String() string {
	if t.to == nil {
		return ""
	}
	return *t.to
}

func (t filled) Type() string { return "string" }
