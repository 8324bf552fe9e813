package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// securityGroupModel is a group as Terraform holds it.
type securityGroupModel struct {
	ID               types.String   `tfsdk:"id"`
	ProjectID        types.Int64    `tfsdk:"project_id"`
	RegionID         types.Int64    `tfsdk:"region_id"`
	Name             types.String   `tfsdk:"name"`
	Description      types.String   `tfsdk:"description"`
	Rules            types.Map      `tfsdk:"rules"`
	KeepDefaultRules types.Bool     `tfsdk:"keep_default_rules"`
	Tags             types.Map      `tfsdk:"tags"`
	TagsAll          types.Map      `tfsdk:"tags_all"`
	Region           types.String   `tfsdk:"region"`
	CreatedAt        types.String   `tfsdk:"created_at"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

func (m securityGroupModel) location() client.Location { return location(m.ProjectID, m.RegionID) }

func (m securityGroupModel) subject() subject {
	return subject{kind: "security group", name: m.Name.ValueString(), id: m.ID.ValueString(), location: m.location()}
}

func (m securityGroupModel) identity() securityGroupIdentity {
	id := m.ID
	if id.IsUnknown() {
		id = types.StringNull()
	}
	return securityGroupIdentity{ProjectID: m.ProjectID, RegionID: m.RegionID, GroupID: id}
}

// fill sets what only the API knows and never changes. The rest of the state
// after an apply is the plan, or Terraform would call it inconsistent.
func (m *securityGroupModel) fill(group client.SecurityGroup) {
	m.ID = types.StringValue(group.ID)
	m.Region = types.StringValue(group.Region)
	m.CreatedAt = timestamp(group.CreatedAt)
}

// read sets what the API tells of a group but its rules. The state before
// holds what the API does not tell: which tags are the user's own.
func (m *securityGroupModel) read(group client.SecurityGroup, defaultTags types.Map) {
	m.fill(group)
	m.Name = types.StringValue(group.Name)
	m.Description = types.StringValue(group.Description)
	m.Tags, m.TagsAll = tagsFromAPI(group.Tags, m.Tags, m.TagsAll, defaultTags)
}

// refresh is the state of a group as it was read. Prior are the rules of the
// state, with their names and spellings. Rules that are not managed stay null.
func (m securityGroupModel) refresh(
	prior map[string]ruleEntry, group client.SecurityGroup, defaultTags types.Map,
) (securityGroupModel, diag.Diagnostics) {
	m.read(group, defaultTags)
	var diags diag.Diagnostics
	if !m.Rules.IsNull() {
		m.Rules, diags = encodeRules(entriesFromAPI(prior, group.ID, group.Rules))
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

// createRequest is the POST that makes the group. Rules that name the group
// itself have to wait for its id. `rules` is always sent, since leaving it out
// makes the API add its default template, unless that is wanted.
func createRequest(plan securityGroupModel, rules []rule.Rule) client.CreateSecurityGroupRequest {
	request := client.CreateSecurityGroupRequest{
		Name:        plan.Name.ValueString(),
		Description: plan.Description.ValueString(),
		Tags:        texts(plan.TagsAll),
	}
	if plan.Rules.IsNull() && plan.KeepDefaultRules.ValueBool() {
		return request
	}
	requests := []client.RuleRequest{}
	if !overflowsWithDefaults(rules) {
		for _, r := range rules {
			if r.RemoteGroupID != rule.Self {
				requests = append(requests, ruleRequest(r, ""))
			}
		}
	}
	request.Rules = &requests
	return request
}

// overflowsWithDefaults tells whether the two default egress rules, which the
// API may add to a list without egress, would pass the limit of a group.
func overflowsWithDefaults(rules []rule.Rule) bool {
	for _, r := range rules {
		if r.Direction == rule.Egress {
			return false
		}
	}
	return len(rules) > ruleLimit-2
}

// updateRequest is what a PATCH says of name, description and tags: only what
// changed. Rules need the group read first, see rulesRequest.
func updateRequest(state, plan securityGroupModel) client.UpdateSecurityGroupRequest {
	var request client.UpdateSecurityGroupRequest
	if !plan.Name.Equal(state.Name) {
		request.Name = plan.Name.ValueStringPointer()
	}
	if !plan.Description.Equal(state.Description) {
		request.Description = plan.Description.ValueStringPointer()
	}
	request.Tags = tagChanges(texts(state.TagsAll), texts(plan.TagsAll))
	return request
}

// rulesRequest is the full list of rules that a PATCH asks for. A rule that
// stays is sent in the server's own words as far as the API's contract can say
// them: the API matches rules by their stored text, and one that matches keeps
// its id and its place in the traffic.
func rulesRequest(planned []rule.Rule, group client.SecurityGroup) *[]client.RuleRequest {
	stored := map[statement][]client.SecurityGroupRule{}
	for _, r := range oldestFirst(group.Rules) {
		s := statementOf(ruleFromAPI(group.ID, r))
		stored[s] = append(stored[s], r)
	}
	requests := make([]client.RuleRequest, 0, len(planned))
	for _, r := range planned {
		s := statementOf(r)
		if twins := stored[s]; len(twins) > 0 {
			requests = append(requests, storedRequest(twins[0]))
			stored[s] = twins[1:]
			continue
		}
		requests = append(requests, ruleRequest(r, group.ID))
	}
	return &requests
}

// storedRequest repeats a rule as the server has it. Null and `any` cannot be
// said under both forms of the API's contract and are left out, which matches
// them; a number cannot be said at all, and its name is sent.
func storedRequest(r client.SecurityGroupRule) client.RuleRequest {
	request := client.RuleRequest{
		Direction:      r.Direction,
		Ethertype:      text(r.Ethertype),
		Protocol:       text(r.Protocol),
		PortRangeMin:   r.PortRangeMin,
		PortRangeMax:   r.PortRangeMax,
		RemoteIPPrefix: text(r.RemoteIPPrefix),
		RemoteGroupID:  text(r.RemoteGroupID),
		Description:    text(r.Description),
	}
	if !rule.IsProtocolName(request.Protocol) {
		request.Protocol = ruleFromAPI("", r).Canonical().Protocol
	}
	return request
}

// ruleFromRequest is what a requested rule says.
func ruleFromRequest(r client.RuleRequest) rule.Rule {
	return rule.Rule{
		Direction:      r.Direction,
		Ethertype:      r.Ethertype,
		Protocol:       r.Protocol,
		PortRangeMin:   r.PortRangeMin,
		PortRangeMax:   r.PortRangeMax,
		RemoteIPPrefix: r.RemoteIPPrefix,
		RemoteGroupID:  r.RemoteGroupID,
		Description:    r.Description,
	}
}

// rulesFromAPI lists what the rules of a group say.
func rulesFromAPI(group client.SecurityGroup) []rule.Rule {
	rules := make([]rule.Rule, 0, len(group.Rules))
	for _, r := range oldestFirst(group.Rules) {
		rules = append(rules, ruleFromAPI(group.ID, r))
	}
	return rules
}
