package main

import (
	"maps"
	"time"

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
	described := gcoretest.EgressTemplate()
	for i := range described {
		described[i].Description = new("automatic")
	}
	undescribed := gcoretest.EgressTemplate()
	for i := range undescribed {
		undescribed[i].Description = nil
	}
	return map[string]contrary{
		"default-template: fewer rules": {
			config: gcoretest.Config{DefaultRules: gcoretest.DefaultRules()}, want: "missing: egress IPv4 ah, ",
		},
		"descriptions: automatic": {
			config: gcoretest.Config{DefaultRules: described}, want: `has the description "automatic", not an empty one`,
			also: []string{"patch-match", "revert"},
		},
		"descriptions: null": {
			config: gcoretest.Config{NullDescriptions: true, DefaultRules: undescribed}, want: `has the description "null"`,
			also: []string{"patch-match", "revert"},
		},
		"ipv6-icmp":    {config: gcoretest.Config{AcceptIPv6ICMP: true}, want: "icmp with IPv6 is accepted"},
		"port-25":      {config: gcoretest.Config{RefusePort25: true}, want: "400 ValidationError Opening egress port 25"},
		"task-data":    {config: gcoretest.Config{NoTaskData: true}, want: "has no name"},
		"clocks: date": {config: gcoretest.Config{DateOffset: -time.Minute}, want: "by the header Date was created at"},
		"clocks: objects": {
			config: gcoretest.Config{ObjectTimeOffset: time.Minute}, want: "by a task from",
		},
		"task-resources: none": {
			config: gcoretest.Config{EmptyTaskResources: true}, want: "of a group update are, FINISHED: 0 groups, 0 rules; not 1 groups, 0 rules",
		},
		"limits: conflict": {config: gcoretest.Config{Quota: gcoretest.Quota{Status: 409}}, want: "the 251st rule gets 409 QuotaLimitExceed"},
		"revisions: one":   {config: gcoretest.Config{FirstRevision: 1}, want: "has revision 1, not 2"},
		"early-refusal: in the task": {
			config: gcoretest.Config{RefuseInTask: true}, want: "is accepted, and its task ends in ERROR: Security group",
			also: []string{"neutron-words", "ipencap", "limits"},
		},
		"duplicate-race: all get in": {
			config: gcoretest.Config{AllowDuplicates: true, NoLock: true}, want: "of 4 equal rules sent at once 4 got in",
			also: []string{"neutron-words", "ipencap", "locks", "patch-time"},
		},
		"default-egress": {
			config: gcoretest.Config{AddDefaultEgress: true}, want: "unexpected: egress IPv4, egress IPv6",
		},
		"host-bits: masked": {config: gcoretest.Config{HostBits: gcoretest.HostBitsMask}, want: "stored as 10.0.0.0/8"},
		"host-bits: kept":   {config: gcoretest.Config{HostBits: gcoretest.HostBitsKeep}, want: "stored as 10.0.0.1/8"},
		"ipencap":           {config: gcoretest.Config{IPEncapAsIPIP: true}, want: "ipencap is stored as ipip"},
		"names: unique":     {config: gcoretest.Config{UniqueNames: true}, want: "409 ConflictError"},
		"locks": {
			config: gcoretest.Config{NoLock: true}, want: "while a task of the group runs, a rule is accepted", also: []string{"patch-time"},
		},
		"limits": {config: gcoretest.Config{RuleLimit: 100}, want: "400 QuotaLimitExceed"},
	}
}
