package rule

import "testing"

func TestAttributeAdvice(t *testing.T) {
	t.Parallel()
	const all = "A rule takes direction, port_range_min, port_range_max, remote_ip_prefix and self."
	names := []string{"direction", "port_range_min", "port_range_max", "remote_ip_prefix", "self"}
	words := map[string]string{"port": "port_range_min and port_range_max", "cidr": "remote_ip_prefix", "port_group": "self"}
	for given, want := range map[string]string{
		"remote_ip_prefx": "Write remote_ip_prefix.", "remote_ip_perfix": "Write remote_ip_prefix.", "remoteipprefix": "Write remote_ip_prefix.",
		"Direction": "Write direction.", "DIRECTIONS": "Write direction.", "slef": "Write self.", "sel": "Write self.",
		"port_range_mn": "Write port_range_min.",
		// Two are as near.
		"port_range_m": "Write port_range_min and port_range_max.", "port_range": "Write port_range_min and port_range_max.",
		"port": "Write port_range_min and port_range_max.", "dst_PORT": "Write port_range_min and port_range_max.", "source_cidrs": "Write remote_ip_prefix.",
		"port_groups": "Write self.",
		"id":          all, "": all, "x": all, "übung": all,
	} {
		if got := AttributeAdvice(given, "A rule", names, words); got != want {
			t.Errorf("%q: %s\nwant %s", given, got, want)
		}
	}
}
