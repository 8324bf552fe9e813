// Package compact expands the short way to write rules: an entry stands for a rule of each of its protocols, with each
// of its port ranges, for each of its remotes. It is pure, and leaves to package rule what a rule means.
package compact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// Value is one value of an entry.
type Value struct {
	// Where says where in its entry the value stands, for messages: `cidrs[1]`, `cidrs["office"]`, `protocols`.
	Where string
	Text  string
	// Name stands for the value in the names of rules. Without one its text does, or what the text means.
	Name string
	// Unknown is true for a value that will only be known later. A list that is unknown as a whole is one unknown
	// value.
	Unknown bool
}

// Entry is one entry of a compact description. A nil list is one that is left out and has a default. An empty list is
// none of its kind, and there are then no rules at all: a list that turns out empty must not open anything.
type Entry struct {
	// Where says which entry it is, for messages: `entries["https"]`.
	Where string
	// Directions are ingress by default.
	Directions []Value
	// Ethertypes are for the remote groups and self: by default IPv6 for the ipv6-* protocols, else IPv4. A CIDR has
	// its own, which has to be among them if they are given.
	Ethertypes []Value
	// Protocols have to be said for ingress. For egress they are all protocols by default.
	Protocols []Value
	// Ports are one port or a range each: `443`, `8000-8010`. They have to be said for ingress by a protocol that has them.
	// For egress they are all ports by default.
	Ports []Value
	// ICMPTypes are a type or a type and a code each: `8`, `3/4`. By default all types.
	ICMPTypes []Value
	// CIDRs, RemoteGroupIDs and Self are the remotes, of which at least one has to be said: everywhere is nobody's
	// default.
	CIDRs, RemoteGroupIDs []Value
	// Self says that a remote is the group that holds the rule; false says nothing.
	Self bool
	// Description is for each of the rules; nil is none.
	Description *Value
	// Incomplete is true if something that is not a value above is unknown: the entry may stand for more rules than it
	// says.
	Incomplete bool
}

// remote is one other side of the rules of an entry.
type remote struct {
	Value
	field rule.Field
}

func (e Entry) remotes() []remote {
	var remotes []remote
	for _, cidr := range e.CIDRs {
		remotes = append(remotes, remote{cidr, rule.FieldRemoteIPPrefix})
	}
	for _, group := range e.RemoteGroupIDs {
		remotes = append(remotes, remote{group, rule.FieldRemoteGroupID})
	}
	if e.Self {
		remotes = append(remotes, remote{Value{Where: "self"}, rule.FieldSelf})
	}
	return remotes
}

// service is a protocol with one of its port ranges, or ICMP types.
type service struct {
	protocol, ports Value
	first, last     *int64
}

const allPorts = "1-65535"

// services are the protocols with their ports. A range that cannot be read has neither bound, and has been said by
// faults.
func (e Entry) services() []service {
	var services []service
	for _, protocol := range orDefault(e.Protocols, Value{Text: rule.AllProtocols}) {
		ranges, byDefault := e.Ports, Value{}
		if e.ICMPTypes != nil {
			ranges = e.ICMPTypes
		}
		if rule.HasPorts(protocol.Text) {
			byDefault.Text = allPorts
		}
		for _, ports := range orDefault(ranges, byDefault) {
			s := service{protocol: protocol, ports: ports}
			if ports.Text != "" && !ports.Unknown {
				s.first, s.last, _ = e.bounds(ports.Text)
			}
			services = append(services, s)
		}
	}
	return services
}

// bounds reads one of the ports or ICMP types. A single port is a range of itself, a type without a code is all codes.
func (e Entry) bounds(text string) (first, last *int64, ok bool) {
	separator := "-"
	if e.ICMPTypes != nil {
		separator = "/"
	}
	low, high, two := strings.Cut(text, separator)
	first, last = number(low), number(high)
	switch {
	case two:
		return first, last, first != nil && last != nil
	case e.ICMPTypes != nil:
		return first, nil, first != nil
	}
	return first, first, first != nil
}

// number reads digits alone, without a sign or spaces.
func number(text string) *int64 {
	if strings.Trim(text, "0123456789") != "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// faults are those that can be seen without making the rules. An entry with any is not expanded.
func (e Entry) faults() []string {
	var faults []string
	add := func(where, format string, values ...any) {
		if where != "" {
			where = "." + where
		}
		faults = append(faults, e.Where+where+" "+fmt.Sprintf(format, values...))
	}
	for _, value := range slices.Concat(e.Directions, e.Ethertypes, e.Protocols, e.Ports, e.ICMPTypes, e.CIDRs, e.RemoteGroupIDs) {
		if value.Text == "" && !value.Unknown {
			add(value.Where, `is "". Write a value or leave it out.`)
		}
	}
	for _, ports := range slices.Concat(e.Ports, e.ICMPTypes) {
		if _, _, ok := e.bounds(ports.Text); !ok && ports.Text != "" && !ports.Unknown {
			what := `a port such as 443, or a range such as "8000-8010"`
			if e.ICMPTypes != nil {
				what = `an ICMP type such as 8, or a type and a code such as "3/4"`
			}
			add(ports.Where, "is %.80q. Write %s.", ports.Text, what)
		}
	}
	if e.CIDRs == nil && e.RemoteGroupIDs == nil && !e.Self && !e.Incomplete {
		add("", "does not say who is on the other side. Write cidrs, remote_group_ids or self = true. "+
			`For everywhere write cidrs = ["0.0.0.0/0", "::/0"], for no rules at all cidrs = [].`)
	}
	return slices.Concat(faults, e.omissionFaults(), e.serviceFaults())
}

// omissionFaults are those of what ingress has to say beside the remotes: all protocols and all ports are nobody's default.
func (e Entry) omissionFaults() []string {
	directions := orDefault(e.Directions, Value{Text: rule.Ingress})
	ingress := slices.ContainsFunc(directions, func(direction Value) bool { return direction.Text == rule.Ingress })
	nothingKnown := e.Incomplete && len(e.remotes()) == 0
	if !ingress || nothingKnown {
		return nil
	}
	if e.Protocols == nil && e.Ports == nil && e.ICMPTypes == nil {
		return []string{e.Where + ` does not name its protocols, which ingress must. For all protocols write protocols = ["any"], ` +
			`else those that are meant, such as ["tcp"].`}
	}
	withPorts := slices.IndexFunc(e.Protocols, func(protocol Value) bool { return rule.HasPorts(protocol.Text) })
	if withPorts < 0 || e.Ports != nil || e.ICMPTypes != nil {
		return nil
	}
	return []string{fmt.Sprintf("%s does not name its ports, which ingress by %q must. For all ports write ports = [%q], else those that are meant, "+
		"such as [443].", e.Where, e.Protocols[withPorts].Text, allPorts)}
}

// serviceFaults keep ports and ICMP types apart. The API has one pair of fields for both, so that port 8 of icmp would
// be read as type 8 and code 8.
func (e Entry) serviceFaults() []string {
	if e.Ports != nil && e.ICMPTypes != nil {
		return []string{e.Where + " has ports and icmp_types. Write an entry for the ports and one for ICMP."}
	}
	if e.Ports != nil && e.Protocols == nil {
		return []string{e.Where + ` has ports and does not name its protocols. Write those that the ports belong to, such as protocols = ["tcp"].`}
	}
	var faults []string
	for _, protocol := range orDefault(e.Protocols, Value{Where: "protocols"}) {
		icmp := rule.IsICMP(protocol.Text)
		switch {
		case protocol.Unknown:
		case icmp && e.Ports != nil:
			faults = append(faults, fmt.Sprintf("%s.%s is %q, which has no ports. Write an entry of its own for it, with icmp_types or neither.",
				e.Where, protocol.Where, protocol.Text))
		case !icmp && e.ICMPTypes != nil:
			faults = append(faults, fmt.Sprintf(`%s has icmp_types, and protocols are not ICMP alone. Write protocols = ["icmp"] or ["ipv6-icmp"] `+
				"in an entry of its own.", e.Where))
		}
	}
	return faults
}

// orDefault is a list, or the one default where it is left out.
func orDefault(values []Value, byDefault Value) []Value {
	if values == nil {
		return []Value{byDefault}
	}
	return values
}
