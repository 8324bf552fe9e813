// Command contract-diff compares the slice of the vendor's OpenAPI document that the fake of package gcoretest is held to
// with a newer document, and prints a line for each thing that moved:
//
//	POST /cloud/v2/security_groups/{project_id}/{region_id}: request: rules[].protocol: enum: any added
//
// The document is a file, YAML or JSON, of the whole API or a part of it:
//
//	go run ./internal/gcoretest/cmd/contract-diff cloud_api.yaml
//
// What the slice marks x-undocumented is not compared, and of what it marks x-partial only what it has. Titles, prose,
// examples and extensions count for nothing. The exit status is 0 if nothing moved, 1 if anything did, and 2 if the
// documents could not be compared.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// The exit statuses.
const (
	exitSame = iota
	exitMoved
	exitFailed
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(arguments []string, output, errorOutput io.Writer) int {
	flags := flag.NewFlagSet("contract-diff", flag.ContinueOnError)
	flags.SetOutput(errorOutput)
	flags.Usage = func() { fmt.Fprintln(errorOutput, "usage: contract-diff <newer OpenAPI document>") }
	if err := flags.Parse(arguments); err != nil {
		return exitFailed
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitFailed
	}
	data, err := os.ReadFile(flags.Arg(0))
	if err == nil {
		var moved []string
		if moved, err = compare(gcoretest.Contract(), data); err == nil {
			for _, line := range moved {
				fmt.Fprintln(output, line)
			}
			if len(moved) > 0 {
				return exitMoved
			}
			return exitSame
		}
	}
	fmt.Fprintln(errorOutput, "contract-diff:", err)
	return exitFailed
}

// compare lists what moved between two documents.
func compare(older, newer []byte) ([]string, error) {
	o, err := load(older)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	n, err := load(newer)
	if err != nil {
		return nil, fmt.Errorf("reading the newer document: %w", err)
	}
	return difference(o, n), nil
}

// object is a JSON object.
type object = map[string]any

// load reads an OpenAPI document, YAML or JSON, as a tree.
func load(data []byte) (object, error) {
	parsed, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	if parsed.Paths == nil || parsed.Paths.Len() == 0 {
		return nil, fmt.Errorf("the document has no paths")
	}
	text, err := json.Marshal(parsed)
	if err != nil {
		return nil, err
	}
	var tree object
	return tree, json.Unmarshal(text, &tree)
}
