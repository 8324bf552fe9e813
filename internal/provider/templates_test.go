package provider

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Terraform 1.11 does not describe some schemas. Their pages are templates,
// which must match the provider; the other pages are generated from the schema.
func TestTemplatesDescribeTheSchemas(t *testing.T) {
	t.Parallel()
	p := newCloud(t, gcoretest.Config{}).protocol(t, testPlace)
	check := func(page, heading string, want map[string][]string) {
		t.Helper()
		text, err := os.ReadFile("../../templates/" + page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, section(string(text), heading), cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s does not say what the schema says (-schema +page):\n%s", page, diff)
		}
	}
	for name, schema := range p.schemas.ListResourceSchemas {
		want := map[string][]string{}
		for _, a := range schema.Block.Attributes {
			mode := map[bool]string{true: "Required", false: "Optional"}[a.Required]
			want[mode] = append(want[mode], attributeLine(a.Name, a.Type, a.Description))
		}
		check("list-resources/"+strings.TrimPrefix(name, "gcore_")+".md.tmpl", "## Schema", want)
	}
	for name, schema := range p.identities {
		want := map[string][]string{}
		for _, a := range schema.IdentityAttributes {
			mode := map[bool]string{true: "Required", false: "Optional"}[a.RequiredForImport]
			want[mode] = append(want[mode], attributeLine(a.Name, a.Type, a.Description))
		}
		page := "resources/" + strings.TrimPrefix(name, "gcore_") + ".md.tmpl"
		check(page, "### Identity Schema", want)
		// A page without an example of its own links the guide's.
		text, _ := os.ReadFile("../../templates/" + page)
		guide, _ := os.ReadFile("../../templates/guides/adopting.md.tmpl")
		_, example, _ := strings.Cut(string(text)+string(guide), "  identity = {\n")
		example, _, _ = strings.Cut(example, "  }\n")
		var named []string
		for _, match := range regexp.MustCompile(`(?m)^ +(\w+) += `).FindAllStringSubmatch(example, -1) {
			named = append(named, match[1])
		}
		var attributes []string
		for _, a := range schema.IdentityAttributes {
			attributes = append(attributes, a.Name)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(attributes)), slices.Sorted(slices.Values(named))); diff != "" {
			t.Errorf("the example of an identity in %s (-schema +page):\n%s", page, diff)
		}
	}
}

// attributeLine is an attribute as tfplugindocs writes it.
func attributeLine(name string, of tftypes.Type, description string) string {
	words := "String"
	switch {
	case of.Is(tftypes.Number):
		words = "Number"
	case of.Is(tftypes.List{}):
		words = "List of String"
	}
	return fmt.Sprintf("- `%s` (%s) %s", name, words, description)
}

// section returns the lists under a heading of a page, by their own headings.
func section(page, heading string) map[string][]string {
	lists := map[string][]string{}
	level := strings.Count(heading, "#")
	under, inside := "", false
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		depth := len(line) - len(strings.TrimLeft(line, "#"))
		switch {
		case line == heading:
			inside = true
		case inside && depth > level:
			under = strings.TrimLeft(line, "# ")
		case inside && depth > 0:
			return lists
		case inside && strings.HasPrefix(line, "- `"):
			lists[under] = append(lists[under], line)
		case inside && line != "" && under != "":
			return lists
		}
	}
	return lists
}
