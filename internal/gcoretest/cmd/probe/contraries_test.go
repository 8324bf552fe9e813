package main

import (
	"maps"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// contraries are APIs by the assumption that does not hold for them.
func contraries() map[string]contrary {
	return merged(contraryConfigs(), contraryGroups(), contraryRules(), contraryPatches(), contraryTasks(), contraryAnswers())
}

func merged(parts ...map[string]contrary) map[string]contrary {
	all := map[string]contrary{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// contraryConfigs are what the fake itself can do otherwise.
func contraryConfigs() map[string]contrary {
	described := gcoretest.DefaultRules()
	for i := range described {
		described[i].Description = new("automatic")
	}
	return map[string]contrary{
		"default-template: fewer rules": {
			config: gcoretest.Config{DefaultRules: gcoretest.DefaultRules()[:2]}, want: "missing: ingress IPv4 icmp, ",
		},
		"default-template: described": {
			config: gcoretest.Config{DefaultRules: described}, want: `has the description "automatic", not null`,
			also: []string{"patch-match"},
		},
		"default-egress": {
			config: gcoretest.Config{AddDefaultEgress: true}, want: "unexpected: egress IPv4, egress IPv6",
		},
		"host-bits: masked": {config: gcoretest.Config{HostBits: gcoretest.HostBitsMask}, want: "stored as 10.0.0.0/8"},
		"host-bits: kept":   {config: gcoretest.Config{HostBits: gcoretest.HostBitsKeep}, want: "stored as 10.0.0.1/8"},
		"ipencap":           {config: gcoretest.Config{IPEncapAsIPIP: true}, want: "ipencap is stored as ipip"},
		"names: unique":     {config: gcoretest.Config{UniqueNames: true}, want: "409 ConflictError"},
		"locks": {
			config: gcoretest.Config{LockGroups: true}, want: "a second write meanwhile: ", also: []string{"patch-time"},
		},
		"limits": {config: gcoretest.Config{RuleLimit: 100}, want: "409 QuotaLimitExceed"},
	}
}
