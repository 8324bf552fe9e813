package gcore

import rego.v1

# Rules that the plan removes from a group, or makes others. Another key or description alone is no change.
warn contains message if {
	some change in changes
	is_object(change.change.after)
	object.get(change.change.after, "rules", {}) != null
	there := {declared.where | some declared in declared_rules(change)}
	some verb, where in {"Removes": gone(change) - there, "Changes": gone(change) & there}
	count(where) > 0
	message := sprintf("%s rules: %s.", [verb, concat(", ", sort(where))])
}

gone(change) := {where |
	some where, rule in rules_before(change)
	not stays(change, rule)
	not may_stay(change, rule)
}

# A rule that goes or stays, as the apply will show.
warn contains message if {
	some change in changes
	undecided := {where |
		some where, rule in rules_before(change)
		not stays(change, rule)
		may_stay(change, rule)
	}
	count(undecided) > 0
	message := sprintf("Known only at apply: whether these rules go: %s.", [concat(", ", sort(undecided))])
}

# The rules before the plan, by their places.
rules_before(change) := {change.address: change.change.before} if {
	change.type == rule_type
	is_object(change.change.before)
} else := {rule_address(change, key): rule | some key, rule in change.change.before.rules}

# Rules that leave a group for another one.
warn contains message if {
	some change in elsewhere
	is_string(change.change.before.group_id)
	not change.change.after.group_id == change.change.before.group_id
	message := sprintf("Changes the group: %s%s.", [change.address, to_an_unknown(change)])
}

to_an_unknown(change) := ", to one that is known only at apply" if {
	change.change.after_unknown.group_id == true
} else := ""

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
