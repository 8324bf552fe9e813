package rule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mergeCIDRs is what the function merge_cidrs does.
func mergeCIDRs(cidrs []string) ([]string, error) {
	addresses, err := ReadAddresses("cidrs", cidrs)
	return addresses.CIDRs(), err
}

func TestMergeCIDRs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ cidrs, want []string }{
		"none":                         {nil, []string{}},
		"halves":                       {[]string{"10.128.0.0/9", "10.0.0.0/9"}, []string{"10.0.0.0/8"}},
		"halves of halves":             {[]string{"10.192.0.0/10", "10.0.0.0/9", "10.128.0.0/10"}, []string{"10.0.0.0/8"}},
		"neighbours, but no halves":    {[]string{"10.1.0.0/16", "10.2.0.0/16"}, []string{"10.1.0.0/16", "10.2.0.0/16"}},
		"one in the other":             {[]string{"10.1.0.0/16", "10.0.0.0/8", "10.1.2.0/24"}, []string{"10.0.0.0/8"}},
		"the same twice":               {[]string{"10.0.0.0/8", "10.0.0.0/8"}, []string{"10.0.0.0/8"}},
		"addresses":                    {[]string{"192.0.2.7", "192.0.2.6/32", "2001:DB8::1"}, []string{"192.0.2.6/31", "2001:db8::1/128"}},
		"IPv4 comes first":             {[]string{"::/0", "203.0.113.0/24", "10.0.0.0/8"}, []string{"10.0.0.0/8", "203.0.113.0/24", "::/0"}},
		"everything":                   {[]string{"0.0.0.0/1", "128.0.0.0/1", "8000::/1", "::/1"}, []string{"0.0.0.0/0", "::/0"}},
		"the last address":             {[]string{"255.255.255.255", "255.255.255.254"}, []string{"255.255.255.254/31"}},
		"an IPv4-mapped one is IPv6":   {[]string{"::ffff:10.0.0.0/104", "10.0.0.0/8"}, []string{"10.0.0.0/8", "::ffff:10.0.0.0/104"}},
		"the address that nothing has": {[]string{"0.0.0.0/32"}, []string{"0.0.0.0/32"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := slices.Clone(test.cidrs)
			got, err := mergeCIDRs(test.cidrs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(given, test.cidrs) {
				t.Error("the argument was changed")
			}
		})
	}
}

func TestMergeCIDRsFaults(t *testing.T) {
	t.Parallel()
	twelve := make([]string, 12)
	for i := range twelve {
		twelve[i] = fmt.Sprintf("10.0.0.%d/8", i+1)
	}
	tests := map[string]struct {
		cidrs []string
		want  string // a part
	}{
		"host bits":            {[]string{"10.0.0.0/8", "10.1.2.3/16"}, `cidrs[1] is "10.1.2.3/16": the address has bits set beyond the mask. Write "10.1.0.0/16" for the network, or "10.1.2.3/32" for the one address`},
		"no CIDR":              {[]string{"any"}, `cidrs[0] is "any". For all addresses write "0.0.0.0/0" (IPv4) or "::/0" (IPv6)`},
		"empty":                {[]string{""}, `cidrs[0] is "". An IPv4 address has four numbers`},
		"an address of nobody": {[]string{"0.0.0.0"}, `cidrs[0] is "0.0.0.0", which means "0.0.0.0/32", an address that nothing has. For all addresses write "0.0.0.0/0"`},
		"two":                  {[]string{"a", "10.0.0.0/8", "b"}, "there are 2 mistakes:\n- cidrs[0] is \"a\"."},
		"many":                 {twelve, "- and 2 more"},
		"more than one can do": {make([]string, mostCIDRs+1), "cidrs has 100001 elements, and 100000 at most can be taken at once"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mergeCIDRs(test.cidrs)
			if err == nil {
				t.Fatalf("no error, but %v", got)
			}
			// Terraform puts a full stop behind it.
			if text := err.Error(); !strings.Contains(text, test.want) || strings.HasSuffix(text, ".") {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}

// As many as one call takes: 2^16 addresses in any order are one network, and
// beside it none of the others has a neighbour.
func TestMergeManyCIDRs(t *testing.T) {
	t.Parallel()
	var cidrs []string
	for i := range 1 << 16 {
		cidrs = append(cidrs, fmt.Sprintf("10.1.%d.%d", i>>8, i&255))
	}
	want := []string{"10.1.0.0/16"}
	for i := range mostCIDRs - len(cidrs) {
		lone := fmt.Sprintf("172.%d.%d.%d/32", i>>15, i>>7&255, i&127<<1)
		cidrs, want = append(cidrs, lone), append(want, lone)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(cidrs), func(i, j int) { cidrs[i], cidrs[j] = cidrs[j], cidrs[i] })
	got, err := mergeCIDRs(cidrs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d became %d, and not %d", len(cidrs), len(got), len(want))
	}
}

func TestAddressesContain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cidrs, others []string
		want          bool
	}{
		"itself":                   {[]string{"10.0.0.0/8"}, []string{"10.0.0.0/8"}, true},
		"a part":                   {[]string{"192.0.2.0/24", "10.0.0.0/8"}, []string{"10.255.255.255", "10.0.0.0"}, true},
		"a wider one":              {[]string{"10.0.0.0/9"}, []string{"10.0.0.0/8"}, false},
		"halves":                   {[]string{"10.128.0.0/9", "10.0.0.0/9"}, []string{"10.0.0.0/8"}, true},
		"across two neighbours":    {[]string{"10.1.0.0/16", "10.2.0.0/16"}, []string{"10.0.0.0/14"}, false},
		"one before":               {[]string{"10.0.0.0/8"}, []string{"9.255.255.255"}, false},
		"one behind":               {[]string{"10.0.0.0/8"}, []string{"11.0.0.0"}, false},
		"one of two":               {[]string{"10.0.0.0/8"}, []string{"10.0.0.0/9", "192.0.2.0/24"}, false},
		"the other family":         {[]string{"0.0.0.0/0"}, []string{"2001:db8::/32"}, false},
		"IPv4 in an IPv6 spelling": {[]string{"0.0.0.0/0"}, []string{"::ffff:10.0.0.0/104"}, false},
		"both families":            {[]string{"::/0", "0.0.0.0/0"}, []string{"2001:db8::/32", "192.0.2.1"}, true},
		"none in none":             {nil, nil, true},
		"none in some":             {[]string{"10.0.0.0/8"}, nil, true},
		"some in none":             {nil, []string{"10.0.0.0/8"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := addresses(t, test.cidrs...).Contain(addresses(t, test.others...)); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestAddressesSubtract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ cidrs, others, want []string }{
		"a half":           {[]string{"10.0.0.0/8"}, []string{"10.0.0.0/9"}, []string{"10.128.0.0/9"}},
		"the middle":       {[]string{"10.0.0.0/22"}, []string{"10.0.1.0/24"}, []string{"10.0.0.0/24", "10.0.2.0/23"}},
		"two parts":        {[]string{"10.0.0.0/22"}, []string{"10.0.3.0/24", "10.0.0.0/24"}, []string{"10.0.1.0/24", "10.0.2.0/24"}},
		"everything":       {[]string{"10.0.0.0/8", "192.0.2.0/24"}, []string{"0.0.0.0/0"}, []string{}},
		"itself":           {[]string{"10.0.0.0/8"}, []string{"10.0.0.0/8"}, []string{}},
		"nothing":          {[]string{"10.128.0.0/9", "10.0.0.0/9"}, nil, []string{"10.0.0.0/8"}},
		"neighbours":       {[]string{"10.0.0.0/8"}, []string{"9.0.0.0/8", "11.0.0.0/8"}, []string{"10.0.0.0/8"}},
		"from nothing":     {nil, []string{"10.0.0.0/8"}, []string{}},
		"the other family": {[]string{"10.0.0.0/8"}, []string{"::/0"}, []string{"10.0.0.0/8"}},
		"both families":    {[]string{"0.0.0.0/0", "::/0"}, []string{"128.0.0.0/1", "::/1"}, []string{"0.0.0.0/1", "8000::/1"}},
		"an address":       {[]string{"192.0.2.0/30"}, []string{"192.0.2.1"}, []string{"192.0.2.0/32", "192.0.2.2/31"}},
		"more than there":  {[]string{"10.0.0.0/9", "192.0.2.0/24"}, []string{"10.0.0.0/8", "192.0.2.128/25"}, []string{"192.0.2.0/25"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := addresses(t, test.cidrs...).Subtract(addresses(t, test.others...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.CIDRs()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// 2^11 lone addresses leave as many gaps of dozens of networks each.
func TestSubtractTooMuch(t *testing.T) {
	t.Parallel()
	var lone []string
	for i := range 1 << 11 {
		lone = append(lone, fmt.Sprintf("2001:db8:%x::1", i))
	}
	if got, err := addresses(t, "2001:db8::/32").Subtract(addresses(t, lone...)); err == nil || err.Error() != "the result has more than 100000 CIDRs" {
		t.Errorf("%v, %d CIDRs", err, len(got))
	}
}

func addresses(t *testing.T, cidrs ...string) Addresses {
	t.Helper()
	read, err := ReadAddresses("cidrs", cidrs)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func BenchmarkMergeCIDRs(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("%d CIDRs", n), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			cidrs := make([]string, n)
			for i := range cidrs {
				cidrs[i] = fmt.Sprintf("10.%d.%d.%d/31", random.UintN(4), random.UintN(256), random.UintN(128)<<1)
			}
			for b.Loop() {
				if _, err := mergeCIDRs(cidrs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
