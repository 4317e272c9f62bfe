package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A source is what the rules need to know of one Go file.
type source struct {
	name    string // path from the root of the repository
	pkg     string // folder, which is the package's name in the table
	test    bool
	imports []string
	init    bool     // declares func init
	loose   []string // what starts goroutines that nobody guards
	escapes bool     // makes escaped text of a string
	keeps   bool     // takes a string for escaped text that was kept
	asks    bool     // looks at the type of a token broker
}

// load reads all Go files below the root of fsys, build tags or not, except
// where the go command does not look either.
func load(fsys fs.FS) ([]source, error) {
	var all []source
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && ignored(fsys, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := parse(fsys, name)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
		all = append(all, s)
		return nil
	})
	return all, err
}

// ignored reports whether a folder is no part of the module.
func ignored(fsys fs.FS, dir string) bool {
	if dir == "." {
		return false
	}
	base := path.Base(dir)
	if base == "testdata" || base == "vendor" || base == "node_modules" || strings.IndexAny(base, "._") == 0 {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}

func parse(fsys fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return source{}, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go")}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, p)
	}
	s.init = slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Recv == nil && fn.Name.Name == "init"
	})
	s.escapes, s.keeps = converts(f), uses(f, escapedKept)
	ast.Inspect(f, func(n ast.Node) bool {
		s.loose = append(s.loose, starts(n)...)
		s.asks = s.asks || asksBroker(n)
		return true
	})
	return s, nil
}

// starts returns what a node starts a goroutine with, if it does.
func starts(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return []string{"go"}
	case *ast.SelectorExpr:
		if pkg, ok := n.X.(*ast.Ident); ok && slices.Contains(starters, pkg.Name+"."+n.Sel.Name) {
			return []string{pkg.Name + "." + n.Sel.Name}
		}
	}
	return nil
}

// check returns one sentence for every breach of the rules, in the order of
// the files.
func check(all []source) []string {
	var found []string
	for _, s := range all {
		if s.init {
			found = append(found, s.name+" declares func init: build it where it is used")
		}
		l, ok := layerOf(s.pkg)
		if !ok {
			found = append(found, fmt.Sprintf("%s: package %s has no line in internal/archtest/rules_test.go: add one", s.name, s.pkg))
			continue
		}
		if !s.test {
			found = append(found, checkImports(s, l)...)
			found = append(found, checkGuarded(s)...)
			found = append(found, checkEscaped(s)...)
			found = append(found, checkBroker(s)...)
		}
	}
	return append(found, checkOrOne(all)...)
}

func checkGuarded(s source) []string {
	var found []string
	for _, what := range s.loose {
		if !listed(loose, s.pkg) {
			found = append(found, fmt.Sprintf("%s starts a goroutine with %s: internal/guard does, so that a fault ends nothing else", s.name, what))
		}
	}
	return found
}

func layerOf(pkg string) (layer, bool) {
	i := slices.IndexFunc(layers, func(l layer) bool { return matches(l.pkg, pkg) })
	if i < 0 {
		return layer{}, false
	}
	return layers[i], true
}

func checkImports(s source, l layer) []string {
	var found []string
	for _, p := range s.imports {
		if own, ok := ownPackage(p); ok {
			if !listed(l.may, own) {
				found = append(found, fmt.Sprintf("%s imports %s: %s may import [%s]", s.name, own, l.pkg, l.may))
			}
			continue
		}
		if !isForeign(p) {
			continue
		}
		if listed(bare, s.pkg) {
			found = append(found, fmt.Sprintf("%s imports %s: %s needs the standard library alone", s.name, p, s.pkg))
		}
		for _, g := range gates {
			if below(g.path, p) && !listed(g.only, s.pkg) && !g.orOne {
				found = append(found, fmt.Sprintf("%s imports %s: only [%s] may, because %s", s.name, p, g.only, g.reason))
			}
		}
	}
	return found
}

func checkEscaped(s source) []string {
	switch {
	case s.pkg == escapedPkg:
		return nil
	case s.keeps && s.pkg != keepingPkg:
		return []string{fmt.Sprintf("%s takes a string for a %s.%s: only %s may, which keeps them", s.name, path.Base(escapedPkg), escapedType, keepingPkg)}
	case !s.escapes:
		return nil
	}
	return []string{fmt.Sprintf("%s makes a %s.%s of a string: use the functions of %s, which escape what people wrote",
		s.name, path.Base(escapedPkg), escapedType, escapedPkg)}
}

// checkOrOne holds the gates that one package more may pass: two are one too
// many.
func checkOrOne(all []source) []string {
	var found []string
	for _, g := range gates {
		if !g.orOne {
			continue
		}
		var more []string
		for _, s := range all {
			imports := slices.ContainsFunc(s.imports, func(p string) bool { return below(g.path, p) })
			if imports && !s.test && !listed(g.only, s.pkg) && !slices.Contains(more, s.pkg) {
				more = append(more, s.pkg)
			}
		}
		if len(more) > 1 {
			found = append(found, fmt.Sprintf("%v import %s: only [%s] and one more may, because %s", more, g.path, g.only, g.reason))
		}
	}
	return found
}

// ownPackage returns the folder of an import path of this repository.
func ownPackage(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// isForeign reports whether an import path is outside the standard library,
// whose paths have no dot in the first element.
func isForeign(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".")
}

// listed reports whether one of the patterns, separated by spaces, matches.
func listed(patterns, pkg string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool { return matches(p, pkg) })
}

func matches(pattern, pkg string) bool {
	if pattern == "*" {
		return !below("cmd", pkg)
	}
	if dir, ok := strings.CutSuffix(pattern, "/..."); ok {
		return below(dir, pkg)
	}
	return pattern == pkg
}

// below reports whether name is dir or lies below it.
func below(dir, name string) bool {
	return name == dir || strings.HasPrefix(name, dir+"/")
}
