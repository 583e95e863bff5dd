// Prints the reference of a Go package as Markdown: go run go_reference.go FOLDER. Everything but the layout is
// go/doc's work, as on pkg.go.dev.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"strings"
)

const importPath = "github.com/bytestore/bytestore/bindings/go"

type page struct {
	files *token.FileSet
	pkg   *doc.Package
}

func main() {
	log.SetFlags(0)
	paths, err := filepath.Glob(filepath.Join(os.Args[1], "*.go"))
	if err != nil {
		log.Fatal(err)
	}
	files := token.NewFileSet()
	var sources []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			log.Fatal(err)
		}
		sources = append(sources, file)
	}
	pkg, err := doc.NewFromFiles(files, sources, importPath)
	if err != nil {
		log.Fatal(err)
	}
	page{files, pkg}.print()
}

func (p page) print() {
	fmt.Printf("# Go\n\n```go\nimport bytestore %q\n```\n\n", importPath)
	p.text(p.pkg.Doc)
	p.examples(p.pkg.Examples)
	for _, group := range [][]*doc.Value{p.pkg.Consts, p.pkg.Vars} {
		p.values(group)
	}
	for _, function := range p.pkg.Funcs {
		p.function("##", function)
	}
	for _, kind := range p.pkg.Types {
		p.heading("##", "type "+kind.Name, kind.Name)
		p.fields(kind)
		p.code(kind.Decl)
		p.text(kind.Doc)
		p.values(kind.Consts)
		p.values(kind.Vars)
		p.examples(kind.Examples)
		for _, function := range append(kind.Funcs, kind.Methods...) {
			p.function("###", function)
		}
	}
}

// heading has the anchor of pkg.go.dev, to which links in comments lead.
func (p page) heading(level, title, anchor string) {
	fmt.Printf("%s %s { #%s }\n\n", level, title, anchor)
}

// fields are what pkg.go.dev calls them, too.
func (p page) fields(kind *doc.Type) {
	for _, spec := range kind.Decl.Specs {
		structure, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				fmt.Printf("<a id=%q></a>\n", kind.Name+"."+name.Name)
			}
		}
	}
	fmt.Println()
}

func (p page) values(values []*doc.Value) {
	for _, value := range values {
		for _, name := range value.Names {
			fmt.Printf("<a id=%q></a>\n", name)
		}
		fmt.Println()
		p.code(value.Decl)
		p.text(value.Doc)
	}
}

func (p page) function(level string, function *doc.Func) {
	title, anchor := "func "+function.Name, function.Name
	if function.Recv != "" {
		anchor = strings.TrimPrefix(function.Recv, "*") + "." + function.Name
		title = fmt.Sprintf("func (%s) %s", function.Recv, function.Name)
	}
	if function.Doc == "" {
		log.Fatalf("%s has no comment", anchor)
	}
	p.heading(level, title, anchor)
	p.code(function.Decl)
	p.text(function.Doc)
	p.examples(function.Examples)
}

func (p page) examples(examples []*doc.Example) {
	for _, example := range examples {
		fmt.Print("**Example**\n\n")
		p.text(example.Doc)
		p.code(example.Code)
		if example.Output != "" {
			fmt.Printf("```text\n%s```\n\n", example.Output)
		}
	}
}

func (p page) text(text string) {
	printer := p.pkg.Printer()
	printer.HeadingLevel = 2
	printer.DocLinkURL = func(link *comment.DocLink) string { return link.DefaultURL("https://pkg.go.dev") }
	fmt.Printf("%s\n", printer.Markdown(p.pkg.Parser().Parse(text)))
}

func (p page) code(node any) {
	var source bytes.Buffer
	if err := format.Node(&source, p.files, node); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("```go\n%s\n```\n\n", source.Bytes())
}
