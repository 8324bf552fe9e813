package gcore

import rego.v1

# An administrator's or database port that everybody can reach: through one port, a range or all protocols, by one rule or by
# several of the group that together leave no public address out. services.rego has the ports and the public addresses.
deny contains message if {
	some by, services in opened
	message := sprintf(
		"Open to everybody: %s, by %s. Name the networks that need it in remote_ip_prefix.",
		[shortened(services), concat(", ", sort(by))],
	)
}

# A new group that keeps the API's own rules.
deny contains message if {
	some change in created
	change.change.after.keep_default_rules == true
	message := sprintf(
		"Open to everybody: ssh (22) and rdp (3389), by the API's own rules, which keep_default_rules leaves in %s. Write rules.",
		[change.address],
	)
}

created contains change if {
	some change in changes
	"create" in change.change.actions
	not exempt(change.address)
}

# The names of the open services, by the places of the rules that open them.
opened[by] contains name if {
	some group, _ in entries_of
	some service in admin_services
	by := openers(group, service)
	count(by) > 0
	name := service.name
}

openers(group, service) := {where |
	some whole, _ in not_public
	admitted := {entry |
		some entry in entries_of[group]
		admits(entry, service)
		network(entry.rule) in public_networks[whole]
	}
	everybody({network(entry.rule) | some entry in admitted}, whole)
	some where in by_which(admitted, whole)
}

# Those that let everybody in alone, if there are any: the others are not at fault, such as a rule for an office.
by_which(admitted, whole) := alone if {
	alone := {entry.where | some entry in admitted; everybody({network(entry.rule)}, whole)}
	count(alone) > 0
} else := {entry.where | some entry in admitted}

# Whether networks of an IP version, whose whole space is given, leave no public address out.
everybody(networks, whole) if whole in net.cidr_merge(networks | not_public[whole])

# The networks of the plan's rules by IP version, without those that have no public address.
public_networks[whole] contains network(entry.rule) if {
	some whole, reserved in not_public
	some entry in entries
	contains(network(entry.rule), ":") == contains(whole, ":")
	every private in reserved {
		not net.cidr_contains(private, network(entry.rule))
	}
}

entries_of[group] contains entry if {
	some entry in entries
	group := entry.group
}

# Whether a rule surely lets a CIDR reach a service.
admits(entry, service) if {
	count(entry.unknown) == count(entry.unknown & {"remote_group_id", "self", "ethertype"})
	may_admit(entry, service)
	not another_remote(entry.rule)
	is_string(network(entry.rule))
	remote_known(entry)
}

# With a CIDR that is known there is no other remote.
remote_known(entry) if is_string(entry.rule.remote_ip_prefix)

remote_known(entry) if count(entry.unknown) == 0

# Whether it does, or may once the unknown values are known.
may_admit(entry, service) if {
	object.get(entry.rule, "direction", "ingress") == "ingress"
	protocol_of(entry.rule) in {"", service.protocol}
	first_port(entry.rule) <= service.port
	last_port(entry.rule) >= service.port
}

# All ports, where none is given or known.
first_port(rule) := rule.port_range_min if {
	is_number(rule.port_range_min)
} else := 1

last_port(rule) := rule.port_range_max if {
	is_number(rule.port_range_max)
} else := 65535

# Empty for all protocols, and for one that is unknown.
protocol_of(rule) := object.get(protocol_names, name, name) if {
	name := lower(object_text(rule, "protocol"))
}

protocol_names := {"any": "", "0": "", "6": "tcp", "17": "udp"}

# An attribute that is null or left out is an empty text.
object_text(object_with_texts, name) := object_with_texts[name] if {
	is_string(object_with_texts[name])
} else := ""

another_remote(rule) if object_text(rule, "remote_group_id") != ""

another_remote(rule) if rule.self == true

# The CIDR of a rule, which is that of its IP version where it has none.
network(rule) := concat("", [prefix, mask]) if {
	prefix := object_text(rule, "remote_ip_prefix")
	prefix != ""
	mask := single_address(prefix)
} else := "::/0" if {
	rule.ethertype == "IPv6"
} else := "0.0.0.0/0"

single_address(prefix) := "" if {
	contains(prefix, "/")
} else := "/128" if {
	contains(prefix, ":")
} else := "/32"

# At most five of many.
shortened(names) := concat(", ", sort(names)) if {
	count(names) <= 5
} else := sprintf("%s and %d more", [concat(", ", array.slice(sort(names), 0, 5)), count(names) - 5])
