package rule

import (
	"cmp"
	"fmt"
	"net/netip"
)

// extent is what a rule allows. It can be compared and be a key of a map.
type extent struct {
	direction, ethertype, protocol string
	ports, codes                   span // of ICMP the types and the codes
	// remote is not valid for a group, which has its id or Self.
	remote netip.Prefix
	group  string
}

// span are the numbers from the first to the last.
type span struct{ first, last int64 }

// every is the span of what a rule does not restrict.
var every = span{0, lastPort}

func extentOf(canonical Rule) extent {
	e := extent{
		direction: canonical.Direction, ethertype: canonical.Ethertype, protocol: canonical.Protocol, ports: every, codes: every,
		group: canonical.RemoteGroupID,
	}
	if e.group == "" {
		e.remote, _ = parsePrefix(cmp.Or(canonical.RemoteIPPrefix, anywhere(canonical.Ethertype)))
	}
	first, last := canonical.PortRangeMin, canonical.PortRangeMax
	switch {
	case first == nil:
	case !IsICMP(canonical.Protocol):
		e.ports = span{*first, *last}
	default:
		e.ports = span{*first, *first}
		if last != nil {
			e.codes = span{*last, *last}
		}
	}
	return e
}

func (s span) covers(part span) bool { return s.first <= part.first && part.last <= s.last }

func (e *extent) covers(part *extent) bool {
	return e.direction == part.direction && e.ethertype == part.ethertype && (e.protocol == "" || e.protocol == part.protocol) &&
		e.ports.covers(part.ports) && e.codes.covers(part.codes) && e.coversRemote(part)
}

// coversRemote compares the remotes of rules of one family. The members of a group have addresses, so all addresses cover it.
func (e *extent) coversRemote(part *extent) bool {
	switch {
	case e.group != "":
		return e.group == part.group
	case part.group != "":
		return e.remote.Bits() == 0
	}
	return covers(e.remote, part.remote)
}

// without is what is left of the numbers.
func (s span) without(others span) []span {
	var left []span
	if before := (span{s.first, min(s.last, others.first-1)}); before.first <= before.last {
		left = append(left, before)
	}
	if after := (span{max(s.first, others.last+1), s.last}); after.first <= after.last {
		left = append(left, after)
	}
	return left
}

func (s span) attributes() string {
	return fmt.Sprintf("port_range_min = %d and port_range_max = %d", s.first, s.last)
}

func spanWords(spans []span) string {
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = fmt.Sprint(s.first)
		if s.first != s.last {
			words[i] += fmt.Sprint("-", s.last)
		}
	}
	return enumeration(words)
}
