package main

import (
	"net/http"
	"slices"
	"strings"
)

func contraryTasks() map[string]contrary {
	return map[string]contrary{
		"task-states": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == pollTask {
					swapped := map[any]string{"NEW": "RUNNING", "RUNNING": "NEW"}
					if state, ok := swapped[g.body["state"]]; ok {
						g.body["state"] = state
					}
				}
			},
			want: "is NEW after RUNNING",
		},
		"task-resources: early": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == pollTask && g.body["state"] == "RUNNING" {
					g.body["created_resources"] = map[string]any{"security_groups": []any{}, "security_group_rules": []any{}}
				}
			},
			want: "RUNNING: 0 groups, 0 rules; not null",
		},
		"task-resources: with rules": {
			answer: func(_ cloud, a asked, g *given) {
				created, ok := g.body["created_resources"].(map[string]any)
				if groups, _ := created["security_groups"].([]any); ok && a.route == pollTask && len(groups) > 0 {
					created["security_group_rules"] = []any{unknownID}
				}
			},
			want: "of a group creation are, FINISHED: 1 groups, 1 rules; not 1 groups, 0 rules",
		},
		"task-times: filter": {
			request: func(r *http.Request, _ map[string]any) {
				query := r.URL.Query()
				query.Del("from_timestamp")
				r.URL.RawQuery = query.Encode()
			},
			want: "true",
		},
		"task-times: acknowledged": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == listTasks && strings.Contains(a.query, "is_acknowledged=false") {
					g.body["results"] = []any{}
				}
			},
			want: "false",
		},
	}
}

func contraryAnswers() map[string]contrary {
	return map[string]contrary{
		"locks: not the deletion of the group": {
			answer: func(c cloud, a asked, g *given) {
				if a.route == deleteGroup && g.status == http.StatusConflict {
					c.DeleteGroup(a.id)
					g.status, g.body = http.StatusNoContent, nil
				}
			},
			want: "the deletion of the group is accepted",
		},
		"locks: not a revert": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == revertGroup && g.status == http.StatusConflict {
					g.status, g.body = http.StatusOK, map[string]any{"id": a.id}
				}
			},
			want: "a revert is accepted",
		},
		"request-id: of a task": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == pollTask {
					g.body["request_id"] = unknownID
				}
			},
			want: "a task has the request_id",
		},
		"list-order: rules": {
			answer: func(_ cloud, a asked, g *given) {
				if rules, ok := g.body["security_group_rules"].([]any); ok && a.route == readGroup {
					slices.Reverse(rules)
				}
			},
			want: "the rules are not in the order",
		},
		"list-order: tasks": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == listTasks {
					slices.Reverse(g.body["results"].([]any))
				}
			},
			want: "is listed before one of",
		},
		"extra-fields: tags": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == readGroup {
					delete(g.body, "tags")
				}
			},
			want: "a group with the tag extra has tags [] and metadata [{extra 1=2}]",
		},
		"extra-fields: metadata": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == readGroup {
					delete(g.body, "metadata")
				}
			},
			want: "and metadata []",
		},
		"request-id: missing": {
			answer: func(_ cloud, _ asked, g *given) { delete(g.header, "Request_id"); delete(g.header, "request_id") },
			want:   `an answer 200 has the header request_id ""`,
		},
		"request-id: another": {
			answer: func(_ cloud, _ asked, g *given) {
				if g.status == http.StatusNotFound {
					g.body["request_id"] = "other"
				}
			},
			want: `and in its body "other"`,
		},
		"unknown-names": {
			answer: func(_ cloud, a asked, g *given) {
				if a.body["tf_acc_probe"] != nil {
					g.refuse(http.StatusBadRequest, "ValidationError")
				}
			},
			want: "400 ValidationError",
		},
		"ids: malformed": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == "GET /cloud/v1/securitygroups/1/76/tf-acc-probe" {
					g.refuse(http.StatusNotFound, "NotFoundError")
				}
			},
			want: "the id tf-acc-probe gets 404",
		},
		"ids: unknown": {
			answer: func(_ cloud, a asked, g *given) {
				if a.id == unknownID {
					g.refuse(http.StatusNotFound, "")
				}
			},
			want: "an id of nothing gets 404",
		},
		"ids: unknown, in other words": {
			answer: func(_ cloud, a asked, g *given) {
				if a.id == unknownID {
					g.body["message"] = "The resource could not be found."
				}
			},
			want: "the 404 of an id of nothing does not name it",
		},
		"ids: upper case": {
			answer: func(_ cloud, a asked, g *given) {
				if a.route == readGroup && a.id != strings.ToLower(a.id) {
					g.body["id"] = a.id
				}
			},
			want: "by its id in upper case is",
		},
		"unauthorized": {
			answer: func(_ cloud, _ asked, g *given) {
				if g.status == http.StatusUnauthorized {
					g.status = http.StatusForbidden
				}
			},
			want: "no key gets 403 not_authenticated",
		},
		"no-endpoint": {
			answer: func(_ cloud, a asked, g *given) {
				if strings.HasSuffix(a.route, "/tf-acc-probe") && strings.Contains(a.route, "/v2/") {
					g.body["exception_class"] = "NotFoundError"
				}
			},
			want: "an unknown path gets 404 NotFoundError",
		},
		"date-forms: of groups": {
			answer: func(_ cloud, a asked, g *given) {
				if date, ok := g.body["created_at"].(string); ok && a.route == readGroup {
					g.body["created_at"] = strings.Replace(date, "+0000", "Z", 1)
				}
			},
			want: "Z",
		},
		"date-forms: of tasks": {
			answer: func(_ cloud, a asked, g *given) {
				if date, ok := g.body["finished_on"].(string); ok && a.route == pollTask {
					g.body["finished_on"] = date + "Z"
				}
			},
			want: "Z",
		},
		"task-retention": {answer: forgetFirstTask(), want: "404 NotFoundError"},
		"list-paging": {
			request: func(r *http.Request, _ map[string]any) {
				if r.URL.Path == "/cloud/v1/tasks" && !strings.Contains(r.URL.RawQuery, "limit") {
					r.URL.RawQuery += "&limit=25"
				}
			},
			whole: true, want: "without a limit has 25 of ",
		},
		"read-after-write": {answer: hideNewGroups(), want: "the group about 2s, the group about 2s"},
	}
}

// hideNewGroups answers the first read of each group as if it were not there yet.
func hideNewGroups() func(cloud, asked, *given) {
	seen := map[string]bool{}
	return func(_ cloud, a asked, g *given) {
		if id := strings.ToLower(a.id); a.route == readGroup && g.status == http.StatusOK && !seen[id] {
			seen[id] = true
			g.refuse(http.StatusNotFound, "NotFoundError")
		}
	}
}

// forgetFirstTask forgets the first task as soon as somebody knows that it has finished.
func forgetFirstTask() func(cloud, asked, *given) {
	first, told := "", false
	return func(_ cloud, a asked, g *given) {
		if a.route != pollTask {
			return
		}
		if first == "" {
			first = a.id
		}
		if a.id == first && told {
			g.refuse(http.StatusNotFound, "NotFoundError")
		}
		told = told || a.id == first && g.body["state"] == "FINISHED"
	}
}
