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
