package provider

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// securityGroupItem is a group as data sources show it: all that the API tells,
// and `rules` and `tags` as the resource would have them.
type securityGroupItem struct {
	ID                 types.String `tfsdk:"id"`
	ProjectID          types.Int64  `tfsdk:"project_id"`
	RegionID           types.Int64  `tfsdk:"region_id"`
	Name               types.String `tfsdk:"name"`
	Description        types.String `tfsdk:"description"`
	Region             types.String `tfsdk:"region"`
	CreatedAt          types.String `tfsdk:"created_at"`
	UpdatedAt          types.String `tfsdk:"updated_at"`
	RevisionNumber     types.Int64  `tfsdk:"revision_number"`
	SecurityGroupRules types.List   `tfsdk:"security_group_rules"`
	TagsV2             types.List   `tfsdk:"tags_v2"`
	Rules              types.Map    `tfsdk:"rules"`
	Tags               types.Map    `tfsdk:"tags"`
}

// itemFromAPI is a group that was found at that place. What it says is in an
// order of its own, since the API's is none.
func itemFromAPI(at client.Location, group client.SecurityGroup) (securityGroupItem, diag.Diagnostics) {
	rules, diags := encodeRules(entriesFromAPI(nil, group.ID, group.Rules))
	tags, more := types.MapValue(types.StringType, textValues(userTags(group)))
	diags.Append(more...)
	item := securityGroupItem{
		ID:             types.StringValue(group.ID),
		ProjectID:      types.Int64Value(at.ProjectID),
		RegionID:       types.Int64Value(at.RegionID),
		Name:           types.StringValue(group.Name),
		Description:    types.StringValue(group.Description),
		Region:         types.StringValue(group.Region),
		CreatedAt:      timestamp(group.CreatedAt),
		UpdatedAt:      timestamp(group.UpdatedAt),
		RevisionNumber: types.Int64Value(group.RevisionNumber),
		Rules:          rules,
		Tags:           tags,
	}
	item.SecurityGroupRules, more = objects(apiRuleType, oldestFirst(group.Rules), apiRuleValues)
	diags.Append(more...)
	byKey := slices.SortedFunc(slices.Values(group.Tags), func(a, b client.Tag) int { return cmp.Compare(a.Key, b.Key) })
	item.TagsV2, more = objects(apiTagType, byKey, func(tag client.Tag) map[string]attr.Value {
		return map[string]attr.Value{
			"key": types.StringValue(tag.Key), "value": types.StringValue(tag.Value), "read_only": types.BoolValue(tag.ReadOnly),
		}
	})
	diags.Append(more...)
	return item, diags
}

// apiRuleType is a rule with every field of the API, in the API's own words.
var apiRuleType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id":                types.StringType,
	"security_group_id": types.StringType,
	"direction":         types.StringType,
	"ethertype":         types.StringType,
	"protocol":          types.StringType,
	"port_range_min":    types.Int64Type,
	"port_range_max":    types.Int64Type,
	"remote_ip_prefix":  types.StringType,
	"remote_group_id":   types.StringType,
	"description":       types.StringType,
	"revision_number":   types.Int64Type,
	"created_at":        types.StringType,
	"updated_at":        types.StringType,
}}

func apiRuleValues(r client.SecurityGroupRule) map[string]attr.Value {
	return map[string]attr.Value{
		"id":                types.StringValue(r.ID),
		"security_group_id": types.StringValue(r.SecurityGroupID),
		"direction":         types.StringValue(r.Direction),
		"ethertype":         types.StringPointerValue(r.Ethertype),
		"protocol":          types.StringPointerValue(r.Protocol),
		"port_range_min":    types.Int64PointerValue(r.PortRangeMin),
		"port_range_max":    types.Int64PointerValue(r.PortRangeMax),
		"remote_ip_prefix":  types.StringPointerValue(r.RemoteIPPrefix),
		"remote_group_id":   types.StringPointerValue(r.RemoteGroupID),
		"description":       types.StringPointerValue(r.Description),
		"revision_number":   types.Int64Value(r.RevisionNumber),
		"created_at":        timestamp(r.CreatedAt),
		"updated_at":        timestamp(r.UpdatedAt),
	}
}

var apiTagType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"key": types.StringType, "value": types.StringType, "read_only": types.BoolType,
}}

// objects is a list of objects of a type.
func objects[T any](of types.ObjectType, all []T, values func(T) map[string]attr.Value) (types.List, diag.Diagnostics) {
	var diags diag.Diagnostics
	elements := make([]attr.Value, 0, len(all))
	for _, one := range all {
		object, more := types.ObjectValue(of.AttrTypes, values(one))
		diags.Append(more...)
		elements = append(elements, object)
	}
	if diags.HasError() {
		return types.ListUnknown(of), diags
	}
	return types.ListValue(of, elements)
}

// textValues is a map of texts as Terraform has them.
func textValues(m map[string]string) map[string]attr.Value {
	values := make(map[string]attr.Value, len(m))
	for key, text := range m {
		values[key] = types.StringValue(text)
	}
	return values
}

// itemAttributes is the schema of a group that data sources show.
func itemAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the group."},
		"project_id":      schema.Int64Attribute{Computed: true, MarkdownDescription: "Project of the group."},
		"region_id":       schema.Int64Attribute{Computed: true, MarkdownDescription: "Region of the group."},
		"name":            schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the group. Other groups may have it too."},
		"description":     schema.StringAttribute{Computed: true, MarkdownDescription: "What the group is for."},
		"region":          schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the region."},
		"created_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "When the group was made, in RFC 3339."},
		"updated_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "When the group or its rules were last changed, in RFC 3339."},
		"revision_number": schema.Int64Attribute{Computed: true, MarkdownDescription: "How often the group, its rules and its tags have been changed."},
		"security_group_rules": schema.ListNestedAttribute{
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: apiRuleAttributes()},
			MarkdownDescription: "The rules in the API's own words, the oldest first.",
		},
		"tags_v2": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "All tags, in the order of their keys.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key":       schema.StringAttribute{Computed: true, MarkdownDescription: "Key of the tag."},
				"value":     schema.StringAttribute{Computed: true, MarkdownDescription: "Value of the tag."},
				"read_only": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the tag is the cloud's own, which nobody can change."},
			}},
		},
		"rules": schema.MapNestedAttribute{
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: itemRuleAttributes()},
			MarkdownDescription: "The rules as the resource `gcore_cloud_security_group` has them: under names made from what they are, " +
				"and with every default written out.",
		},
		"tags": schema.MapAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "The tags that are not read-only.",
		},
	}
}

// itemRuleAttributes is the schema of one of an item's `rules`.
func itemRuleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"direction":        schema.StringAttribute{Computed: true, MarkdownDescription: directionDescription},
		"ethertype":        schema.StringAttribute{Computed: true, MarkdownDescription: "`IPv4` or `IPv6`."},
		"protocol":         schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the protocol; null for all protocols."},
		"port_range_min":   schema.Int64Attribute{Computed: true, MarkdownDescription: "First port, or the type of icmp and ipv6-icmp."},
		"port_range_max":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Last port, or the code of icmp and ipv6-icmp."},
		"remote_ip_prefix": schema.StringAttribute{Computed: true, MarkdownDescription: "The other side as a CIDR."},
		"remote_group_id":  schema.StringAttribute{Computed: true, MarkdownDescription: "The other side as the id of a security group."},
		"self":             schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the other side is this very group."},
		"description":      schema.StringAttribute{Computed: true, MarkdownDescription: "What the rule is for."},
	}
}

// apiRuleAttributes is the schema of a rule in the API's words: it has the own
// group's id for `self`, and some fields more.
func apiRuleAttributes() map[string]schema.Attribute {
	attributes := itemRuleAttributes()
	delete(attributes, "self")
	attributes["id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the rule."}
	attributes["security_group_id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the group."}
	attributes["revision_number"] = schema.Int64Attribute{Computed: true, MarkdownDescription: "How often the rule has been changed."}
	attributes["created_at"] = schema.StringAttribute{Computed: true, MarkdownDescription: "When the rule was made, in RFC 3339."}
	attributes["updated_at"] = schema.StringAttribute{Computed: true, MarkdownDescription: "When the rule was last changed, in RFC 3339."}
	return attributes
}
