package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/foreign"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

var (
	_ resource.ResourceWithUpgradeState = (*securityGroup)(nil)
	_ resource.ResourceWithMoveState    = (*securityGroup)(nil)
	_ resource.ResourceWithUpgradeState = (*securityGroupRule)(nil)
	_ resource.ResourceWithMoveState    = (*securityGroupRule)(nil)
)

// vendorVersion is the schema version of every state of Gcore's own providers, even where two releases differ in the
// content. So the raw state is read, without a schema of theirs.
const vendorVersion = 0

// UpgradeState takes over a state that Gcore's provider 2.x wrote for its resource of the same name: Terraform calls it
// once the configuration assigns the resource to this provider.
func (r *securityGroup) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return upgrade("security group", foreign.ReadGroup, groupFromForeign)
}

// UpgradeState takes over the state of one rule.
func (r *securityGroupRule) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return upgrade("security group rule", foreign.ReadRule, ruleFromForeign)
}

func upgrade[F, M any](of string, read func([]byte) (F, error), convert func(F) M) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{vendorVersion: {
		StateUpgrader: func(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
			defer recovered(ctx, &resp.Diagnostics)
			model, diags := takeOver(req.RawState, of, read, convert)
			resp.Diagnostics.Append(diags...)
			if !resp.Diagnostics.HasError() {
				resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
			}
		},
	}}
}

// MoveState takes over a state for a `moved` block: that of the group of Gcore's provider 0.x, which has another type
// name, and that of 2.x.
func (r *securityGroup) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{
		mover("gcore_securitygroup", "security group", foreign.ReadLegacyGroup, groupFromForeign),
		mover(groupType, "security group", foreign.ReadGroup, groupFromForeign),
	}
}

// MoveState takes over a rule of Gcore's provider 2.x.
func (r *securityGroupRule) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{mover(ruleType, "security group rule", foreign.ReadRule, ruleFromForeign)}
}

// mover takes over states of one type of Gcore's provider. If it leaves the response empty, the framework asks the next
// mover.
func mover[F, M any](sourceType, of string, read func([]byte) (F, error), convert func(F) M) resource.StateMover {
	return resource.StateMover{
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			defer recovered(ctx, &resp.Diagnostics)
			if req.SourceTypeName != sourceType || req.SourceSchemaVersion != vendorVersion || !isVendor(req.SourceProviderAddress) {
				return
			}
			model, diags := takeOver(req.SourceRawState, of, read, convert)
			resp.Diagnostics.Append(diags...)
			if !resp.Diagnostics.HasError() {
				resp.Diagnostics.Append(resp.TargetState.Set(ctx, model)...)
			}
		},
	}
}

// isVendor reports whether an address such as registry.terraform.io/g-core/gcore is Gcore's own provider, under its
// current name or its first one. The host does not matter: OpenTofu has its own registry, and so may a company.
func isVendor(address string) bool {
	_, name, _ := strings.Cut(strings.ToLower(address), "/")
	return name == "g-core/gcore" || name == "g-core/gcorelabs"
}

// takeOver reads another provider's state and converts it to a model. After an error Terraform keeps the state as it was.
func takeOver[F, M any](raw *tfprotov6.RawState, of string, read func([]byte) (F, error), convert func(F) M) (M, diag.Diagnostics) {
	if raw == nil {
		raw = &tfprotov6.RawState{}
	}
	object, err := read(raw.JSON)
	if err != nil {
		var none M
		return none, diag.Diagnostics{diag.NewErrorDiagnostic("Cannot take over the state of the "+of, "The state stays as it was, and nothing was sent. "+
			"To continue without it, remove it from the state (terraform state rm, which leaves it in the cloud) and import it. "+
			"If the provider that wrote the state is one of Gcore's, please report this.\n\n"+err.Error())}
	}
	return convert(object), nil
}

// noTimeouts is a `timeouts` that is left out.
var noTimeouts = timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
	"create": types.StringType, "update": types.StringType, "delete": types.StringType,
})}

// groupFromForeign returns a group as this provider stores it. Without tags, `tags` is null, as in a configuration that
// leaves it out. The region name stays null until the next read, which recognises another provider's state by that.
func groupFromForeign(group foreign.Group) securityGroupModel {
	model := securityGroupModel{
		ID:          types.StringValue(group.ID),
		ProjectID:   types.Int64PointerValue(group.ProjectID),
		RegionID:    types.Int64PointerValue(group.RegionID),
		Name:        types.StringValue(group.Name),
		Description: types.StringValue(group.Description),
		Rules:       types.MapNull(ruleEntryType),
		IgnoreRules: types.ListNull(ignoreRuleType),
		Tags:        types.MapNull(types.StringType),
		TagsAll:     mapOfTexts(group.Tags),
		Timeouts:    noTimeouts,
	}
	if len(group.Tags) > 0 {
		model.Tags = model.TagsAll
	}
	if group.RulesManaged {
		model.Rules = namedRules(group.Rules)
	}
	if created, err := client.ParseTime(group.CreatedAt); err == nil {
		model.CreatedAt = timestamp(client.Time{Time: created})
	}
	return model
}

func mapOfTexts(texts map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(texts))
	for key, text := range texts {
		elements[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, elements)
}

func ruleFromForeign(r foreign.Rule) securityGroupRuleModel {
	model := securityGroupRuleModel{
		ID:        types.StringValue(r.ID),
		ProjectID: types.Int64PointerValue(r.ProjectID),
		RegionID:  types.Int64PointerValue(r.RegionID),
		GroupID:   types.StringValue(r.GroupID),
		Timeouts:  noTimeouts,
	}
	model.ruleAttributes = entryFromRule(r.Rule).ruleAttributes
	return model
}

// namedRules returns rules without names as a `rules` map.
func namedRules(rules []rule.Rule) types.Map {
	entries := make(map[string]ruleEntry, len(rules))
	for name, r := range rule.Named(rules) {
		entries[name] = entryFromRule(r)
	}
	result, _ := encodeRules(entries) // known entries always make a map
	return result
}
