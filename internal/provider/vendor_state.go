package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// largestState is how many bytes of such a state are read. One of 250 rules,
// each there twice, has about a fifth of a megabyte.
const largestState = 4 << 20

// parseState reads the state of one object as another provider wrote it. A
// state is a file that anybody may have edited.
func parseState(raw *tfprotov6.RawState) (rawObject, error) {
	state := rawObject{problems: new(rawProblems)}
	if raw == nil || len(raw.JSON) == 0 {
		return state, errors.New("it is not in JSON: refresh it with a Terraform of version 0.12 or later, and with the provider that wrote it")
	}
	if len(raw.JSON) > largestState {
		return state, fmt.Errorf("it has %d bytes, and %d at most are read", len(raw.JSON), largestState)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw.JSON))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return state, fmt.Errorf("it is not in JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return state, errors.New("something follows the object in it")
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return state, fmt.Errorf("it is %s where an object is expected", describe(value))
	}
	state.values = values
	return state, nil
}

// readVendorState reads a state with a function that notes what is wrong with it.
// Errors leave Terraform's state as it is.
func readVendorState[M any](raw *tfprotov6.RawState, of string, read func(rawObject) M) (M, diag.Diagnostics) {
	var diags diag.Diagnostics
	var model M
	state, err := parseState(raw)
	if err == nil {
		model = read(state)
	}
	title := "Cannot take over the state of the " + of
	advice := "The state stays as it was, and nothing was sent. " +
		"To go on without it, let the object go (terraform state rm, which leaves it in the cloud) and import it. " +
		"If the provider that wrote the state is one of Gcore's, please report this."
	switch {
	case err != nil:
		diags.AddError(title, sentence("The state cannot be read: "+err.Error())+"\n\n"+advice)
	case state.problems.found():
		diags.AddError(title, state.problems.String()+"\n\n"+advice)
	}
	return model, diags
}

// noTimeouts is a `timeouts` that is left out.
var noTimeouts = timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
	"create": types.StringType, "update": types.StringType, "delete": types.StringType,
})}

// What the states of Gcore's provider 2.x hold of an object beside what is read
// of them: the record of the API, which the next read brings, and what has no
// counterpart here. Alphas 1 to 10 have less than the later ones.
var (
	vendorGroupRecord = []string{"region", "created_at", "updated_at", "revision_number", "tags_v2", "tasks", "security_group_rules"}
	vendorRuleRecord  = []string{"tasks"}
)

// vendorGroup is the state of a gcore_cloud_security_group of Gcore's provider
// 2.x. Its `rules` are those of the configuration, whether the cloud has them
// or not: its create loses them. The read that follows finds out.
func vendorGroup(state rawObject) securityGroupModel {
	state.only([]string{"id", "project_id", "region_id", "name", "description", "rules", "tags"}, vendorGroupRecord)
	list, managed := state.objects("rules")
	rules := make([]rule.Rule, 0, len(list))
	for _, entry := range list {
		rules = append(rules, entry.listedRule())
	}
	group := takenOver(state, state.texts("tags"), rules, managed)
	if created, err := client.ParseTime(state.text("created_at")); err == nil {
		group.CreatedAt = timestamp(client.Time{Time: created})
	}
	return group
}

// legacyGroupRecord is what the states of Gcore's provider 0.x hold beside what
// is read of them. metadata_read_only has all tags, despite its name.
var legacyGroupRecord = []string{"project_name", "region_name", "metadata_read_only", "last_updated"}

// legacyGroup is the state of a gcore_securitygroup of Gcore's provider 0.x.
func legacyGroup(state rawObject) securityGroupModel {
	state.only([]string{"id", "project_id", "region_id", "name", "description", "security_group_rules", "metadata_map"}, legacyGroupRecord)
	list, managed := state.objects("security_group_rules")
	rules := make([]rule.Rule, 0, len(list))
	for _, entry := range list {
		rules = append(rules, withoutZeroPorts(entry.listedRule()))
	}
	return takenOver(state, state.texts("metadata_map"), rules, managed)
}

// takenOver is a group as this provider holds it. Without tags it has null,
// which is how a configuration says that. The region stays null until the read
// that follows, which tells the state of another provider by it.
func takenOver(state rawObject, tags map[string]string, rules []rule.Rule, managed bool) securityGroupModel {
	group := securityGroupModel{
		ID:          types.StringValue(state.uuid("id")),
		ProjectID:   types.Int64PointerValue(state.place("project_id")),
		RegionID:    types.Int64PointerValue(state.place("region_id")),
		Name:        types.StringValue(state.required("name", state.text("name"))),
		Description: types.StringValue(state.text("description")),
		Rules:       types.MapNull(ruleEntryType),
		Tags:        types.MapNull(types.StringType),
		TagsAll:     mapOfTexts(tags),
		Timeouts:    noTimeouts,
	}
	if len(tags) > 0 {
		group.Tags = group.TagsAll
	}
	if managed {
		// Known entries always make a map.
		group.Rules, _ = encodeRules(namedEntries(rules))
	}
	return group
}

func mapOfTexts(texts map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(texts))
	for key, text := range texts {
		elements[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, elements)
}

// vendorRule is the state of a gcore_cloud_security_group_rule of Gcore's
// provider 2.x, which is what its configuration says, in its own spelling.
func vendorRule(state rawObject) securityGroupRuleModel {
	state.only([]string{"id", "project_id", "region_id", "group_id"}, ruleContent, vendorRuleRecord)
	model := securityGroupRuleModel{
		ID:        types.StringValue(state.uuid("id")),
		ProjectID: types.Int64PointerValue(state.place("project_id")),
		RegionID:  types.Int64PointerValue(state.place("region_id")),
		GroupID:   types.StringValue(state.uuid("group_id")),
		Timeouts:  noTimeouts,
	}
	model.setEntry(entryFromRule(state.ruleContent()))
	return model
}
