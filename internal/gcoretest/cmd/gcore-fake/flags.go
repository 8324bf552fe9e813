package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// settings is what the command line says.
type settings struct {
	config              gcoretest.Config
	log, stdin          bool
	defaultGroup        bool
	projectID, regionID int64
}

func parse(arguments []string, output io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("gcore-fake", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.config.Address, "listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 is a free one")
	flags.StringVar(&s.config.APIKey, "api-key", "test-key", "the `key` that clients must send")
	flags.DurationVar(&s.config.TaskDuration, "task-duration", 0, "how long a task takes")
	flags.DurationVar(&s.config.Latency, "latency", 0, "added to each answer")
	hostBits := flags.String("host-bits", "refuse", "CIDRs such as 10.0.0.1/8: refuse, keep or mask")
	flags.BoolVar(&s.config.IPEncapAsIPIP, "ipencap-as-ipip", false, "store and answer protocol ipencap as ipip")
	flags.BoolVar(&s.config.AddDefaultEgress, "default-egress", false,
		"add the default egress rules to a new group's rules if none of them is egress")
	flags.BoolVar(&s.config.Neutron, "neutron", false, "read rules as Neutron does, not by Gcore's contract")
	flags.IntVar(&s.config.GroupLimit, "group-limit", 0, "quota of groups, 0 for none")
	flags.IntVar(&s.config.RuleLimit, "rule-limit", 250, "rules that a group may hold")
	flags.BoolVar(&s.config.UniqueNames, "unique-names", false, "refuse a group's name that another group has")
	reading := flags.String("reading", "", "what is assumed of the API: live (as it was seen) or older; \"\" is the default of the package")
	flags.BoolVar(&s.config.LockGroups, "lock-groups", false, "refuse writes on a group that has an unfinished task, in the older reading too")
	flags.BoolVar(&s.config.NoLock, "no-lock", false, "let the tasks of a group run side by side")
	flags.IntVar(&s.config.RuleQuota, "rule-quota", 0, "quota of rules of all groups, 0 for none")
	flags.BoolVar(&s.config.RefuseInTask, "refuse-in-task", false, "refuse duplicates, limits and missing groups in the task")
	flags.BoolVar(&s.config.RefusePort25, "refuse-port-25", false, "refuse egress to port 25")
	flags.BoolVar(&s.defaultGroup, "default-group", false, "begin with the group default in -project and -region")
	flags.Int64Var(&s.projectID, "project", 1, "`id` of the project of -default-group")
	flags.Int64Var(&s.regionID, "region", 1, "`id` of the region of -default-group")
	flags.BoolVar(&s.log, "log", false, "print one line per request")
	flags.BoolVar(&s.stdin, "stdin", false, "end when standard input ends")
	if err := flags.Parse(arguments); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	var err error
	if s.config.HostBits, err = parseHostBits(*hostBits); err != nil {
		return settings{}, err
	}
	s.config.Reading, err = parseReading(*reading)
	return s, err
}

func parseReading(text string) (gcoretest.Reading, error) {
	switch text {
	case "":
		return gcoretest.DefaultReading, nil
	case "live":
		return gcoretest.Live, nil
	case "older":
		return gcoretest.Older, nil
	}
	return 0, fmt.Errorf("-reading %q: must be live or older", text)
}

func parseHostBits(text string) (gcoretest.HostBits, error) {
	switch text {
	case "refuse":
		return gcoretest.HostBitsRefuse, nil
	case "keep":
		return gcoretest.HostBitsKeep, nil
	case "mask":
		return gcoretest.HostBitsMask, nil
	}
	return 0, fmt.Errorf("-host-bits %q: must be refuse, keep or mask", text)
}
