package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// whoCanReach is the function who_can_reach, which tells from rules who may reach a port.
type whoCanReach struct{}

func (whoCanReach) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "who_can_reach"
}

var (
	listOfStrings = types.ListType{ElemType: types.StringType}
	reachType     = map[string]attr.Type{
		"cidrs": listOfStrings, "remote_group_ids": listOfStrings, "self": types.BoolType, "keys": listOfStrings,
	}
)

const rulesParameterDescription = "A map of rules as `gcore_cloud_security_group` takes it in `rules`. A null entry stands for no rule. " +
	"An attribute that a rule does not have is an error."

func (whoCanReach) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Lists who may reach a port by the ingress rules of a map",
		MarkdownDescription: "Returns who may reach a port by the ingress rules of a map: `cidrs`, merged and sorted, IPv4 first; `remote_group_ids`, the security groups " +
			"whose members may; `self`, whether the members of the group itself may; and `keys`, those of the rules that let anybody in. Null gives null.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "rules", AllowNullValue: true, AllowUnknownValues: true, MarkdownDescription: rulesParameterDescription,
			},
			function.ObjectParameter{
				Name: "service", AllowUnknownValues: true,
				AttributeTypes: map[string]attr.Type{"protocol": types.StringType, "port": types.Int64Type},
				MarkdownDescription: "`protocol` is tcp, udp, udplite, sctp or dccp, and `port` is 1 to 65535: " +
					"`{ protocol = \"tcp\", port = 22 }`.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: reachType},
	}
}

func (whoCanReach) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	var service types.Object
	if resp.Error = req.Arguments.Get(ctx, &argument, &service); resp.Error != nil {
		return
	}
	plain, _ := plainValue(argument)
	rules, known, err := rulesArgument(plain)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	protocol, port, given, err := serviceOf(service)
	switch {
	case err != nil:
		resp.Error = function.NewArgumentFuncError(1, err.Error())
	case !given || !known:
		return // as unknown as the framework makes it
	case rules == nil:
		resp.Error = resp.Result.Set(ctx, types.ObjectNull(reachType))
	default:
		resp.Error = resp.Result.Set(ctx, reachValue(rule.WhoCanReach(rules, protocol, port)))
	}
}

// serviceOf reads the second argument; known is false while any of it is unknown.
func serviceOf(service types.Object) (protocol string, port int64, known bool, err error) {
	text, isText := service.Attributes()["protocol"].(types.String)
	number, isNumber := service.Attributes()["port"].(types.Int64)
	if !isText || !isNumber {
		return "", 0, false, nil
	}
	protocol, port = text.ValueString(), number.ValueInt64()
	switch {
	case !text.IsUnknown() && (!rule.IsProtocolName(protocol) || !rule.HasPorts(protocol)):
		return "", 0, false, fmt.Errorf("service.protocol is %s. Write tcp, udp, udplite, sctp or dccp: no other protocol has ports", strings.Trim(text.String(), "<>"))
	case !number.IsUnknown() && (port < 1 || port > 65535):
		return "", 0, false, fmt.Errorf("service.port is %s. Ports are 1 to 65535", strings.Trim(number.String(), "<>"))
	}
	return protocol, port, !text.IsUnknown() && !number.IsUnknown(), nil
}

// reachValue writes an answer, with what is not certain as unknown.
func reachValue(certain, possible rule.Reach) types.Object {
	list := func(certain, possible []string) types.List {
		if !slices.Equal(certain, possible) {
			return types.ListUnknown(types.StringType)
		}
		elements := make([]attr.Value, len(certain))
		for i, text := range certain {
			elements[i] = types.StringValue(text)
		}
		return types.ListValueMust(types.StringType, elements)
	}
	self := types.BoolValue(certain.Self)
	if certain.Self != possible.Self {
		self = types.BoolUnknown()
	}
	return types.ObjectValueMust(reachType, map[string]attr.Value{
		"cidrs":            list(certain.Addresses.CIDRs(), possible.Addresses.CIDRs()),
		"remote_group_ids": list(certain.RemoteGroupIDs, possible.RemoteGroupIDs),
		"self":             self,
		"keys":             list(certain.Keys, possible.Keys),
	})
}
