// Package policies tests the policies with the OPA module, which the provider does not depend on.
package policies

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

var reformat = flag.Bool("update", false, "format the policies")

const directory = "../../policies/"

// The policies are written as `opa fmt` writes them.
func TestFormat(t *testing.T) {
	t.Parallel()
	for name, text := range modules(t) {
		formatted, err := format.SourceWithOpts(name, []byte(text), format.Opts{RegoVersion: ast.RegoV1})
		switch {
		case err != nil:
			t.Error(err)
		case string(formatted) == text:
		case *reformat:
			if err := os.WriteFile(directory+name, formatted, 0o600); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is not formatted: go test . -update does it", name)
		}
	}
}

// modules are the policies by their names.
func modules(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(directory + "*.rego")
	if err != nil || len(files) == 0 {
		t.Fatal("no policies", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = string(read(t, file))
	}
	return texts
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parsed is the value of a text in JSON.
func parsed[T any](t *testing.T, text []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// judgement is what the policies say of a plan.
type judgement struct {
	Deny, Warn []string
	// Opened are the services that are open, by the rules that open them.
	Opened map[string][]string
}

// judging prepares the policies with other data beside them.
func judging(t *testing.T, data map[string]any) func(t *testing.T, plan any) judgement {
	t.Helper()
	options := []func(*rego.Rego){
		rego.Query("data.gcore"), rego.Store(inmem.NewFromObject(data)), rego.Strict(true), rego.StrictBuiltinErrors(true),
	}
	for name, text := range modules(t) {
		options = append(options, rego.Module(name, text))
	}
	prepared, err := rego.New(options...).PrepareForEval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, plan any) judgement {
		t.Helper()
		results, err := prepared.Eval(t.Context(), rego.EvalInput(plan))
		if err != nil || len(results) != 1 {
			t.Fatal(results, err)
		}
		text, err := json.Marshal(results[0].Expressions[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		said := parsed[judgement](t, text)
		slices.Sort(said.Deny)
		slices.Sort(said.Warn)
		return said
	}
}

// expect compares messages with those that are wanted, by their beginnings.
func expect(t *testing.T, rule string, got, want []string) {
	t.Helper()
	same := len(got) == len(want)
	for i := range got {
		same = same && strings.HasPrefix(got[i], want[i])
	}
	if !same {
		t.Errorf("%s says\n  %s\nwant\n  %s", rule, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func plan(t *testing.T, name string) map[string]any {
	t.Helper()
	return parsed[map[string]any](t, read(t, "testdata/"+name+"/plan.json"))
}

// A plan without an open port and without unknown values has nothing to say about.
func TestCleanPlan(t *testing.T) {
	t.Parallel()
	said := judging(t, map[string]any{})(t, plan(t, "clean"))
	expect(t, "deny", said.Deny, nil)
	expect(t, "warn", said.Warn, nil)
}

const advice = " Name the networks that need it in remote_ip_prefix."

// An open ssh port is denied, and so is every other way to let everybody reach an administrator's port.
func TestOpenPlan(t *testing.T) {
	t.Parallel()
	said := judging(t, map[string]any{})(t, plan(t, "open"))
	expect(t, "deny", said.Deny, []string{
		`Open to everybody: Cassandra (9042), ClickHouse (8123), CouchDB (5984), Docker (2375), Docker (2376) and 26 more, by gcore_cloud_security_group_rule_set.database.rules["all"].` + advice,
		`Open to everybody: Redis (6379), by module.child["a"].gcore_cloud_security_group.cache.rules["high"].` + advice,
		`Open to everybody: Redis (6379), by module.child["b"].gcore_cloud_security_group.cache.rules["high"].` + advice,
		`Open to everybody: rdp (3389), by gcore_cloud_security_group_rule.half["0.0.0.0/1"], gcore_cloud_security_group_rule.half["128.0.0.0/1"].` + advice,
		`Open to everybody: ssh (22) and rdp (3389), by the API's own rules, which keep_default_rules leaves in gcore_cloud_security_group.template. Write rules.`,
		`Open to everybody: ssh (22), by gcore_cloud_security_group.web.rules["ssh"].` + advice,
	})
	expect(t, "warn", said.Warn, []string{
		`Rules not managed: gcore_cloud_security_group.template has neither rules nor a rule set, nor standalone rules.`,
	})
}

// What is known only at apply is neither guessed nor passed over.
func TestUnknownPlan(t *testing.T) {
	t.Parallel()
	said := judging(t, map[string]any{})(t, plan(t, "unknown"))
	expect(t, "deny", said.Deny, []string{`Open to everybody: rdp (3389), by module.child.gcore_cloud_security_group_rule.rdp.` + advice})
	expect(t, "warn", said.Warn, []string{
		`Known only at apply: ethertype, remote_ip_prefix of gcore_cloud_security_group.web.rules["ssh"], and so whether everybody can reach ssh (22).`,
		`Known only at apply: ethertype, remote_ip_prefix of module.child.gcore_cloud_security_group_rule.ssh, and so whether everybody can reach ssh (22).`,
		`Known only at apply: keep_default_rules of gcore_cloud_security_group.template, and so whether everybody can reach ssh (22) and rdp (3389).`,
		`Known only at apply: remote_group_id, remote_ip_prefix of gcore_cloud_security_group.database.rules["postgres"], and so whether everybody can reach PostgreSQL (5432).`,
		`Known only at apply: the group of module.child.gcore_cloud_security_group_rule.rdp.`,
		`Known only at apply: the group of module.child.gcore_cloud_security_group_rule.ssh.`,
		`Known only at apply: the rules of gcore_cloud_security_group.keys.`,
	})
}

// Rules that go, and a half of the Internet that joins one that is there.
func TestChangePlan(t *testing.T) {
	t.Parallel()
	said := judging(t, map[string]any{})(t, plan(t, "change"))
	expect(t, "deny", said.Deny, []string{
		`Open to everybody: ssh (22), by gcore_cloud_security_group_rule.other_half, gcore_cloud_security_group_rule.ssh.` + advice,
	})
	expect(t, "warn", said.Warn, []string{
		`Changes rules: gcore_cloud_security_group.web.rules["ssh"].`,
		`Destroys gcore_cloud_security_group.gone, with its rules rdp.`,
		`Destroys gcore_cloud_security_group_rule.metrics.`,
		`Known only at apply: whether these rules go: gcore_cloud_security_group.web.rules["again"].`,
		`Removes rules: gcore_cloud_security_group.web.rules["http"].`,
		`Rules not managed: gcore_cloud_security_group.unmanaged has neither rules nor a rule set, nor standalone rules. Those of before stay in the cloud as they are.`,
	})
}

type object = map[string]any

// change is a resource in a plan.
func change(kind, name string, after object, more ...object) object {
	inner := object{"actions": []any{"create"}, "before": nil, "after": after, "after_unknown": object{"id": true}}
	for _, parts := range more {
		maps.Copy(inner, parts)
	}
	return object{"address": "gcore_cloud_security_group" + kind + "." + name, "mode": "managed", "type": "gcore_cloud_security_group" + kind, "change": inner}
}

func planOf(changes ...any) object {
	return object{"configuration": object{"root_module": object{}}, "resource_changes": changes}
}

// The policies find the same ports open as the provider does, in each form in which rules are declared.
func TestSameJudgement(t *testing.T) {
	t.Parallel()
	cases := parsed[[]struct {
		Rules object
		Open  []string
	}](t, read(t, "testdata/rules.json"))
	judge := judging(t, object{})
	for i, one := range cases {
		var singles []any
		for key, values := range one.Rules {
			values, _ := values.(object)
			single := maps.Clone(values)
			single["group_id"] = "g"
			if single["self"] != true { // which a single rule does not have
				singles = append(singles, change("_rule", key, single))
			}
		}
		for form, plan := range map[string]object{
			"a group": planOf(change("", "web", object{"rules": one.Rules})), "a rule set": planOf(change("_rule_set", "web", object{"group_id": "g", "rules": one.Rules})),
			"single rules": planOf(singles...),
		} {
			open := map[string]bool{}
			for _, services := range judge(t, plan).Opened {
				for _, service := range services {
					open[service] = true
				}
			}
			if got := slices.Sorted(maps.Keys(open)); !slices.Equal(got, slices.Sorted(slices.Values(one.Open))) {
				t.Fatalf("case %d as %s: %v is open, want %v: %v", i, form, got, one.Open, one.Rules)
			}
		}
	}
}

// ssh are rules of a group, of which one is for ssh from everywhere with other attributes.
func ssh(attributes object) object {
	rule := object{
		"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0",
		"remote_group_id": nil, "self": false, "description": "",
	}
	maps.Copy(rule, attributes)
	maps.DeleteFunc(rule, func(_ string, value any) bool { return value == "unknown" })
	return object{"rules": object{"ssh": rule}}
}

// single is that rule by itself.
func single(attributes object) object {
	rule, _ := ssh(attributes)["rules"].(object)["ssh"].(object)
	return with(rule, "group_id", "g")
}

// update is a change of what was there before.
func update(before object) object { return object{"actions": []any{"update"}, "before": before} }

func TestRules(t *testing.T) {
	t.Parallel()
	const open = `Open to everybody: ssh (22), by gcore_cloud_security_group.web.rules["ssh"].`
	const all = "Open to everybody: Cassandra (9042), ClickHouse"
	office := object{"remote_ip_prefix": "10.0.0.0/8"}
	unknown := func(names ...string) object {
		all := object{}
		for _, name := range names {
			all[name] = true
		}
		return object{"after_unknown": object{"rules": object{"ssh": all}}}
	}
	const keeping = "Known only at apply: keep_default_rules of gcore_cloud_security_group.web, and so whether everybody can reach ssh (22) and rdp (3389)."
	unknownKeeping := object{"after_unknown": object{"keep_default_rules": true}}
	tests := map[string]struct {
		change     object
		deny, warn []string
	}{
		"ssh":                      {change("", "web", ssh(nil)), []string{open}, nil},
		"of IPv6":                  {change("", "web", ssh(object{"ethertype": "IPv6", "remote_ip_prefix": "::/0"})), []string{open}, nil},
		"no remote, as of old":     {change("", "web", ssh(object{"remote_ip_prefix": nil})), []string{open}, nil},
		"no remote, IPv6":          {change("", "web", ssh(object{"ethertype": "IPv6", "remote_ip_prefix": nil})), []string{open}, nil},
		"any protocol":             {change("", "web", ssh(object{"protocol": "any", "port_range_min": nil, "port_range_max": nil})), []string{all}, nil},
		"no protocol, as of old":   {change("", "web", ssh(object{"protocol": nil, "port_range_min": nil, "port_range_max": nil})), []string{all}, nil},
		"no ports, as of old":      {change("", "web", ssh(object{"port_range_min": nil, "port_range_max": nil})), []string{all}, nil},
		"all that is public":       {change("", "web", ssh(object{"remote_ip_prefix": "2000::/3"})), []string{open}, nil},
		"one address":              {change("", "web", ssh(object{"remote_ip_prefix": "203.0.113.7"})), nil, nil},
		"one address of IPv6":      {change("", "web", ssh(object{"remote_ip_prefix": "2001:db9::7"})), nil, nil},
		"a private network":        {change("", "web", ssh(object{"remote_ip_prefix": "10.0.0.0/8"})), nil, nil},
		"egress":                   {change("", "web", ssh(object{"direction": "egress"})), nil, nil},
		"a group":                  {change("", "web", ssh(object{"remote_ip_prefix": nil, "remote_group_id": "g"})), nil, nil},
		"self":                     {change("", "web", ssh(object{"remote_ip_prefix": nil, "self": true})), nil, nil},
		"no change":                {change("", "web", ssh(nil), object{"actions": []any{"no-op"}, "before": ssh(nil)}), []string{open}, nil},
		"a destroyed group":        {change("", "web", nil, object{"actions": []any{"delete"}, "before": ssh(nil)}), nil, []string{"Destroys gcore_cloud_security_group.web, with its rules ssh."}},
		"a replaced group":         {change("", "web", ssh(nil), object{"actions": []any{"delete", "create"}, "before": ssh(nil)}), []string{open}, []string{"Replaces gcore_cloud_security_group.web, with its rules ssh."}},
		"a rule set that stays":    {change("_rule_set", "web", nil, object{"actions": []any{"delete"}, "before": object{"on_destroy": "keep", "rules": object{}}}), nil, nil},
		"a rule set that removes":  {change("_rule_set", "web", nil, object{"actions": []any{"delete"}, "before": with(ssh(nil), "on_destroy", "remove")}), nil, []string{"Destroys gcore_cloud_security_group_rule_set.web, with its rules ssh."}},
		"an unknown remote":        {change("", "web", ssh(object{"remote_ip_prefix": "unknown"}), unknown("remote_ip_prefix")), nil, []string{`Known only at apply: remote_ip_prefix of gcore_cloud_security_group.web.rules["ssh"], and so whether everybody can reach ssh (22).`}},
		"an unknown port":          {change("", "web", ssh(object{"port_range_max": "unknown"}), unknown("port_range_max")), nil, []string{`Known only at apply: port_range_max of`}},
		"an unknown one, private":  {change("", "web", ssh(object{"port_range_max": "unknown", "remote_ip_prefix": "10.0.0.0/8"}), unknown("port_range_max")), nil, nil},
		"an unknown one, beyond":   {change("", "web", ssh(object{"port_range_max": "unknown", "port_range_min": 50000}), unknown("port_range_max")), nil, nil},
		"an unknown protocol":      {change("", "web", ssh(object{"protocol": "unknown"}), unknown("protocol")), nil, []string{`Known only at apply: protocol of`}},
		"an unknown direction":     {change("", "web", ssh(object{"direction": "unknown"}), unknown("direction")), nil, []string{`Known only at apply: direction of`}},
		"an unknown description":   {change("", "web", ssh(object{"description": "unknown"}), unknown("description")), []string{open}, nil},
		"a group, perhaps":         {change("", "web", ssh(object{"remote_ip_prefix": nil, "remote_group_id": "unknown"}), unknown("remote_group_id")), nil, []string{`Known only at apply: remote_group_id of`}},
		"an unknown rule":          {change("", "web", object{"rules": object{}}, object{"after_unknown": object{"rules": object{"ssh": true}}}), nil, []string{`Known only at apply: direction, ethertype, port_range_max,`}},
		"unknown rules":            {change("", "web", object{}, object{"after_unknown": object{"rules": true}}), nil, []string{`Known only at apply: the rules of gcore_cloud_security_group.web.`}},
		"unknown rules, of before": {change("", "web", object{}, object{"actions": []any{"update"}, "before": ssh(nil), "after_unknown": object{"rules": true}}), nil, []string{`Known only at apply: the rules of`, `Known only at apply: whether these rules go: gcore_cloud_security_group.web.rules["ssh"].`}},
		"another spelling":         {change("", "web", ssh(object{"remote_ip_prefix": "10.0.0.0/8"}), update(ssh(object{"remote_ip_prefix": "10.0.0.0/8", "description": "x"}))), nil, nil},
		"all protocols, by a word": {change("", "web", ssh(object{"remote_ip_prefix": "10.0.0.0/8", "protocol": nil}), update(ssh(object{"remote_ip_prefix": "10.0.0.0/8", "protocol": "any"}))), nil, nil},
		"a single rule, changed":   {change("_rule", "ssh", single(nil), update(single(object{"remote_ip_prefix": "10.0.0.0/8"}))), []string{`Open to everybody: ssh (22), by gcore_cloud_security_group_rule.ssh.`}, []string{`Changes rules: gcore_cloud_security_group_rule.ssh.`}},
		"a single rule, described": {change("_rule", "ssh", single(office), update(single(with(object{"description": "x"}, "remote_ip_prefix", "10.0.0.0/8")))), nil, nil},
		"another group":            {change("_rule", "ssh", single(office), update(with(single(office), "group_id", "old"))), nil, []string{`Changes the group: gcore_cloud_security_group_rule.ssh.`}},
		"an unknown group":         {change("_rule_set", "web", object{"rules": object{}}, update(object{"group_id": "old", "rules": object{}}), object{"after_unknown": object{"group_id": true}}), nil, []string{`Changes the group: gcore_cloud_security_group_rule_set.web, to one that is known only at apply.`, `Known only at apply: the group of`}},
		"rules of none":            {change("", "web", object{"rules": object{}}), nil, nil},
		"the API's own, perhaps":   {change("", "web", object{"rules": nil}, unknownKeeping), nil, []string{keeping, "Rules not managed: gcore_cloud_security_group.web has"}},
		"of a group that exists":   {change("", "web", object{"rules": nil}, update(object{"rules": nil}), unknownKeeping), nil, []string{"Rules not managed: gcore_cloud_security_group.web has"}},
		"of a replaced group":      {change("", "web", object{"rules": object{}}, object{"actions": []any{"delete", "create"}, "before": object{"rules": object{}}}, unknownKeeping), nil, []string{keeping, "Replaces gcore_cloud_security_group.web"}},
		"not managed":              {change("", "web", object{"rules": nil}), nil, []string{"Rules not managed: gcore_cloud_security_group.web has"}},
		"the vendor's list":        {change("", "web", object{"rules": []any{object{"direction": "ingress"}}}), nil, nil},
	}
	judge := judging(t, object{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for way, plan := range map[string]object{"by itself": planOf(test.change), "in HCP Terraform": {"plan": planOf(test.change), "run": object{}}} {
				said := judge(t, plan)
				expect(t, "deny, "+way, said.Deny, test.deny)
				expect(t, "warn, "+way, said.Warn, test.warn)
			}
		})
	}
}

// with adds an attribute.
func with(values object, name string, value any) object {
	values[name] = value
	return values
}

// Single rules of a new group are judged together if the configuration tells that it is one group.
func TestReferredGroup(t *testing.T) {
	t.Parallel()
	const group = "gcore_cloud_security_group.web"
	judge := judging(t, object{})
	for name, test := range map[string]struct {
		references []any
		together   bool
	}{
		"one group":           {[]any{group + ".id", group}, true},
		"one of several":      {[]any{group + "[0].id", group + "[0]", group}, true},
		"one by its key":      {[]any{group + `["a"].id`, group + `["a"]`, group}, true},
		"any of several":      {[]any{group, "each.key"}, false},
		"one of two":          {[]any{group + ".id", group, "gcore_cloud_security_group.db.id", "gcore_cloud_security_group.db", "var.which"}, false},
		"a variable":          {[]any{"var.group_id"}, false},
		"another one's value": {[]any{"terraform_data.web.id", "terraform_data.web"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			half := func(key, cidr string) object {
				rule := change("_rule", "half", with(single(object{"remote_ip_prefix": cidr}), "group_id", nil), object{"after_unknown": object{"group_id": true}})
				rule["address"], rule["module_address"] = `module.a["x"].module.b.gcore_cloud_security_group_rule.half["`+key+`"]`, `module.a["x"].module.b`
				return rule
			}
			plan := planOf(half("[lower].id", "0.0.0.0/1"), half(`\"upper\"`, "128.0.0.0/1"))
			resources := []any{object{"address": "gcore_cloud_security_group_rule.half", "expressions": object{"group_id": object{"references": test.references}}}}
			module := func(name string, inner object) object {
				return object{"module_calls": object{name: object{"module": inner}}}
			}
			plan["configuration"] = object{"root_module": module("a", module("b", object{"resources": resources}))}
			said := judge(t, plan)
			if (len(said.Deny) == 1) != test.together || (len(said.Warn) == 0) != test.together {
				t.Errorf("%v", said)
			}
		})
	}
}

// A state, or anything else, does not pass for a plan without changes.
func TestNoPlan(t *testing.T) {
	t.Parallel()
	for _, input := range []any{object{}, object{"format_version": "1.0", "values": object{}}, nil, []any{}} {
		expect(t, "deny", judging(t, object{})(t, input).Deny, []string{"Not a plan. Write it with terraform plan"})
	}
}

// Data may exempt a resource.
func TestExempt(t *testing.T) {
	t.Parallel()
	plan := planOf(change("", "web", ssh(nil)), change("", "template", object{"keep_default_rules": true, "rules": object{}}))
	late := planOf(change("", "template", object{"rules": object{}}, object{"after_unknown": object{"keep_default_rules": true}}))
	for address, count := range map[string]int{"gcore_cloud_security_group.web": 1, "gcore_cloud_security_group.template": 1, "other": 2} {
		judge := judging(t, object{"gcore_exempt": []any{address}})
		if said := judge(t, late); (len(said.Warn) == 0) != (address == "gcore_cloud_security_group.template") {
			t.Errorf("%s is exempt: %v", address, said.Warn)
		}
		if said := judge(t, plan); len(said.Deny) != count {
			t.Errorf("%s is exempt: %v", address, said.Deny)
		}
	}
}
