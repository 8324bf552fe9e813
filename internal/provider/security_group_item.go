package provider

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// securityGroupItem is a group as data sources show it: all that the API returns, and `rules` and `tags` as the
// resource would have them.
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
	SecurityGroupRules []itemRule   `tfsdk:"security_group_rules"`
	TagsV2             []itemTag    `tfsdk:"tags_v2"`
	Rules              types.Map    `tfsdk:"rules"`
	Tags               types.Map    `tfsdk:"tags"`
}

// itemRule is a rule with every field of the API, in the API's own words.
type itemRule struct {
	ruleAttributes

	ID              types.String `tfsdk:"id"`
	SecurityGroupID types.String `tfsdk:"security_group_id"`
	RevisionNumber  types.Int64  `tfsdk:"revision_number"`
	CreatedAt       types.String `tfsdk:"created_at"`
	UpdatedAt       types.String `tfsdk:"updated_at"`
}

type itemTag struct {
	Key      types.String `tfsdk:"key"`
	Value    types.String `tfsdk:"value"`
	ReadOnly types.Bool   `tfsdk:"read_only"`
}

// itemFromAPI is a group that was found at that place. What it says is in an order of its own, since the API's is none.
func itemFromAPI(at client.Location, group client.SecurityGroup, ignored secgroup.IgnoredTags) (securityGroupItem, diag.Diagnostics) {
	rules, diags := encodeRules(entriesFromAPI(nil, group.ID, group.Rules))
	item := securityGroupItem{
		ID:                 types.StringValue(group.ID),
		ProjectID:          types.Int64Value(at.ProjectID),
		RegionID:           types.Int64Value(at.RegionID),
		Name:               types.StringValue(group.Name),
		Description:        types.StringValue(group.Description),
		Region:             types.StringValue(group.Region),
		CreatedAt:          timestamp(group.CreatedAt),
		UpdatedAt:          timestamp(group.UpdatedAt),
		RevisionNumber:     types.Int64Value(group.RevisionNumber),
		SecurityGroupRules: []itemRule{},
		TagsV2:             []itemTag{},
		Rules:              rules,
		Tags:               mapOfTexts(ignored.Without(secgroup.UserTags(group))),
	}
	for _, r := range secgroup.OldestFirst(group.Rules) {
		item.SecurityGroupRules = append(item.SecurityGroupRules, itemRuleFromAPI(r))
	}
	byKey := slices.SortedFunc(slices.Values(group.Tags), func(a, b client.Tag) int { return cmp.Compare(a.Key, b.Key) })
	for _, tag := range byKey {
		item.TagsV2 = append(item.TagsV2, itemTag{types.StringValue(tag.Key), types.StringValue(tag.Value), types.BoolValue(tag.ReadOnly)})
	}
	return item, diags
}

func itemRuleFromAPI(r client.SecurityGroupRule) itemRule {
	return itemRule{
		ID:              types.StringValue(r.ID),
		SecurityGroupID: types.StringValue(r.SecurityGroupID),
		RevisionNumber:  types.Int64Value(r.RevisionNumber),
		CreatedAt:       timestamp(r.CreatedAt),
		UpdatedAt:       timestamp(r.UpdatedAt),
		ruleAttributes: ruleAttributes{
			Direction:      types.StringValue(r.Direction),
			Ethertype:      types.StringPointerValue(r.Ethertype),
			Protocol:       types.StringPointerValue(r.Protocol),
			PortRangeMin:   types.Int64PointerValue(r.PortRangeMin),
			PortRangeMax:   types.Int64PointerValue(r.PortRangeMax),
			RemoteIPPrefix: types.StringPointerValue(r.RemoteIPPrefix),
			RemoteGroupID:  types.StringPointerValue(r.RemoteGroupID),
			Description:    types.StringPointerValue(r.Description),
		},
	}
}

// itemAttributes is the schema of a group that data sources show.
func itemAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the group."},
		"project_id":      schema.Int64Attribute{Computed: true, MarkdownDescription: "Project ID."},
		"region_id":       schema.Int64Attribute{Computed: true, MarkdownDescription: "Region ID."},
		"name":            schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the group, not necessarily unique."},
		"description":     schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the group."},
		"region":          schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the region."},
		"created_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "Creation time, in RFC 3339 format."},
		"updated_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "Time of the last change of the group or its rules, in RFC 3339 format."},
		"revision_number": schema.Int64Attribute{Computed: true, MarkdownDescription: "Revision number. Each change of the group, its rules or its tags increases it."},
		"security_group_rules": schema.ListNestedAttribute{
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: apiRuleAttributes()},
			MarkdownDescription: "Rules as the API returns them, oldest first.",
		},
		"tags_v2": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "All tags, sorted by key.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key":       schema.StringAttribute{Computed: true, MarkdownDescription: "Key of the tag."},
				"value":     schema.StringAttribute{Computed: true, MarkdownDescription: "Value of the tag."},
				"read_only": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the cloud manages the tag, so that it cannot be changed."},
			}},
		},
		"rules": schema.MapNestedAttribute{
			Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: itemRuleAttributes()},
			MarkdownDescription: "Rules in the format of `rules` of `gcore_cloud_security_group`, with generated keys " +
				"and all defaults written out.",
		},
		"tags": schema.MapAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "Tags, without read-only ones and those that the provider's `ignore_tags` matches.",
		},
	}
}

// itemRuleAttributes is the schema of one of an item's `rules`.
func itemRuleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"direction":        schema.StringAttribute{Computed: true, MarkdownDescription: directionDescription},
		"ethertype":        schema.StringAttribute{Computed: true, MarkdownDescription: "`IPv4` or `IPv6`."},
		"protocol":         schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the protocol, or `any` for all protocols."},
		"port_range_min":   schema.Int64Attribute{Computed: true, MarkdownDescription: "First port, or the ICMP type."},
		"port_range_max":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Last port, or the ICMP code."},
		"remote_ip_prefix": schema.StringAttribute{Computed: true, MarkdownDescription: "Remote CIDR."},
		"remote_group_id":  schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the remote security group."},
		"self":             schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the remote is the group itself."},
		"description":      schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the rule."},
	}
}

// apiRuleAttributes is the schema of a rule in the API's words: it has the own group's id for `self`, and some fields
// more.
func apiRuleAttributes() map[string]schema.Attribute {
	attributes := itemRuleAttributes()
	delete(attributes, "self")
	attributes["protocol"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the protocol; null for all protocols."}
	attributes["id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the rule."}
	attributes["security_group_id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the group."}
	attributes["revision_number"] = schema.Int64Attribute{Computed: true, MarkdownDescription: "Revision number of the rule."}
	attributes["created_at"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Creation time, in RFC 3339 format."}
	attributes["updated_at"] = schema.StringAttribute{Computed: true, MarkdownDescription: "Time of the last change, in RFC 3339 format."}
	return attributes
}
