package archtest

import (
	"go/ast"
	"slices"
	"strings"
)

// abilities are what a token broker may be able to do besides handing out
// tokens. A tokens.Source says what one can.
var abilities = []string{"Keeper", "Disconnecter", "Lister", "Refresher", "Notifier"}

// asksBroker says whether a node looks at the type of a broker for what it can
// do: of one that is wrapped, that is silently not found.
func asksBroker(n ast.Node) bool {
	a, ok := n.(*ast.TypeAssertExpr)
	if !ok {
		return false
	}
	return strings.EqualFold(lastName(a.X), "broker") || slices.Contains(abilities, lastName(a.Type))
}

// lastName is the name that an expression ends with; "" if it has none.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func checkBroker(s source) []string {
	if !s.asks || s.pkg == "tokens/tokentest" { // which holds brokers against what they say
		return nil
	}
	return []string{s.name + " looks at the type of a token broker: say in a tokens.Source what it can do, or ask for a tokens.Keeper"}
}
