package gcore

import rego.v1

# A rule that may open an administrator's port once its unknown values are known.
warn contains message if {
	some entry in entries
	count(entry.unknown) > 0
	not another_remote(entry.rule)
	services := {service.name |
		some service in admin_services
		may_admit(entry, service)
		not admits(entry, service)
	}
	count(services) > 0
	may_be_public(entry)
	message := sprintf(
		"Known only at apply: %s of %s, and so whether everybody can reach %s.",
		[concat(", ", sort(entry.unknown)), entry.where, shortened(services)],
	)
}

may_be_public(entry) if "remote_ip_prefix" in entry.unknown

may_be_public(entry) if {
	not "remote_ip_prefix" in entry.unknown
	some whole
	network(entry.rule) in public_networks[whole]
}

# A new group that may keep the API's own rules, whatever else declares rules of it.
warn contains message if {
	some change in created
	change.change.after_unknown.keep_default_rules == true
	message := sprintf(
		"Known only at apply: keep_default_rules of %s, and so whether everybody can reach ssh (22) and rdp (3389).",
		[change.address],
	)
}

# Rules of which not even the keys are known.
warn contains message if {
	some change in changes
	change.change.after_unknown.rules == true
	message := sprintf("Known only at apply: the rules of %s.", [change.address])
}

# A rule or rule set that is judged by itself, whatever else its group allows.
warn contains message if {
	some change in elsewhere
	group_of(change) == change.address
	message := sprintf("Known only at apply: the group of %s.", [change.address])
}
