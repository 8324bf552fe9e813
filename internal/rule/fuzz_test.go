package rule

import (
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// givenBits says which attributes of a fuzzed rule are there, and which are
// unknown, a bit each in the order of fields.
type givenBits uint16

func (b givenBits) has(field Field) bool {
	return b&(1<<slices.Index(fields, field)) != 0
}

// fuzzedGiven is a Given in the types that the fuzzer knows.
type fuzzedGiven struct {
	there                          givenBits
	direction, ethertype, protocol string
	first, last                    int64
	prefix, group                  string
	self                           bool
	description                    string
}

func (f fuzzedGiven) given() Given {
	g := Given{
		Direction: &f.direction, Ethertype: &f.ethertype, Protocol: &f.protocol, PortRangeMin: &f.first, PortRangeMax: &f.last,
		RemoteIPPrefix: &f.prefix, RemoteGroupID: &f.group, Self: &f.self, Description: &f.description,
		Unknown: map[Field]bool{},
	}
	for _, field := range fields {
		g.Unknown[field] = !f.there.has(field)
	}
	g = g.withoutUnknown()
	g.Unknown = nil
	return g
}

// fuzzed is the inverse of fuzzedGiven.given.
func fuzzed(g Given) fuzzedGiven {
	var there givenBits
	for i, given := range []bool{
		g.Direction != nil, g.Ethertype != nil, g.Protocol != nil, g.PortRangeMin != nil, g.PortRangeMax != nil,
		g.RemoteIPPrefix != nil, g.RemoteGroupID != nil, g.Self != nil, g.Description != nil,
	} {
		if given {
			there |= 1 << i
		}
	}
	return fuzzedGiven{
		there, value(g.Direction), value(g.Ethertype), value(g.Protocol), value(g.PortRangeMin), value(g.PortRangeMax),
		value(g.RemoteIPPrefix), value(g.RemoteGroupID), value(g.Self), value(g.Description),
	}
}

// givenOf writes a rule as a configuration, with nothing left out that it says.
func givenOf(r Rule) Given {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	g := Given{
		Direction: text(r.Direction), Ethertype: text(r.Ethertype), Protocol: text(r.Protocol),
		PortRangeMin: r.PortRangeMin, PortRangeMax: r.PortRangeMax,
		RemoteIPPrefix: text(r.RemoteIPPrefix), RemoteGroupID: text(r.RemoteGroupID), Description: &r.Description,
	}
	if r.RemoteGroupID == Self {
		g.RemoteGroupID, g.Self = nil, new(true)
	}
	return g
}

// planned is what a plan holds: what the configuration says in its own
// spelling, and the written-out form where it says nothing.
func planned(g Given) Given {
	whole := givenOf(g.Rule().WrittenOut())
	fill := func(at **string, from *string) {
		if *at == nil {
			*at = from
		}
	}
	fill(&g.Ethertype, whole.Ethertype)
	fill(&g.Protocol, whole.Protocol)
	fill(&g.RemoteIPPrefix, whole.RemoteIPPrefix)
	fill(&g.Description, whole.Description)
	if g.PortRangeMin == nil && g.PortRangeMax == nil {
		g.PortRangeMin, g.PortRangeMax = whole.PortRangeMin, whole.PortRangeMax
	}
	if g.Self == nil {
		g.Self = new(false)
	}
	return g
}

// seedGivens are the rules of the record and the faulty ones of the tables.
func seedGivens(t testing.TB) []Given {
	var seeds []Given
	for _, c := range recordedCases(t) {
		seeds = append(seeds, c.Rule.given())
	}
	for _, rule := range faultyRules() {
		seeds = append(seeds, rule.given)
	}
	return append(seeds, egress(Given{Self: new(true)}), Given{Direction: new(Egress), Protocol: new("ipencap")})
}

// FuzzProblems: problems are in order and have words; what is unknown brings
// up no problem that the known rule has not; and a rule without problems has
// none in any of its other forms.
func FuzzProblems(f *testing.F) {
	for i, g := range seedGivens(f) {
		s := fuzzed(g)
		unknown := uint16(1) << (i % len(fields))
		f.Add(uint16(s.there), unknown, s.direction, s.ethertype, s.protocol, s.first, s.last,
			s.prefix, s.group, s.self, s.description)
	}
	f.Fuzz(func(t *testing.T, there, unknown uint16, direction, ethertype, protocol string, first, last int64,
		prefix, group string, self bool, description string,
	) {
		g := fuzzedGiven{
			givenBits(there), direction, ethertype, protocol, first, last, prefix, group, self, description,
		}.given()
		problems := g.Problems()
		for i, problem := range problems {
			if problem.Title == "" || problem.Text == "" || len(problem.Text) > 4000 || !slices.Contains(fields, problem.Field) {
				t.Errorf("a problem without words, or with too many: %+v", problem)
			}
			if i > 0 && slices.Index(fields, problems[i-1].Field) > slices.Index(fields, problem.Field) {
				t.Errorf("out of order: %+v", problems)
			}
		}
		hidden := g
		hidden.Unknown = map[Field]bool{}
		for _, field := range fields {
			hidden.Unknown[field] = givenBits(unknown).has(field)
		}
		if len(refusedFields(hidden)) > 0 && len(refusedFields(g)) == 0 {
			t.Errorf("guessed with unknown %v: %+v", hidden.Unknown, hidden.Problems())
		}
		if len(problems) > 0 {
			return
		}
		r := g.Rule()
		// The canonical form leaves out what ingress has to say.
		for name, form := range map[string]Given{"written out": givenOf(r.WrittenOut()), "planned": planned(g)} {
			if again := form.Problems(); len(again) > 0 {
				t.Errorf("the %s form of a valid rule is not valid: %+v", name, again)
			}
			if form.Rule().Key() != r.Key() {
				t.Errorf("the %s form has another key", name)
			}
		}
	})
}

// FuzzKey: whatever the API might return, the canonical and the written-out
// form are fixed points and keep key and name, and two keys are equal exactly
// when the canonical forms are, descriptions aside.
func FuzzKey(f *testing.F) {
	for _, c := range recordedCases(f) {
		others := []*recordedRule{&c.Rule, c.Stored, c.Existing}
		for _, other := range others {
			if other == nil {
				continue
			}
			a, b := fuzzed(c.Rule.given()), fuzzed(other.given())
			f.Add(uint16(a.there), a.direction, a.ethertype, a.protocol, a.first, a.last, a.prefix, a.group, a.self, a.description,
				uint16(b.there), b.direction, b.ethertype, b.protocol, b.first, b.last, b.prefix, b.group, b.self, b.description)
		}
	}
	f.Fuzz(func(t *testing.T,
		aThere uint16, aDirection, aEthertype, aProtocol string, aFirst, aLast int64,
		aPrefix, aGroup string, aSelf bool, aDescription string,
		bThere uint16, bDirection, bEthertype, bProtocol string, bFirst, bLast int64,
		bPrefix, bGroup string, bSelf bool, bDescription string,
	) {
		a := fuzzedGiven{
			givenBits(aThere), aDirection, aEthertype, aProtocol, aFirst, aLast, aPrefix, aGroup, aSelf, aDescription,
		}.given().Rule()
		b := fuzzedGiven{
			givenBits(bThere), bDirection, bEthertype, bProtocol, bFirst, bLast, bPrefix, bGroup, bSelf, bDescription,
		}.given().Rule()
		for _, r := range []Rule{a, b} {
			for name, form := range map[string]func(Rule) Rule{"canonical": Rule.Canonical, "written out": Rule.WrittenOut} {
				once := form(r)
				if diff := cmp.Diff(once, form(once)); diff != "" {
					t.Errorf("the %s form is no fixed point: %s", name, diff)
				}
				if once.Key() != r.Key() || once.Name() != r.Name() {
					t.Errorf("the %s form has another key or name: %q, %q", name, once.Name(), r.Name())
				}
			}
		}
		canonicalA, canonicalB := a.Canonical(), b.Canonical()
		canonicalA.Description, canonicalB.Description = "", ""
		if same := cmp.Equal(canonicalA, canonicalB); same != (a.Key() == b.Key()) {
			t.Errorf("equal keys: %t, equal canonical forms: %t:\n%s", !same, same, cmp.Diff(canonicalA, canonicalB))
		}
	})
}

// hclIdentifier is what HCL takes for an object key without quotes:
// https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#identifiers
var hclIdentifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// FuzzName: a name is an HCL identifier whatever the API returned, and one
// that is not taken is found.
func FuzzName(f *testing.F) {
	for _, g := range seedGivens(f) {
		s := fuzzed(g)
		f.Add(uint16(s.there), s.direction, s.ethertype, s.protocol, s.first, s.last, s.prefix, s.group)
	}
	f.Fuzz(func(t *testing.T, there uint16, direction, ethertype, protocol string, first, last int64, prefix, group string) {
		r := fuzzedGiven{
			there: givenBits(there), direction: direction, ethertype: ethertype, protocol: protocol,
			first: first, last: last, prefix: prefix, group: group,
		}.given().Rule()
		name := r.Name()
		unique := r.UniqueName(func(candidate string) bool { return candidate == name })
		if !hclIdentifier.MatchString(name) || !hclIdentifier.MatchString(unique) || unique == name {
			t.Errorf("%q, and beside it %q", name, unique)
		}
	})
}

// FuzzPrefix: the canonical text of a CIDR is its own canonical text, of the
// same family, and refused or accepted as it was, host bits included.
func FuzzPrefix(f *testing.F) {
	for _, g := range seedGivens(f) {
		f.Add(value(g.RemoteIPPrefix))
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Prefix(text)
		if again := Prefix(once); again != once {
			t.Errorf("%q becomes %q, then %q", text, once, again)
		}
		if !SamePrefix(text, once) || prefixFamily(text) != prefixFamily(once) {
			t.Errorf("%q is not the same network as %q", text, once)
		}
		before := refusedFields(egress(Given{RemoteIPPrefix: &text}))
		if diff := cmp.Diff(before, refusedFields(egress(Given{RemoteIPPrefix: &once}))); diff != "" {
			t.Errorf("%q and %q are not refused alike: %s", text, once, diff)
		}
	})
}

// A small world for FuzzMergeCIDRs: 256 blocks of IPv4, at the top so that they
// may join to 0.0.0.0/0, and 256 addresses of IPv6.
var worlds = []struct {
	base  netip.Addr
	first int // bits before the block's own
}{
	{netip.MustParseAddr("0.0.0.0"), 0},
	{netip.MustParseAddr("2001:db8::"), 120},
}

// worldPrefix is one prefix of a world, with the host bits of the block cut.
func worldPrefix(world, block, bits int) netip.Prefix {
	octets := worlds[world].base.AsSlice()
	octets[worlds[world].first/8] = byte(block)
	address, _ := netip.AddrFromSlice(octets)
	return netip.PrefixFrom(address, worlds[world].first+bits).Masked()
}

// coveredBy lists, top down, the widest prefixes of a world all of whose blocks
// are covered: what a merge has to return, found in another way.
func coveredBy(covered *[256]bool, world, block, bits int) []string {
	blocks := covered[block : block+256>>bits]
	switch {
	case !slices.Contains(blocks, false):
		return []string{worldPrefix(world, block, bits).String()}
	case !slices.Contains(blocks, true):
		return nil
	}
	return slices.Concat(coveredBy(covered, world, block, bits+1), coveredBy(covered, world, block+len(blocks)/2, bits+1))
}

// addressesOfBytes are CIDRs of both worlds, one of each three bytes, and the blocks that they cover.
func addressesOfBytes(data []byte) (cidrs []string, covered [2][256]bool) {
	for c := range slices.Chunk(data, 3) {
		if len(c) < 3 {
			break
		}
		// Narrow prefixes are more likely, or everything would be covered.
		world, length := int(c[0])%2, 8-bits.TrailingZeros8(c[2]|1<<7)
		prefix := worldPrefix(world, int(c[1]), length)
		block := int(prefix.Addr().AsSlice()[worlds[world].first/8])
		for i := range 256 >> length {
			covered[world][block+i] = true
		}
		text := prefix.String()
		if prefix.IsSingleIP() && c[0] > 127 && !prefix.Addr().IsUnspecified() {
			text = prefix.Addr().String()
		}
		cidrs = append(cidrs, text)
	}
	return cidrs, covered
}

// fewest are the fewest CIDRs that cover blocks of both worlds.
func fewest(covered *[2][256]bool) []string {
	return slices.Concat(coveredBy(&covered[0], 0, 0, 0), coveredBy(&covered[1], 1, 0, 0))
}

// randomBytes are of growing lengths.
func randomBytes() [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([][]byte, 40)
	for n := range all {
		all[n] = make([]byte, 3*n*n)
		for i := range all[n] {
			all[n][i] = byte(random.UintN(256))
		}
	}
	return all
}

// FuzzMergeCIDRs: the fewest CIDRs that cover just the same, whatever the
// order.
func FuzzMergeCIDRs(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 1, 0, 128, 1, 1, 7, 8})
	f.Add([]byte{0, 10, 8, 0, 11, 8, 0, 12, 7, 0, 10, 6, 1, 0, 0, 0, 255, 8})
	for _, data := range randomBytes() {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cidrs, covered := addressesOfBytes(data)
		if got, want := addresses(t, cidrs...).CIDRs(), fewest(&covered); !slices.Equal(got, want) {
			t.Errorf("%v\nbecame %v\nand not %v", cidrs, got, want)
		}
	})
}

// FuzzSubtract: what is in one and not in the other, by the fewest CIDRs; and whether anything of the other is not in
// the one.
func FuzzSubtract(f *testing.F) {
	all := randomBytes()
	for i, data := range all {
		f.Add(data, all[(i*7+3)%len(all)])
		f.Add(data, data[:len(data)/2])
		f.Add(data, data[:min(3, len(data))])
	}
	f.Fuzz(func(t *testing.T, one, other []byte) {
		cidrs, covered := addressesOfBytes(one)
		others, without := addressesOfBytes(other)
		contained := true
		for world := range covered {
			for block, is := range covered[world] {
				contained = contained && (is || !without[world][block])
				covered[world][block] = is && !without[world][block]
			}
		}
		got, err := addresses(t, cidrs...).Subtract(addresses(t, others...))
		if want := fewest(&covered); err != nil || !slices.Equal(got.CIDRs(), want) {
			t.Errorf("%v\nwithout %v\nis %v %v\nand not %v", cidrs, others, got, err, want)
		}
		if got := addresses(t, cidrs...).Contain(addresses(t, others...)); got != contained {
			t.Errorf("%v\ncontain %v: %t", cidrs, others, got)
		}
	})
}
