package archtest

import (
	"go/ast"
	"path"
	"strconv"
	"strings"
)

// escapedType is the type of what people wrote once it is escaped. Only its own
// package makes one of a string, as only there it is known how.
const (
	escapedPkg  = "internal/markdown"
	escapedType = "Text"

	escapedKept = "Kept"  // makes one of a string as it is
	keepingPkg  = "index" // the only package that may have it done
)

// converts says whether a file makes the escaped type of something else than a
// literal, or gives it another name by which that could be done.
func converts(f *ast.File) bool {
	name := escapedName(f)
	if name == "" {
		return false
	}
	found := name == "."
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			literal := len(n.Args) == 1 && isLiteral(n.Args[0])
			found = found || isOf(name, escapedType, n.Fun) && !literal
		case *ast.TypeSpec:
			found = found || isOf(name, escapedType, n.Type)
		}
		return true
	})
	return found
}

// uses says whether a file uses a function of the package of the escaped type.
func uses(f *ast.File, function string) bool {
	name := escapedName(f)
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		found = found || ok && isOf(name, function, e)
		return !found
	})
	return found
}

// escapedName is what a file calls the package of the escaped type; "" if it
// does not import it.
func escapedName(f *ast.File) string {
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || strings.TrimPrefix(p, module+"/") != escapedPkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(escapedPkg)
	}
	return ""
}

func isOf(pkg, name string, e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.BasicLit)
	return ok
}
