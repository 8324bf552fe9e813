package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// titleAt is where the title stands among the arguments of what makes a
// diagnostic.
var titleAt = map[string]int{
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
	"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	"refuse of package rule": 1, "refused": 0, "portless": 0,
}

// titles are the titles of all diagnostics as the source has them, with %s for
// what differs.
func titles(t *testing.T) []string {
	t.Helper()
	f := titleFinder{t: t, strings: map[string]ast.Expr{}, found: map[string]bool{}}
	var files []*ast.File
	for _, directory := range []string{".", "../rule"} {
		entries, err := os.ReadDir(directory)
		must(err)
		for _, entry := range entries {
			if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				file, err := parser.ParseFile(&f.files, directory+"/"+name, nil, parser.SkipObjectResolution)
				must(err)
				files = append(files, file)
			}
		}
	}
	for _, visit := range []func(ast.Node) bool{f.declaration, f.title} {
		for _, file := range files {
			ast.Inspect(file, visit)
		}
	}
	return slices.Sorted(maps.Keys(f.found))
}

type titleFinder struct {
	t       *testing.T
	files   token.FileSet
	strings map[string]ast.Expr // constants
	found   map[string]bool
}

func (f *titleFinder) declaration(node ast.Node) bool {
	if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
		for i, name := range spec.Names {
			f.strings[name.Name] = spec.Values[i]
			if name.Name == "title" {
				f.add(spec.Values[i])
			}
		}
	}
	return true
}

func (f *titleFinder) title(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.CallExpr:
		name := called(node)
		if function, ok := node.Fun.(*ast.Ident); ok && function.Name == "refuse" && len(node.Args) > 2 {
			name = "refuse of package rule"
		}
		if i, ok := titleAt[name]; ok && !isTitle(node.Args[i]) {
			f.add(node.Args[i])
		}
	case *ast.KeyValueExpr:
		if isTitle(node.Key) && !isTitle(node.Value) {
			f.add(node.Value)
		}
	case *ast.AssignStmt:
		for i, name := range node.Lhs {
			if isTitle(name) && len(node.Lhs) == len(node.Rhs) {
				f.add(node.Rhs[i])
			}
		}
	case *ast.FuncDecl:
		for _, field := range node.Type.Params.List {
			if _, known := titleAt[node.Name.Name]; len(field.Names) > 0 && isTitle(field.Names[0]) && !known && node.Name.Name != "refuse" {
				f.t.Errorf("%s is given a title, and titleAt lacks it", node.Name.Name)
			}
		}
		if results := node.Type.Results; results != nil && len(results.List) > 0 && len(results.List[0].Names) > 0 && isTitle(results.List[0].Names[0]) {
			ast.Inspect(node.Body, func(node ast.Node) bool {
				if back, ok := node.(*ast.ReturnStmt); ok && len(back.Results) > 0 {
					f.add(back.Results[0])
				}
				_, inner := node.(*ast.FuncLit)
				return !inner
			})
		}
	}
	return true
}

// add adds the title that an expression makes.
func (f *titleFinder) add(e ast.Expr) {
	switch pattern, ok := f.pattern(e); {
	case !ok:
		f.t.Errorf("%s: the title is not a text that can be read from the source", f.files.Position(e.Pos()))
	case pattern != "":
		f.found[pattern] = true
	}
}

// pattern is the text that an expression makes; ok is false if it is not known
// in any part.
func (f *titleFinder) pattern(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		if value := f.strings[e.Name]; value != nil {
			return f.pattern(value)
		}
	case *ast.BinaryExpr:
		left, known := f.pattern(e.X)
		right, alsoKnown := f.pattern(e.Y)
		if !known {
			left = "%s"
		}
		if !alsoKnown {
			right = "%s"
		}
		return left + right, (known || alsoKnown) && e.Op == token.ADD
	case *ast.CallExpr:
		if called(e) == "Sprintf" {
			text, ok := f.pattern(e.Args[0])
			return verb.ReplaceAllString(strings.ReplaceAll(text, "%q", `"%s"`), "%s"), ok
		}
	}
	return "", false
}

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// isTitle reports whether an expression passes on a title that stands elsewhere.
func isTitle(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "title" || e.Name == "Title"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Title"
	case *ast.CallExpr:
		return called(e) == "Summary"
	}
	return false
}

// called is the name of the function of a call.
func called(call *ast.CallExpr) string {
	switch function := call.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		return function.Sel.Name
	}
	return ""
}

// matches reports whether a title is one that a pattern makes.
func matches(pattern, title string) bool {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "%s", ".+") + "$").MatchString(title)
}

// Each title that the source has stands in the golden files of the messages,
// so that a reader finds them all there.
func TestEveryTitleIsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	var have []string
	for _, name := range []string{"testdata/messages.golden", "../rule/testdata/problems.golden"} {
		text, err := os.ReadFile(name)
		must(err)
		for _, line := range regexp.MustCompile(`(?m)^(?:Error|Warning|error|warning)(?: on \w+)?: (.+)$`).FindAllStringSubmatch(string(text), -1) {
			have = append(have, line[1])
		}
	}
	all := titles(t)
	if len(all) < 100 {
		t.Errorf("only %d titles", len(all))
	}
	for _, pattern := range all {
		if !slices.ContainsFunc(have, func(title string) bool { return matches(pattern, title) }) {
			t.Errorf("no message is titled %q", pattern)
		}
	}
}

// The guide on troubleshooting has each title, and no other.
func TestEveryTitleIsInTheGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	must(err)
	var have []string
	for _, cell := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(string(text), -1) {
		for _, title := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell[1], -1) {
			have = append(have, title[1])
		}
	}
	all := titles(t)
	for _, pattern := range all {
		if !slices.ContainsFunc(have, func(title string) bool { return matches(pattern, title) }) {
			t.Errorf("the guide lacks %q", pattern)
		}
	}
	for _, title := range have {
		if !slices.ContainsFunc(all, func(pattern string) bool { return matches(pattern, title) }) {
			t.Errorf("no diagnostic has the guide's title %q", title)
		}
	}
}
