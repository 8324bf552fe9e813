package rule

import (
	"maps"
	"math"
	"net/netip"
	"slices"
)

// Reach is who may open a connection to a port of a group's instances, and by which rules.
type Reach struct {
	Addresses Addresses
	// RemoteGroupIDs are security groups whose members may.
	RemoteGroupIDs []string
	// Self is true if the members of the group itself may.
	Self bool
	// Keys are those of the rules that let anybody in.
	Keys []string
}

// unknownGroup is the id of a group whose id is not known yet.
const unknownGroup = "unknown"

// WhoCanReach returns who may reach a port by the ingress rules, whose faults are those that [Given.Problems] lists:
// none. certain is what holds whatever the unknown values turn out to be, possible is what may hold then. A part that
// no unknown value changes is the same in both.
func WhoCanReach(rules map[string]Given, protocol string, port int64) (certain, possible Reach) {
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		does, may := rules[key].admits(protocol, port)
		surely, maybe := rules[key].remote()
		if may {
			possible.add(key, maybe)
		}
		if does {
			certain.add(key, surely)
		}
	}
	return certain.merged(), possible.merged()
}

func (r *Reach) add(key string, remote Reach) {
	r.Keys = append(r.Keys, key)
	r.Addresses = append(r.Addresses, remote.Addresses...)
	r.RemoteGroupIDs = append(r.RemoteGroupIDs, remote.RemoteGroupIDs...)
	r.Self = r.Self || remote.Self
}

func (r Reach) merged() Reach {
	r.Addresses = addressesOf(r.Addresses)
	slices.Sort(r.RemoteGroupIDs)
	r.RemoteGroupIDs = slices.Compact(r.RemoteGroupIDs)
	return r
}

// WithoutHostBits cuts the bits behind the mask of a CIDR, which the cloud keeps and does not look at. A configuration
// may not have them; a group that was made elsewhere may.
func (g Given) WithoutHostBits() Given {
	if prefix, ok := parsePrefix(value(g.RemoteIPPrefix)); ok && prefix != prefix.Masked() {
		g.RemoteIPPrefix = new(prefix.Masked().String())
	}
	return g
}

// admits reports whether a rule lets its remote reach a port: surely, or depending on what is unknown.
func (g Given) admits(protocol string, port int64) (certain, possible bool) {
	reachable := g.reachable()
	possible = reachable.includes(protocolName(protocol), port)
	return possible && reachable.certain, possible
}

// reachable is what a rule lets its remote reach.
type reachable struct {
	none        bool   // it is for egress
	protocol    string // empty: all
	first, last int64
	certain     bool // no unknown value can make it less
}

func (g Given) reachable() reachable {
	known := g.withoutUnknown()
	result := reachable{
		none:     known.Direction != nil && *known.Direction != Ingress,
		protocol: protocolName(value(known.Protocol)),
		last:     math.MaxInt64,
		certain:  !slices.ContainsFunc(portFields, func(field Field) bool { return g.Unknown[field] }),
	}
	if known.PortRangeMin != nil {
		result.first = *known.PortRangeMin
	}
	if known.PortRangeMax != nil {
		result.last = *known.PortRangeMax
	}
	return result
}

// portFields are the attributes that say which ports a rule opens.
var portFields = []Field{FieldDirection, FieldProtocol, FieldPortRangeMin, FieldPortRangeMax}

// includes takes the canonical name of a protocol.
func (r reachable) includes(protocol string, port int64) bool {
	return !r.none && (r.protocol == "" || r.protocol == protocol) && r.first <= port && port <= r.last
}

// remote is the other side of a rule. A remote that is given is the only one, whatever the others turn out to be.
func (g Given) remote() (certain, possible Reach) {
	known := g.withoutUnknown()
	var given Reach
	switch prefix, isPrefix := parsePrefix(value(known.RemoteIPPrefix)); {
	case value(known.Self):
		given.Self = true
	case value(known.RemoteGroupID) != "":
		given.RemoteGroupIDs = []string{known.Rule().Canonical().RemoteGroupID}
	case isPrefix:
		given.Addresses = Addresses{prefix.Masked()}
	default:
		return g.remoteNotGiven()
	}
	return given, given
}

// remoteNotGiven is everybody, if it is sure that no remote is given: a configuration may not leave it out, the cloud does.
// One that is unknown turns out to be given.
func (g Given) remoteNotGiven() (certain, possible Reach) {
	given := g.Unknown[FieldRemoteIPPrefix] || g.Unknown[FieldRemoteGroupID] || g.Unknown[FieldSelf]
	families := g.families()
	if g.Unknown[FieldRemoteIPPrefix] || !given {
		for _, family := range families {
			possible.Addresses = append(possible.Addresses, netip.MustParsePrefix(anywhere(family)))
		}
	}
	if g.Unknown[FieldRemoteGroupID] {
		possible.RemoteGroupIDs = []string{unknownGroup}
	}
	possible.Self = g.Unknown[FieldSelf]
	if len(families) == 1 && !given {
		certain = possible
	}
	return certain, possible
}

// families are the IP versions that a rule may turn out to be for.
func (g Given) families() []string {
	known := g.withoutUnknown()
	ethertype, prefix := value(known.Ethertype), prefixFamily(value(known.RemoteIPPrefix))
	switch {
	case ethertype != "":
		return []string{ethertype}
	case prefix != "":
		return []string{prefix}
	case g.Unknown[FieldEthertype], g.Unknown[FieldRemoteIPPrefix], g.Unknown[FieldProtocol]:
		return []string{IPv4, IPv6}
	}
	return []string{Family("", value(known.Protocol))}
}
