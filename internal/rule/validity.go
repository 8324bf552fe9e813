package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Field is an attribute of a rule, by the name that both Terraform and the API give it. Only self is Terraform's alone.
type Field string

// The attributes of a rule.
const (
	FieldDirection      Field = "direction"
	FieldEthertype      Field = "ethertype"
	FieldProtocol       Field = "protocol"
	FieldPortRangeMin   Field = "port_range_min"
	FieldPortRangeMax   Field = "port_range_max"
	FieldRemoteIPPrefix Field = "remote_ip_prefix"
	FieldRemoteGroupID  Field = "remote_group_id"
	FieldSelf           Field = "self"
	FieldDescription    Field = "description"
)

// fields are the attributes of a rule, in the order in which messages list them.
var fields = []Field{
	FieldDirection, FieldEthertype, FieldProtocol, FieldPortRangeMin, FieldPortRangeMax,
	FieldRemoteIPPrefix, FieldRemoteGroupID, FieldSelf, FieldDescription,
}

// problemOrder is the order in which problems of a rule or of a Matcher are listed.
var problemOrder = append(slices.Clone(fields), FieldDescriptionPrefix)

// Given is a rule as a configuration writes it, before its meaning is known. A nil attribute is one that is left out.
type Given struct {
	Direction, Ethertype, Protocol *string
	// PortRangeMin and PortRangeMax are a port range, or type and code of ICMP.
	PortRangeMin, PortRangeMax    *int64
	RemoteIPPrefix, RemoteGroupID *string
	// Self says that the remote is the group that holds the rule; false says as little as nil.
	Self        *bool
	Description *string
	// Standalone is a rule that is a resource of its own, which has no self.
	Standalone bool
	// Unknown names the attributes whose value will only be known later. It may turn out to be left out. What stands in
	// the attribute itself does not count then.
	Unknown map[Field]bool
}

// Problem is one fault of a rule.
type Problem struct {
	// Field is the attribute at fault. Where two do not fit together it is the one that is odd, or the first of them.
	Field Field
	// Title says what is wrong in a few words.
	Title string
	// Text says where and why, and what to write instead.
	Text string
	// Warning is true for what is allowed but likely a mistake.
	Warning bool
}

// Problems lists the faults of a rule, in the order of its attributes: what the API or Neutron behind it would refuse,
// and what they would take for something else than it says. A rule without problems, warnings aside, is one that they
// accept if the group has room and the remote group exists.
//
// One fault is one problem. A value that cannot be understood is said so once and not compared with others. A check
// that needs an unknown value is skipped; a fault that remains whatever its value is reported.
//
// The rules are Neutron's, as measured on a Neutron 21.0.0 server, within Gcore's contract: its 23 names of protocols,
// its enums to the letter and group ids that are UUIDs of version 4. Beyond that, three things are refused that Neutron
// takes: addresses with host bits or in a form that not all parsers read alike, ports 1 to 65535 where there are no
// ports, which Neutron drops without a word, and an ingress rule that leaves out what would then be all protocols, all
// ports, everybody or IPv4.
func (g Given) Problems() []Problem {
	g = g.withoutUnknown()
	return inOrder(slices.Concat(
		g.directionProblems(), g.ethertypeProblems(), g.protocolProblems(), g.familyProblems(),
		g.portProblems(), g.prefixProblems(), g.groupProblems(), g.remoteProblems(), g.descriptionProblems(), g.Omissions(),
	))
}

// inOrder puts problems in the order of the attributes, without the warnings of those that are refused.
func inOrder(problems []Problem) []Problem {
	refused := map[Field]bool{}
	for _, problem := range problems {
		refused[problem.Field] = refused[problem.Field] || !problem.Warning
	}
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Warning && refused[p.Field] })
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Compare(slices.Index(problemOrder, a.Field), slices.Index(problemOrder, b.Field))
	})
	return problems
}

// Rule is what the attributes say, taken as they are. An unknown attribute counts as left out, so this has meaning only
// when nothing is unknown.
func (g Given) Rule() Rule {
	g = g.withoutUnknown()
	r := Rule{
		Direction: value(g.Direction), Ethertype: value(g.Ethertype), Protocol: value(g.Protocol),
		PortRangeMin: g.PortRangeMin, PortRangeMax: g.PortRangeMax,
		RemoteIPPrefix: value(g.RemoteIPPrefix), RemoteGroupID: value(g.RemoteGroupID),
		Description: value(g.Description),
	}
	if value(g.Self) {
		r.RemoteGroupID = Self
	}
	return r
}

// Repeatable reports whether the API, which holds the rule, would take it in a request too.
func (r Rule) Repeatable() bool {
	r = r.WrittenOut()
	given := func(text string) *string {
		if text == "" || text == Self {
			return nil
		}
		return &text
	}
	problems := Given{
		Direction: &r.Direction, Ethertype: &r.Ethertype, Protocol: given(r.Protocol),
		PortRangeMin: r.PortRangeMin, PortRangeMax: r.PortRangeMax,
		RemoteIPPrefix: given(r.RemoteIPPrefix), RemoteGroupID: given(r.RemoteGroupID), Self: new(r.RemoteGroupID == Self),
	}.Problems()
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

// longestDescription is the limit of Gcore's contract and of Neutron, in characters.
const longestDescription = 255

func (g Given) descriptionProblems() []Problem {
	length := utf8.RuneCountInString(value(g.Description))
	if length <= longestDescription {
		return nil
	}
	return refuse(FieldDescription, "Description too long", "description has %d characters. Write %d at most.",
		length, longestDescription)
}

// withoutUnknown empties the attributes that are unknown, so that a value that is not nil is a known one.
func (g Given) withoutUnknown() Given {
	forget(&g.Direction, g.Unknown[FieldDirection])
	forget(&g.Ethertype, g.Unknown[FieldEthertype])
	forget(&g.Protocol, g.Unknown[FieldProtocol])
	forget(&g.PortRangeMin, g.Unknown[FieldPortRangeMin])
	forget(&g.PortRangeMax, g.Unknown[FieldPortRangeMax])
	forget(&g.RemoteIPPrefix, g.Unknown[FieldRemoteIPPrefix])
	forget(&g.RemoteGroupID, g.Unknown[FieldRemoteGroupID])
	forget(&g.Self, g.Unknown[FieldSelf])
	forget(&g.Description, g.Unknown[FieldDescription])
	return g
}

func forget[T any](attribute **T, unknown bool) {
	if unknown {
		*attribute = nil
	}
}

// value reads an attribute that is left out as its zero value.
func value[T any](attribute *T) T {
	if attribute == nil {
		var zero T
		return zero
	}
	return *attribute
}

// refuse is the one problem of a list.
func refuse(field Field, title, format string, values ...any) []Problem {
	return []Problem{{Field: field, Title: title, Text: fmt.Sprintf(format, values...)}}
}

// longestQuote is how many characters of a value a message repeats.
const longestQuote = 80

// Quote quotes a value for a message and cuts it after 80 characters.
func Quote(text string) string {
	if characters := []rune(text); len(characters) > longestQuote {
		text = string(characters[:longestQuote]) + "..."
	}
	return strconv.Quote(text)
}
