package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// undescribed lists the schemas, attributes, blocks and parameters without a description. The protocol has none for the
// return value of a function.
func (p protocol) undescribed() (missing []string, seen int) {
	check := func(name, description string) {
		if seen++; description == "" {
			missing = append(missing, name)
		}
	}
	schemas := map[string]*tfprotov6.Schema{"provider": p.schemas.Provider}
	for kind, of := range map[string]map[string]*tfprotov6.Schema{
		"resource ": p.schemas.ResourceSchemas, "data ": p.schemas.DataSourceSchemas, "list ": p.schemas.ListResourceSchemas,
	} {
		for name, schema := range of {
			schemas[kind+name] = schema
		}
	}
	for name, schema := range schemas {
		check(name, schema.Block.Description)
		describeBlock(name, schema.Block, check)
	}
	for name, schema := range p.identities {
		for _, a := range schema.IdentityAttributes {
			check("identity "+name+"."+a.Name, a.Description)
		}
	}
	for name, function := range p.schemas.Functions {
		check("function "+name, function.Description)
		check("summary of function "+name, function.Summary)
		parameters := function.Parameters
		if function.VariadicParameter != nil {
			parameters = append(slices.Clone(parameters), function.VariadicParameter)
		}
		for _, parameter := range parameters {
			check("function "+name+"("+parameter.Name+")", parameter.Description)
		}
	}
	return missing, seen
}

func describeBlock(name string, block *tfprotov6.SchemaBlock, check func(name, description string)) {
	describeAttributes(name, block.Attributes, check)
	for _, nested := range block.BlockTypes {
		check(name+"."+nested.TypeName, nested.Block.Description)
		describeBlock(name+"."+nested.TypeName, nested.Block, check)
	}
}

func describeAttributes(name string, attributes []*tfprotov6.SchemaAttribute, check func(name, description string)) {
	for _, a := range attributes {
		check(name+"."+a.Name, a.Description)
		if a.NestedType != nil {
			describeAttributes(name+"."+a.Name, a.NestedType.Attributes, check)
		}
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	p := newCloud(t, gcoretest.Config{}).protocol(t, testPlace)
	if missing, seen := p.undescribed(); len(missing) > 0 || seen < 200 {
		t.Errorf("%d of %d have no description: %v", len(missing), seen, slices.Sorted(slices.Values(missing)))
	}
}

// The walk reaches every kind of place that may lack a description.
func TestUndescribedIsFound(t *testing.T) {
	t.Parallel()
	p := newCloud(t, gcoretest.Config{}).protocol(t, testPlace)
	attributes := func(of map[string]*tfprotov6.Schema, name string) []*tfprotov6.SchemaAttribute {
		return of[name].Block.Attributes
	}
	byName := func(attributes []*tfprotov6.SchemaAttribute, name string) *tfprotov6.SchemaAttribute {
		return attributes[slices.IndexFunc(attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name })]
	}
	group := attributes(p.schemas.ResourceSchemas, groupType)
	ignored := p.schemas.ResourceSchemas[groupType].Block.BlockTypes[0]
	parameter := p.schemas.Functions["merge_cidrs"].Parameters[0]
	for name, description := range map[string]*string{
		"provider.base_url":                            &byName(p.schemas.Provider.Block.Attributes, "base_url").Description,
		"resource " + groupType:                        &p.schemas.ResourceSchemas[groupType].Block.Description,
		"resource " + groupType + ".timeouts":          &byName(group, "timeouts").Description,
		"resource " + groupType + ".timeouts.create":   &byName(byName(group, "timeouts").NestedType.Attributes, "create").Description,
		"resource " + groupType + "." + ignoreRules:    &ignored.Block.Description,
		"data " + groupData + ".name":                  &byName(attributes(p.schemas.DataSourceSchemas, groupData), "name").Description,
		"list " + ruleType + ".group_id":               &byName(attributes(p.schemas.ListResourceSchemas, ruleType), "group_id").Description,
		"identity " + ruleType + ".project_id":         identityDescription(p, ruleType, "project_id"),
		"function merge_cidrs(" + parameter.Name + ")": &parameter.Description,
		"function who_can_reach":                       &p.schemas.Functions["who_can_reach"].Description,
		"resource " + groupType + ".rules.ethertype":   &byName(byName(group, "rules").NestedType.Attributes, "ethertype").Description,
	} {
		before, _ := p.undescribed()
		was := *description
		*description = ""
		after, _ := p.undescribed()
		*description = was
		if added := slices.DeleteFunc(after, func(found string) bool { return slices.Contains(before, found) }); was != "" && !slices.Equal(added, []string{name}) {
			t.Errorf("without the description of %s the walk finds %v", name, added)
		}
	}
}

func identityDescription(p protocol, kind, name string) *string {
	for _, a := range p.identities[kind].IdentityAttributes {
		if a.Name == name {
			return &a.Description
		}
	}
	return nil
}
