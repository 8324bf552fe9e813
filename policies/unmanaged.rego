package gcore

import rego.v1

# A group whose rules are not managed here: what it allows is in no plan.
warn contains message if {
	some change in changes
	change.type == group_type
	is_object(change.change.after)
	object.get(change.change.after, "rules", null) == null
	not change.change.after_unknown.rules == true
	not declared_elsewhere(change)
	message := sprintf("Rules not managed: %s has neither rules nor a rule set, nor standalone rules.%s", [change.address, no_longer(change)])
}

no_longer(change) := " Those of before stay in the cloud as they are." if {
	is_object(change.change.before.rules)
} else := ""

declared_elsewhere(group) if {
	some change in elsewhere
	group_of(change) == group_of(group)
}

# It may be in a group that does not show in the plan: nothing is said then.
declared_elsewhere(_) if {
	some change in elsewhere
	group_of(change) == change.address
}

elsewhere contains change if {
	some change in changes
	change.type != group_type
	is_object(change.change.after)
}
