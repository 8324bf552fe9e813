package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// schemaVersion is the version of every resource's state. The vendor's
// provider of the same type names stands at 0, and Terraform calls an upgrader
// only for a lower version than ours.
const schemaVersion = 100

// ruleLimit is how many rules the API takes in one group.
const ruleLimit = 250

func (r *securityGroup) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	stays := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "A security group on Gcore Cloud, with or without its rules.\n\n" +
			"With `rules` the group has exactly the rules of the map, and whatever anybody adds elsewhere is removed, after a plan has shown it. " +
			"Without `rules` the group's rules are not managed here: use `gcore_cloud_security_group_rule` for single ones. " +
			"Never use both for one group.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name, 3 to 63 characters: letters, digits, spaces, `.`, `_` and `-`, beginning with a letter or digit and ending with a letter, digit, `.` or `_`. " +
					"`default` is the cloud's own. Names need not be unique.",
			},
			"description": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(""),
				MarkdownDescription: "What the group is for, at most 255 characters. Taking it out of the configuration clears it.",
			},
			"rules": schema.MapNestedAttribute{
				Optional:      true,
				PlanModifiers: []planmodifier.Map{planRules{groupID: attribute("id")}},
				MarkdownDescription: "Exactly the rules that the group has, at most 250, each under a name of your own; `{}` is none. " +
					"No two entries may be the same rule. Left out, the rules are not managed here. Renaming a key sends nothing.",
				NestedObject: schema.NestedAttributeObject{Attributes: ruleEntryAttributes()},
			},
			"keep_default_rules": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "`true` leaves a new group without `rules` the rules that the API gives it (egress to everywhere, and ingress for ICMP, SSH and RDP). " +
					"Otherwise a new group starts empty. It matters when the group is made, and never beside `rules`.",
			},
			"tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "The group's own tags. " + tagDescription + " Read-only tags of the cloud never appear here.",
			},
			"project_id": placeAttribute("Project", "group"),
			"region_id":  placeAttribute("Region", "group"),
			"id": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "Id of the group.",
			},
			"tags_all": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "All tags but the read-only ones: `tags` over the provider's `default_tags`.",
			},
			"region": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "Name of the region.",
			},
			"created_at": schema.StringAttribute{
				Computed: true, PlanModifiers: stays,
				MarkdownDescription: "When the group was made, in RFC 3339.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: timeoutDescription,
				Update: true, UpdateDescription: timeoutDescription,
				Delete: true, DeleteDescription: timeoutDescription,
			}),
		},
	}
}

// placeAttribute is the project or region that an object belongs to.
func placeAttribute(place, object string) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Computed: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: place + " of the group, the provider's by default. A change makes the " + object + " anew.",
	}
}

// placeIdentity is that place in an identity.
func placeIdentity(place string) identityschema.Attribute {
	return identityschema.Int64Attribute{OptionalForImport: true, Description: place + " of the group, the provider's by default."}
}

const timeoutDescription = "How long the operation may take, such as `90s` or `10m`; the provider's `polling_timeout_seconds` by default."

// ruleEntryAttributes is one entry of a `rules` map. The optional and computed
// ones are planned for the map as a whole, by planRules.
func ruleEntryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		// Required, and checked so by checkEntry: the framework takes a required
		// attribute of an entry that is unknown as a whole for a missing one
		// (https://github.com/hashicorp/terraform-plugin-framework/issues/186).
		"direction": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Required: " + directionDescription,
		},
		"ethertype": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`IPv4` or `IPv6`. By default the family of `remote_ip_prefix`, else IPv6 for the `ipv6-*` protocols, else IPv4.",
		},
		"protocol": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: protocolDescription,
		},
		"port_range_min": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "First port, 1 to 65535, for tcp, udp, udplite, sctp and dccp; all ports by default. For icmp and ipv6-icmp it is the type, 0 to 255; all types by default. " +
				"No other protocol takes it.",
		},
		"port_range_max": schema.Int64Attribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Last port, given if the first is. For icmp and ipv6-icmp it is the code, 0 to 255, and not without a type.",
		},
		"remote_ip_prefix": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "The other side as a CIDR without host bits, such as `10.0.0.0/8`, or as one address. By default everywhere: `0.0.0.0/0` or `::/0`.",
		},
		"remote_group_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: remoteGroupDescription + " Not beside `remote_ip_prefix` or `self`.",
		},
		"self": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "`true` makes the other side this very group. Not beside `remote_ip_prefix` or `remote_group_id`.",
		},
		"description": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "What the rule is for, at most 255 characters.",
		},
	}
}

const directionDescription = "`ingress` for traffic to the instances of the group, or `egress` for traffic from them."

const remoteGroupDescription = "The other side as the id of a security group: all that are in it."

const protocolDescription = "One of `ah`, `dccp`, `egp`, `esp`, `gre`, `icmp`, `igmp`, `ipencap`, `ipip`, `ipv6-encap`, `ipv6-frag`, `ipv6-icmp`, " +
	"`ipv6-nonxt`, `ipv6-opts`, `ipv6-route`, `ospf`, `pgm`, `rsvp`, `sctp`, `tcp`, `udp`, `udplite`, `vrrp`. All protocols by default."

// securityGroupIdentity names a group for imports; id is null while it is not
// known.
type securityGroupIdentity struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
	GroupID   types.String `tfsdk:"group_id"`
}

func (r *securityGroup) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = groupIdentitySchema()
}

func groupIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": placeIdentity("Project"),
		"region_id":  placeIdentity("Region"),
		"group_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the group."},
	}}
}
