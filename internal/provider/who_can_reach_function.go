package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"

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

var reachType = map[string]attr.Type{
	"cidrs": listOfStrings, "remote_group_ids": listOfStrings, "self": types.BoolType, "keys": listOfStrings,
}

func (whoCanReach) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Lists who can reach a port according to a map of rules",
		MarkdownDescription: "Returns who can reach a port according to the ingress rules of a map: `cidrs`, merged and sorted, IPv4 first; `remote_group_ids`, the security groups " +
			"whose members can; `self`, whether the members of the group itself can; and `keys`, the keys of the rules that open the port. Returns null if `rules` is null.",
		Parameters: []function.Parameter{
			rulesParameter(),
			// An object parameter drops attributes that are not its own without a word.
			function.DynamicParameter{
				Name: "service", AllowUnknownValues: true,
				MarkdownDescription: "Object with `protocol` (tcp, udp, udplite, sctp or dccp) and `port` (1 to 65535), such as " +
					"`{ protocol = \"tcp\", port = 22 }`.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: reachType},
	}
}

func (whoCanReach) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument, service types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument, &service); resp.Error != nil {
		return
	}
	plain, _ := plainValue(argument)
	rules, known, err := rulesArgument(plain)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	plain, _ = plainValue(service)
	protocol, port, err := serviceOf(plain)
	switch {
	case err != nil:
		resp.Error = function.NewArgumentFuncError(1, err.Error())
	case protocol == nil || !known:
		return // as unknown as the framework makes it
	case rules == nil:
		resp.Error = resp.Result.Set(ctx, types.ObjectNull(reachType))
	default:
		resp.Error = resp.Result.Set(ctx, reachValue(rule.WhoCanReach(rules, *protocol, *port)))
	}
}

// serviceOf reads the second argument as plainValue converts it. Both values are nil while any of it is unknown.
func serviceOf(argument any) (protocol *string, port *int64, err error) {
	if argument == (unknownValue{}) {
		return nil, nil, nil
	}
	service, ok := argument.(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("service is %s. Write an object, such as { protocol = \"tcp\", port = 22 }", kind(argument))
	}
	var faults rule.Faults
	reader := ruleReader{where: "service", faults: &faults}
	names := []string{"protocol", "port"}
	for _, name := range sortedKeys(service) {
		if !slices.Contains(names, name) {
			reader.refuse("."+name, "does not exist. %s", rule.AttributeAdvice(name, "A service", names, map[string]string{"port": "port", "proto": "protocol"}))
		}
	}
	if service["protocol"] != (unknownValue{}) {
		protocol = readLeaf(&reader, "protocol", "tcp, udp, udplite, sctp or dccp: no other protocol has ports", service["protocol"], protocolWithPorts)
	}
	if service["port"] != (unknownValue{}) {
		port = readLeaf(&reader, "port", "a port, 1 to 65535", service["port"], portNumber)
	}
	if protocol == nil || port == nil {
		return nil, nil, faults.Err()
	}
	return protocol, port, faults.Err()
}

func protocolWithPorts(name string) (string, error) {
	if !rule.IsProtocolName(name) || !rule.HasPorts(name) {
		return "", fmt.Errorf("%s has no ports", name)
	}
	return name, nil
}

func portNumber(digits string) (int64, error) {
	port, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && (port < 1 || port > 65535) {
		err = strconv.ErrRange
	}
	return port, err
}

// reachValue writes an answer, with what is not certain as unknown.
func reachValue(certain, possible rule.Reach) types.Object {
	list := func(certain, possible []string) types.List {
		if !slices.Equal(certain, possible) {
			return types.ListUnknown(types.StringType)
		}
		return stringsValue(certain)
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
