// Command schema reads the output of `terraform providers schema -json` and writes the file that tfplugindocs wants.
//
// Two things stand between the one and the other. tfplugindocs looks for a provider of the hashicorp namespace only
// (TerraformProviderSchemaFromFile in its internal/provider/schema.go). And each Terraform describes what it knows:
// 1.12 added the identities of resources, 1.14 list resources and actions. Pages made from all of it would differ
// with the Terraform at hand, so that a check of the pages would depend on who runs it. What every Terraform since
// 1.11 describes is kept, the rest is dropped.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
)

// address is where tfplugindocs looks for the provider named gcore.
const address = "registry.terraform.io/hashicorp/gcore"

func main() {
	if err := convert(os.Stdout, os.Stdin); err != nil {
		log.Fatalf("Unable to convert the provider's schema: %v", err)
	}
}

// convert reads the schema of one provider under any address, and writes what every Terraform since 1.11 says of it
// under [address]. Anything but exactly one provider is an error.
func convert(w io.Writer, r io.Reader) error {
	var document struct {
		FormatVersion json.RawMessage                       `json:"format_version"`
		Providers     map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.NewDecoder(r).Decode(&document); err != nil {
		return fmt.Errorf("reading the output of terraform providers schema -json: %w", err)
	}
	if len(document.Providers) != 1 {
		names := slices.Sorted(maps.Keys(document.Providers))
		return fmt.Errorf("expected the schema of one provider, found %d %v", len(names), names)
	}
	converted := make(map[string]map[string]json.RawMessage, 1)
	for name, schema := range document.Providers {
		if len(schema) == 0 {
			return fmt.Errorf("the schema of %s is empty", name)
		}
		maps.DeleteFunc(schema, func(section string, _ json.RawMessage) bool { return !everywhere(section) })
		converted[address] = schema
	}
	document.Providers = converted
	if err := json.NewEncoder(w).Encode(document); err != nil {
		return fmt.Errorf("writing the converted schema: %w", err)
	}
	return nil
}

// everywhere reports whether Terraform 1.11, the oldest that makes the pages, describes this section.
func everywhere(section string) bool {
	switch section {
	case "provider", "resource_schemas", "data_source_schemas", "ephemeral_resource_schemas", "functions":
		return true
	}
	return false
}
