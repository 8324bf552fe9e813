# Judgements on the security groups in a Terraform plan, as `terraform show -json` writes it: deny lists what has to be fixed,
# warn what a reviewer should look at.
package gcore

import rego.v1

group_type := "gcore_cloud_security_group"

rule_set_type := "gcore_cloud_security_group_rule_set"

rule_type := "gcore_cloud_security_group_rule"

# HCP Terraform hands over the plan beside other things.
plan := input.plan if {
	is_object(input.plan)
} else := input

# What is no plan, such as a state, would pass for one without changes.
deny contains "Not a plan. Write it with terraform plan -out=tfplan, then terraform show -json tfplan." if {
	not is_plan
}

is_plan if is_object(plan.configuration)

# The changes of all modules. One with nothing to do counts too: it says what is there.
changes contains change if {
	some change in plan.resource_changes
	change.mode == "managed"
	change.type in {group_type, rule_set_type, rule_type}
}

# The rules after the plan, each with the group that it is in. Data may name resources in gcore_exempt, a list of addresses,
# whose rules may be open to everybody.
entries contains entry if {
	some change in changes
	not exempt(change.address)
	some declared in declared_rules(change)
	entry := object.union(declared, {"group": group_of(change)})
}

exempt(address) if address in data.gcore_exempt

# A rule as the plan has it, its place in the configuration, and its attributes that are known only at apply.
declared_rules(change) := [{
	"where": change.address,
	"rule": change.change.after,
	"unknown": unknown_in(change.change.after_unknown),
}] if {
	change.type == rule_type
	is_object(change.change.after)
}

declared_rules(change) := [declared |
	some key in (object.keys(known) | object.keys(unknown))
	declared := {
		"where": rule_address(change, key),
		"rule": object.get(known, key, {}),
		"unknown": unknown_in(object.get(unknown, key, {})),
	}
] if {
	change.type != rule_type
	known := object_or_empty(change.change.after, "rules")
	unknown := object_or_empty(change.change.after_unknown, "rules")
}

rule_address(change, key) := sprintf("%s.rules[%q]", [change.address, key])

object_or_empty(parent, name) := parent[name] if {
	is_object(parent[name])
} else := {}

rule_attributes := {
	"direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "self",
}

unknown_in(unknown) := rule_attributes if {
	unknown == true
} else := {name | some name in rule_attributes; unknown[name] == true}

# The group whose rules a resource declares: its id, or its address while the id is unknown. A resource of which neither is
# known stands by itself.
group_of(change) := change.change.after.id if {
	change.type == group_type
	is_string(change.change.after.id)
} else := change.address if {
	change.type == group_type
} else := change.change.after.group_id if {
	is_string(change.change.after.group_id)
} else := address if {
	address := referred_group(change)
} else := change.address

# The address of the group whose id the configuration writes as group_id. Terraform tells the references of an expression, and
# not which of several instances they come to: those that depend on more than the id of one group do not count.
referred_group(change) := concat("", [module_prefix(change), trim_suffix(id, ".id")]) if {
	references := configured_references[regex.replace(change.address, `\[("([^"\\]|\\.)*"|[0-9]+)\]`, "")]
	some id in references
	startswith(id, concat("", [group_type, "."]))
	endswith(id, ".id")
	every reference in references {
		startswith(id, reference)
	}
}

module_prefix(change) := concat("", [change.module_address, "."]) if {
	change.module_address
} else := ""

# By the address without the keys of its instances.
configured_references[address] := resource.expressions.group_id.references if {
	[path, resource] := walk(plan.configuration.root_module)
	is_string(resource.address)
	modules := [concat(".", ["module", path[i + 1]]) | some i; path[i] == "module_calls"; i % 3 == 0]
	address := concat(".", array.concat(modules, [resource.address]))
}
