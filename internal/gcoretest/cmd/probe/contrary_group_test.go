package main

import (
	"net/http"
	"strings"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func contraryGroups() map[string]contrary {
	return map[string]contrary{
		"group-deletion": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == deleteGroup && g.status == http.StatusNoContent {
					g.status, g.body = http.StatusOK, map[string]any{"tasks": []string{}}
				}
			},
			want: "the answer is 200",
		},
		"group-description": {
			request: func(_ *http.Request, body map[string]any) {
				if text, ok := body["description"].(string); ok && len([]rune(text)) > 255 {
					body["description"] = string([]rune(text)[:255])
				}
			},
			want: "a description of 256 characters is accepted",
		},
		"names: a second group": {
			answer: func(_ cloud, a asked, g *given) {
				if name, _ := a.body["name"].(string); a.route == createGroup && name == "Default" {
					g.refuse(http.StatusBadRequest, "ValidationError")
				}
			},
			want: "a new group Default gets 400",
		},
		"names: renamed": {
			request: func(r *http.Request, body map[string]any) {
				if body["name"] == "Default" && r.Method == http.MethodPatch {
					body["name"] = "Fault"
				}
			},
			want: "the new name Default is accepted",
		},
		"names: made": {
			request: func(r *http.Request, body map[string]any) {
				if body["name"] == "Default" && r.Method == http.MethodPost {
					body["name"] = "Fault"
				}
			},
			want: "a new group Default is accepted",
		},
		"remote-cascade: refused": {answer: refuseFirstDeletion("-remote"), want: "409 SecurityGroupInUse"},
		"remote-cascade: counted": {
			answer: func(_ cloud, a asked, g *given) {
				if revision, ok := g.body["revision_number"].(float64); ok && a.route == readGroup {
					g.body["revision_number"] = 2 * revision
				}
			},
			want: "count for 2 revisions",
		},
		"revert": {
			answer: func(_ cloud, a asked, g *given) {
				if rules, ok := g.body["security_group_rules"].([]any); ok && a.route == revertGroup {
					g.body["security_group_rules"] = rules[1:]
				}
			},
			want: "a reverted group has not the rules of the group default",
		},
		"revisions": {
			answer: func(_ cloud, a asked, g *given) {
				if revision, ok := g.body["revision_number"].(float64); ok && a.route == readGroup {
					g.body["revision_number"] = revision + 1
				}
			},
			want: "a new group with 0 rules has revision 3, not 2",
		},
	}
}

// refuseFirstDeletion says no to the first deletion of the group whose name ends like this.
func refuseFirstDeletion(suffix string) func(cloud, asked, *given) {
	refused := map[string]bool{}
	names := map[string]string{}
	return func(_ cloud, a asked, g *given) {
		if name, ok := g.body["name"].(string); ok && a.route == readGroup {
			names[a.id] = name
		}
		if a.route == deleteGroup && strings.HasSuffix(names[a.id], suffix) && !refused[a.id] {
			refused[a.id] = true
			g.refuse(http.StatusConflict, "SecurityGroupInUse")
		}
	}
}

func contraryRules() map[string]contrary {
	return map[string]contrary{
		"neutron-words: class": {
			answer: func(_ cloud, _ asked, g *given) {
				if g.body["exception_class"] == "SecurityGroupInvalidPortValue" {
					g.body["exception_class"] = "BadRequest"
				}
			},
			want: "port 0 gets 400 BadRequest Invalid value",
		},
		"neutron-words: text": {
			answer: func(_ cloud, _ asked, g *given) {
				if g.body["exception_class"] == "SecurityGroupRuleExists" {
					g.body["message"] = "It exists."
				}
			},
			want: "a rule that is there gets 409 SecurityGroupRuleExists It exists.",
		},
		"neutron-words: fields": {
			answer: func(_ cloud, _ asked, g *given) {
				if fields, ok := g.body["invalid_fields"].(map[string]any); ok {
					fields["rules[0].direction"] = fields["rules.0.direction"]
					delete(fields, "rules.0.direction")
				}
			},
			want: "none of its invalid_fields",
		},
		"full-range": {
			request: func(_ *http.Request, body map[string]any) {
				for _, rule := range rulesOf(body, "rules") {
					if rule["port_range_max"] == 65535.0 && rule["protocol"] == "gre" {
						rule["port_range_max"] = 65534
					}
				}
			},
			want: "400 SecurityGroupInvalidProtocolForPort",
		},
		"early-refusal": {answer: acceptUnknownGroup, want: "the rule creation is accepted, and its task ends in ERROR: too late"},
		"late-refusal: words": {
			answer: func(_ cloud, a asked, g *given) {
				if text, _ := g.body["error"].(string); a.route == pollTask && strings.HasPrefix(text, "Security group ") {
					g.body["error"] = "Remote group gone"
				}
			},
			want: `with the words "Remote group gone"`,
		},
		"late-refusal: half done": {
			answer: func(c cloud, a asked, g *given) {
				text, _ := g.body["error"].(string)
				if a.route != pollTask || !strings.HasPrefix(text, "Security group ") {
					return
				}
				for _, bench := range c.Groups(1, 76) {
					if strings.HasSuffix(bench.Name, "-bench") {
						c.ChangeGroup(bench.ID, func(g *gcoretest.Group) { g.Description = "never" })
					}
				}
			},
			want: `whose task failed changed its group: description "never"`,
		},
		"duplicate-race": {
			answer: func(_ cloud, a asked, g *given) {
				for _, rule := range rulesOf(g.body, "security_group_rules") {
					if rule["port_range_min"] == 4444.0 && a.route == readGroup {
						g.body["security_group_rules"] = append(g.body["security_group_rules"].([]any), rule)
					}
				}
			},
			want: "of 4 equal rules sent at once 2 got in",
		},
	}
}

// acceptUnknownGroup accepts a rule whose remote group does not exist, and fails its task.
func acceptUnknownGroup(_ cloud, a asked, g *given) {
	const taskID = "11111111-2222-4333-8444-555555555555"
	switch {
	case a.route == createRule && a.body["remote_group_id"] == unknownID:
		g.status, g.body = http.StatusOK, map[string]any{"tasks": []string{taskID}}
	case a.route == pollTask && a.id == taskID:
		g.status, g.body = http.StatusOK, map[string]any{"id": taskID, "state": "ERROR", "error": "too late"}
	}
}
