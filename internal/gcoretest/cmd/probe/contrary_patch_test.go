package main

import (
	"net/http"
	"slices"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

func contraryPatches() map[string]contrary {
	return map[string]contrary{
		"patch-match: description": {
			request: func(_ *http.Request, body map[string]any) {
				for _, rule := range rulesOf(body, "rules") {
					if rule["description"] == "other words" {
						rule["description"] = anotherDescription
					}
				}
			},
			want: "another description: the rule stays as it is",
		},
		"patch-match: null": {
			request: func(_ *http.Request, body map[string]any) {
				for _, rule := range rulesOf(body, "rules") {
					if protocol, given := rule["protocol"]; given && protocol == nil && rule["port_range_min"] == nil {
						rule["protocol"] = "tcp"
					}
				}
			},
			want: "protocol null: the rule is recreated",
		},
		"patch-match: automatic": {
			request: func(_ *http.Request, body map[string]any) {
				rules := rulesOf(body, "rules")
				if len(rules) < 30 { // only the template has so many
					return
				}
				for _, rule := range rules {
					if rule["description"] == "" {
						rule["description"] = "changed"
					}
				}
			},
			want: `with the description "", makes a task`,
		},
		"patch-time": {
			config: gcoretest.Config{NoLock: true},
			request: func(_ *http.Request, body map[string]any) {
				for _, rule := range rulesOf(body, "rules") {
					if rule["port_range_min"] == 4321.0 {
						body["rules"] = []any{rule, tcp(1234)}
					}
				}
			},
			answer: func(_ cloud, a asked, g *given) {
				if a.route == pollTask && g.body["task_type"] == "create_security_group_rule" && g.body["finished_on"] != nil {
					g.body["finished_on"] = "2026-01-01T00:00:00"
				}
			},
			want: "before its task ended, stays",
		},
		"patch-order": {
			answer: func(_ cloud, a asked, g *given) {
				for _, rule := range rulesOf(a.body, "rules") {
					if rule["description"] == "second" {
						g.refuse(http.StatusConflict, "SecurityGroupRuleExists")
					}
				}
			},
			want: "409 SecurityGroupRuleExists",
		},
		"patch-tags: a task": {
			answer: func(_ cloud, a asked, g *given) {
				if tags, _ := a.body["tags"].(map[string]any); tags["alone"] != nil {
					g.body["tasks"] = []string{unknownID}
				}
			},
			want: "a tag alone makes 1 tasks",
		},
		"patch-tags: early": {
			answer: func(_ cloud, a asked, g *given) {
				if tags, ok := g.body["tags_v2"].([]any); ok && a.route == readGroup {
					g.body["tags_v2"] = append(tags, map[string]any{"key": "beside", "value": "1"})
				}
			},
			want: "there before the task ends",
		},
		"patch-tags: late": {
			answer: func(_ cloud, _ asked, g *given) {
				if tags, ok := g.body["tags_v2"].([]any); ok {
					g.body["tags_v2"] = slices.DeleteFunc(tags, func(tag any) bool { return tag.(map[string]any)["key"] == "beside" })
				}
			},
			want: "not there when the task has finished",
		},
		"tag-case": {
			request: func(_ *http.Request, body map[string]any) {
				if tags, _ := body["tags"].(map[string]any); tags["Case"] != nil {
					delete(tags, "Case")
				}
			},
			want: "two tags that differ only in case is accepted",
		},
	}
}
