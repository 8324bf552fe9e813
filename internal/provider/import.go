package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// importGroup imports what the id of a group names: the group, or all its rules. The id goes to more attributes than
// `id`.
func (d *providerData) importGroup(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, more ...string,
) {
	id, diags := d.importID(ctx, req, "group_id")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	identity := securityGroupIdentity{ProjectID: id.projectID, RegionID: id.regionID, GroupID: types.StringValue(id.ids[0])}
	resp.Diagnostics.Append(identity.begin(ctx, &resp.State)...)
	for _, name := range more {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, attribute(name), identity.GroupID)...)
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(markForeign(ctx, resp.Private)...)
}

// imported is the state of a group that an import or a list finds, of which only project, region and id are known
// before. Terraform writes the configuration of such a group from its state, and that has to be valid as it is: what
// the validation would refuse is left out, and named in a warning. Later reads have it, so that the next plan shows it
// going.
func (m securityGroupModel) imported(group client.SecurityGroup, tags tagSettings) (securityGroupModel, diag.Diagnostics) {
	m.read(group, tags)
	diags := m.importTags()
	diags.Append(m.importRules(group)...)
	return m, diags
}

// importTags leaves out the tags that no configuration can say.
func (m *securityGroupModel) importTags() diag.Diagnostics {
	own, all := maps.Clone(m.Tags.Elements()), maps.Clone(m.TagsAll.Elements())
	refused := refusals(checkTags(attribute("tags"), m.Tags))
	if len(refused) == 0 {
		return nil
	}
	for key := range refused {
		delete(own, key)
		delete(all, key)
	}
	m.Tags, m.TagsAll = types.MapValueMust(types.StringType, own), types.MapValueMust(types.StringType, all)
	return warnOfOmitted(m.subject(), "tags", refused, "")
}

// importRules fills `rules` if the group has any.
func (m *securityGroupModel) importRules(group client.SecurityGroup) (diags diag.Diagnostics) {
	if len(group.Rules) > 0 {
		m.Rules, diags = importedRules(m.subject(), group,
			" To keep them, leave rules out of the configuration: the rules of the group are not managed then.")
	}
	return diags
}

// importedRules are the rules of a group that a configuration can say. It is null for a group with more rules than a
// configuration may have, which is older than the limit of the API: its rules are not managed.
func importedRules(of subject, group client.SecurityGroup, advice string) (types.Map, diag.Diagnostics) {
	entries := entriesFromAPI(nil, group.ID, group.Rules)
	rules, diags := encodeRules(entries)
	refused := map[string]string{}
	for {
		// Of a rule that is there several times one is refused at a time.
		found := refusals(rulesMap{value: rules, entries: entries}.check(attribute("rules"), types.StringValue(group.ID)))
		if len(found) == 0 {
			break
		}
		for name, reason := range found {
			refused[name] = reason
			delete(entries, name)
		}
		rules, diags = encodeRules(entries)
	}
	if len(entries) > rule.GroupLimit {
		diags.AddAttributeWarning(attribute("rules"), "The rules of "+of.title()+" are not imported", fmt.Sprintf(
			"%s has %d rules, and the API takes %d at most. They stay as they are, and are not managed.",
			capitalised(of.String()), len(group.Rules), rule.GroupLimit))
		return types.MapNull(ruleEntryType), diags
	}
	diags.Append(warnOfOmitted(of, "rules", refused, advice)...)
	return rules, diags
}

// warnOfOmitted names the elements of a map that an import left out.
func warnOfOmitted(of subject, name string, reasons map[string]string, advice string) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(reasons) == 0 {
		return diags
	}
	lines := make([]string, 0, len(reasons))
	for _, key := range sortedKeys(reasons) {
		lines = append(lines, "  - "+reasons[key])
	}
	diags.AddAttributeWarning(attribute(name), fmt.Sprintf("%s cannot be imported", count(len(lines), strings.TrimSuffix(name, "s"))), fmt.Sprintf(
		"%s has %s that no configuration can describe, since the API would reject them in a request. The import leaves them out, "+
			"and the first plan after it shows that they are removed.%s\n\n%s", capitalised(of.String()), name, advice, strings.Join(lines, "\n")))
	return diags
}

// warnOfImport says that a rule cannot be declared as it is.
func (m securityGroupRuleModel) warnOfImport() diag.Diagnostics {
	var diags diag.Diagnostics
	if faults := checkEntry(path.Empty(), m.entry()).Errors(); len(faults) > 0 {
		diags.AddWarning("The rule cannot be expressed in a configuration", fmt.Sprintf(
			"The API holds %s and would reject it in a request: %s No configuration can describe it, so every plan replaces it with another rule.",
			m.subject(), faults[0].Detail()))
	}
	return diags
}

// refusals says which elements of a map the validation refuses, and why.
func refusals(diags diag.Diagnostics) map[string]string {
	reasons := map[string]string{}
	for _, d := range diags.Errors() {
		located, ok := d.(diag.DiagnosticWithPath)
		if !ok {
			continue
		}
		for _, step := range located.Path().Steps() {
			key, isKey := step.(path.PathStepElementKeyString)
			if _, said := reasons[string(key)]; isKey && !said {
				reasons[string(key)] = d.Detail()
			}
		}
	}
	return reasons
}
