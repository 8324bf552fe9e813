package gcore

import rego.v1

# Rules that the plan removes from a group, or makes others. Another key or description alone is no change.
warn contains message if {
	some change in changes
	change.type != rule_type
	is_object(change.change.after.rules)
	some verb, keys in {"Removes": gone(change) - declared_keys(change), "Changes": gone(change) & declared_keys(change)}
	count(keys) > 0
	message := sprintf("%s rules: %s.", [verb, rule_addresses(change, keys)])
}

gone(change) := {key |
	some key, rule in change.change.before.rules
	not stays(change, rule)
	not may_stay(change, rule)
}

declared_keys(change) := {key | some key, _ in change.change.after.rules}

rule_addresses(change, keys) := concat(", ", [rule_address(change, key) | some key in sort(keys)])

# A rule that goes or stays, as the apply will show.
warn contains message if {
	some change in changes
	change.type != rule_type
	keys := {key |
		some key, rule in change.change.before.rules
		not stays(change, rule)
		may_stay(change, rule)
	}
	count(keys) > 0
	message := sprintf("Known only at apply: whether these rules are removed: %s.", [rule_addresses(change, keys)])
}

# A destroyed or replaced group takes its rules along, a destroyed rule set only if it says so.
warn contains message if {
	some change in changes
	"delete" in change.change.actions
	takes_rules_along(change)
	message := sprintf("%s %s%s.", [verb(change), change.address, with_rules(change)])
}

verb(change) := "Replaces" if {
	"create" in change.change.actions
} else := "Destroys"

takes_rules_along(change) if change.type != rule_set_type

takes_rules_along(change) if change.change.before.on_destroy in {"remove", "revert"}

with_rules(change) := sprintf(", with its rules %s", [concat(", ", sort(object.keys(change.change.before.rules)))]) if {
	count(change.change.before.rules) > 0
} else := ""

stays(change, rule) if {
	some declared in declared_rules(change)
	count(declared.unknown) == 0
	identity(declared.rule) == identity(rule)
}

may_stay(change, _) if change.change.after_unknown.rules == true

may_stay(change, rule) if {
	some declared in declared_rules(change)
	count(declared.unknown) > 0
	every name in rule_attributes - declared.unknown {
		identity(declared.rule)[name] == identity(rule)[name]
	}
}

# What makes a rule another one. The description is no part of it.
identity(rule) := object.union(
	{name: object.get(rule, name, null) | some name in rule_attributes},
	{"protocol": protocol_of(rule), "self": object.get(rule, "self", false)},
)
