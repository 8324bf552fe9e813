package main

// The account of the demo. The fake knows every project and region.
const (
	project = 1
	region  = 76
)

// initialize comes first where the provider is installed from a release's archive.
var initialize = step{
	title:     "Install the provider",
	why:       "The archive is in a filesystem mirror, the only place that the CLI configuration names.",
	arguments: []string{"init"},
}

// tour lists the steps. What the cloud has to hold after them is written out here from examples/demo by hand: taken from
// Terraform's state it would only repeat what the provider believes.
func tour() []step {
	plan := []string{"plan", "-detailed-exitcode"}
	changed := []string{"-var=office=198.51.100.0/24", "-var=stage=production"}
	return []step{
		{
			title: "Create two groups and their rules",
			why: "Inline rules go along with the request that makes their group. The rule that names its own group " +
				"needs the group's id, so one update follows.",
			arguments: []string{"apply", "-auto-approve"}, outline: true,
			after: []func(*demo) error{cloudHolds(created)},
		},
		{
			title:     "Plan again",
			why:       "Everything is read back from the cloud. What was declared is there, so there is nothing to do.",
			arguments: plan,
			after:     []func(*demo) error{onlyReads},
		},
		{
			title:     "Plan a change of one rule and one tag",
			why:       "Rules have names, so a change of one is one line of the plan and leaves the others out of it.",
			arguments: join(plan, changed, "-out=change.tfplan"), exit: 2,
			after: []func(*demo) error{onlyReads},
		},
		{
			title:     "Apply that plan",
			why:       "One request carries both changes. Rules that stay are sent as the cloud has them, so they stay.",
			arguments: []string{"apply", "change.tfplan"},
			after:     []func(*demo) error{cloudHolds(changedRules), keeps(6)},
		},
		{
			title:     "Plan again",
			why:       "The cloud is as declared: nothing to do.",
			arguments: join(plan, changed),
			after:     []func(*demo) error{onlyReads},
		},
		{
			title:  "Somebody opens SSH to the world in the portal",
			why:    "The next plan shows the rule that nobody declared, in full, and that an apply removes it.",
			before: openSSH, arguments: join(plan, changed, "-out=repair.tfplan"), exit: 2, pictured: true,
			after: []func(*demo) error{onlyReads},
		},
		{
			title:     "Apply that plan",
			why:       "The foreign rule goes, every declared one stays.",
			arguments: []string{"apply", "repair.tfplan"}, pictured: true,
			after: []func(*demo) error{cloudHolds(changedRules), keeps(7)},
		},
		{
			title:     "Destroy",
			why:       "Rules first, then their groups.",
			arguments: join([]string{"destroy", "-auto-approve"}, changed), outline: true,
			after: []func(*demo) error{nothingLeft},
		},
	}
}

// join makes a new list of arguments, which shares no memory with the first.
func join(arguments, more []string, last ...string) []string {
	return append(append(append([]string{}, arguments...), more...), last...)
}

const created = `
demo-database
  ingress  IPv4  icmp  -     from anywhere        Ping
  ingress  IPv4  tcp   5432  from group demo-web  PostgreSQL from the web servers
demo-web  stage=test  team=web
  egress   IPv4  tcp   443   to anywhere          HTTPS to anywhere
  egress   IPv4  udp   53    to anywhere          DNS
  ingress  IPv4  all   -     from group demo-web  Web servers reach each other
  ingress  IPv4  tcp   22    from 203.0.113.0/24  SSH from the office
  ingress  IPv4  tcp   443   from anywhere        HTTPS from anywhere
`

const changedRules = `
demo-database
  ingress  IPv4  icmp  -     from anywhere         Ping
  ingress  IPv4  tcp   5432  from group demo-web   PostgreSQL from the web servers
demo-web  stage=production  team=web
  egress   IPv4  tcp   443   to anywhere           HTTPS to anywhere
  egress   IPv4  udp   53    to anywhere           DNS
  ingress  IPv4  all   -     from group demo-web   Web servers reach each other
  ingress  IPv4  tcp   22    from 198.51.100.0/24  SSH from the office
  ingress  IPv4  tcp   443   from anywhere         HTTPS from anywhere
`
