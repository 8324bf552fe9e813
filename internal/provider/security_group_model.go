package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// securityGroupModel is a group as Terraform holds it.
type securityGroupModel struct {
	ID               types.String   `tfsdk:"id"`
	ProjectID        types.Int64    `tfsdk:"project_id"`
	RegionID         types.Int64    `tfsdk:"region_id"`
	Name             types.String   `tfsdk:"name"`
	Description      types.String   `tfsdk:"description"`
	Rules            types.Map      `tfsdk:"rules"`
	IgnoreRules      types.List     `tfsdk:"ignore_rules"`
	KeepDefaultRules types.Bool     `tfsdk:"keep_default_rules"`
	PublicAdminPorts types.String   `tfsdk:"public_admin_ports"`
	Tags             types.Map      `tfsdk:"tags"`
	TagsAll          types.Map      `tfsdk:"tags_all"`
	Region           types.String   `tfsdk:"region"`
	CreatedAt        types.String   `tfsdk:"created_at"`
	Pending          types.String   `tfsdk:"pending"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

// isDefault reports whether it is the group that each project has.
func (m securityGroupModel) isDefault() bool { return m.Name.ValueString() == secgroup.DefaultGroup }

func (m securityGroupModel) location() client.Location { return location(m.ProjectID, m.RegionID) }

func (m securityGroupModel) subject() subject {
	return subject{kind: "security group", name: m.Name.ValueString(), id: m.ID.ValueString(), location: m.location()}
}

func (m securityGroupModel) ref() secgroup.Ref {
	return secgroup.Ref{Location: m.location(), ID: m.ID.ValueString()}
}

func (m securityGroupModel) identity() any {
	return securityGroupIdentity{ProjectID: m.ProjectID, RegionID: m.RegionID, GroupID: knownOrNull(m.ID)}
}

func (m securityGroupModel) isImported() bool { return m.Name.IsNull() }

// fill sets what only the API knows and never changes. The rest of the state after an apply is the plan, or Terraform
// would call it inconsistent.
func (m *securityGroupModel) fill(group client.SecurityGroup) {
	m.ID = types.StringValue(group.ID)
	m.Region = types.StringValue(group.Region)
	m.CreatedAt = timestamp(group.CreatedAt)
}

// read sets everything but the rules from the API. The state before holds what the API does not know: which tags
// are the user's own.
func (m *securityGroupModel) read(group client.SecurityGroup, tags tagSettings) {
	m.fill(group)
	m.Name = types.StringValue(group.Name)
	m.Description = types.StringValue(group.Description)
	m.Tags, m.TagsAll = tagsFromAPI(tags.ignored.Without(secgroup.UserTags(group)), m.Tags, m.TagsAll, tags.defaults)
}

// refresh is the state of a group as it was read. Prior are the rules of the state, with their names and spellings.
// Rules that are not managed stay null.
func (m securityGroupModel) refresh(
	prior rulesMap, group client.SecurityGroup, tags tagSettings,
) (securityGroupModel, diag.Diagnostics) {
	m.read(group, tags)
	var diags diag.Diagnostics
	if !m.Rules.IsNull() {
		m.Rules, diags = encodeRules(entriesFromAPI(prior.entries, group.ID, group.Rules))
	}
	return m, diags
}

// timestamp is a time in RFC 3339, null if the API gave none that can be read.
func timestamp(t client.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// spec is the group that a create makes.
func (m securityGroupModel) spec(rules rulesMap, others rule.Matchers, ignored secgroup.IgnoredTags) secgroup.GroupSpec {
	return secgroup.GroupSpec{
		Location: m.location(), Name: m.Name.ValueString(), Description: m.Description.ValueString(), Tags: texts(m.TagsAll),
		Rules: rules.rules(""), Others: others, IgnoredTags: ignored, KeepDefaultRules: m.KeepDefaultRules.ValueBool(),
	}
}

// groupUpdate is the way of a group from its state to its plan: only what changes.
func groupUpdate(state, plan securityGroupModel, rules rulesChange, ignored secgroup.IgnoredTags) secgroup.GroupUpdate {
	update := secgroup.GroupUpdate{Tags: secgroup.TagsDiff(ignored.Without(texts(state.TagsAll)), texts(plan.TagsAll))}
	if !plan.Name.Equal(state.Name) {
		update.Name = plan.Name.ValueStringPointer()
	}
	if !plan.Description.Equal(state.Description) {
		update.Description = plan.Description.ValueStringPointer()
	}
	// Another key, or another spelling, is no change.
	if rules.planned.managed() && (!rules.prior.managed() || !rules.diff.Empty()) {
		update.Rules = &rules.diff
	}
	return update
}
