package rule_test

import (
	"fmt"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// BenchmarkKey is the identity of one rule, with and without a prefix to read.
func BenchmarkKey(b *testing.B) {
	for _, prefix := range []string{"", "0.0.0.0/0", "10.1.2.0/24", "2001:DB8::/32"} {
		b.Run(fmt.Sprintf("prefix %q", prefix), func(b *testing.B) {
			r := rule.Rule{Direction: "ingress", Protocol: "tcp", PortRangeMin: new(int64(443)), PortRangeMax: new(int64(443)), RemoteIPPrefix: prefix}
			b.ReportAllocs()
			for b.Loop() {
				if r.Key() == (rule.Key{}) {
					b.Fatal("no key")
				}
			}
		})
	}
}

// BenchmarkLint judges as many rules as a group takes, in the shapes that cost most.
func BenchmarkLint(b *testing.B) {
	shapes := map[string]func(i int) (cidr string, first, last int64){
		"no findings":   func(i int) (string, int64, int64) { return fmt.Sprintf("10.%d.0.0/24", i), 443, 443 },
		"all shadowed":  func(i int) (string, int64, int64) { return fmt.Sprintf("10.0.0.0/%d", 8+i/16), 443, int64(443 + i%16) },
		"all mergeable": func(i int) (string, int64, int64) { return fmt.Sprintf("10.0.%d.0/24", i), 443, 443 },
		"every overlaps": func(i int) (string, int64, int64) {
			return fmt.Sprintf("10.0.0.0/%d", 8+i/16), int64(1 + i), int64(300 + i)
		},
	}
	for name, shape := range shapes {
		b.Run(name, func(b *testing.B) {
			rules := map[string]rule.Given{}
			for i := range rule.GroupLimit {
				cidr, first, last := shape(i)
				rules[fmt.Sprint("r", i)] = rule.Given{
					Direction: new("ingress"), Protocol: new("tcp"), PortRangeMin: &first, PortRangeMax: &last, RemoteIPPrefix: &cidr,
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, known := rule.Lint(rules); !known {
					b.Fatal("nothing is unknown")
				}
			}
		})
	}
}
