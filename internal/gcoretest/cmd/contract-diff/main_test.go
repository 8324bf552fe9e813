package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// newer is the contract as a tree, to be changed.
func newer(t *testing.T) object {
	t.Helper()
	var tree object
	if err := json.Unmarshal(gcoretest.Contract(), &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// at walks down a tree.
func at(t *testing.T, tree object, path ...string) object {
	t.Helper()
	for _, name := range path {
		next, ok := tree[name].(object)
		if !ok {
			t.Fatalf("nothing at %v", path)
		}
		tree = next
	}
	return tree
}

func moved(t *testing.T, tree object) []string {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := compare(gcoretest.Contract(), data)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

const (
	groups = "/cloud/v2/security_groups/{project_id}/{region_id}"
	group  = groups + "/{group_id}"
	list   = "/cloud/v1/securitygroups/{project_id}/{region_id}"
	read   = list + "/{group_id}"
)

func TestWhatMoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(t *testing.T, tree object)
		want   []string
	}{
		"nothing": {func(*testing.T, object) {}, nil},
		"an operation went": {
			func(t *testing.T, tree object) { delete(at(t, tree, "paths", read), "delete") },
			[]string{"DELETE " + read + ": removed"},
		},
		"a path went": {
			func(t *testing.T, tree object) { delete(at(t, tree, "paths"), "/cloud/v1/regions") },
			[]string{"GET /cloud/v1/regions: removed"},
		},
		"new operations": {
			func(t *testing.T, tree object) {
				added := object{"get": object{"responses": object{"200": object{"description": "OK"}}}}
				at(t, tree, "paths")["/cloud/v3/security_groups"] = added
				at(t, tree, "paths")["/cloud/v1/volumes"] = added // none of ours
			},
			[]string{"GET /cloud/v3/security_groups: added"},
		},
		"deprecated": {
			func(t *testing.T, tree object) { at(t, tree, "paths", read, "delete")["deprecated"] = true },
			[]string{"DELETE " + read + ": deprecated: true, was false"},
		},
		"an answer's status": {
			func(t *testing.T, tree object) {
				responses := at(t, tree, "paths", read, "delete", "responses")
				responses["200"] = responses["204"]
				delete(responses, "204")
			},
			[]string{"DELETE " + read + ": answer 200: added", "DELETE " + read + ": answer 204: removed"},
		},
		"parameters": {
			func(t *testing.T, tree object) {
				get := at(t, tree, "paths", list, "get")
				parameters := get["parameters"].([]any)
				at(t, parameters[0].(object), "schema")["maximum"] = 100
				at(t, parameters[0].(object), "schema")["default"] = 100
				parameters[2].(object)["required"] = true
				get["parameters"] = append(parameters[:3:3], append(parameters[4:], object{"in": "query", "name": "order", "schema": object{"type": "string"}})...)
			},
			[]string{
				"GET " + list + ": query limit: maximum: 100, was 1000",
				"GET " + list + ": query limit: default: 100, was 10",
				"GET " + list + ": query name: required: true, was false",
				"GET " + list + ": query order: added",
				"GET " + list + ": query tag_key: removed",
			},
		},
		"the content of a parameter": {
			func(t *testing.T, tree object) {
				parameters := at(t, tree, "paths", list, "get")["parameters"].([]any)
				at(t, parameters[4].(object), "schema", "contentSchema", "propertyNames")["maxLength"] = 127
			},
			[]string{"GET " + list + ": query tag_key_value: (content) (names): maxLength: 127, was 255"},
		},
		"a field of rules in requests": {
			func(t *testing.T, tree object) {
				rule := at(t, tree, "components", "schemas", "CreateSecurityGroupRuleSerializerV2")
				rule["required"] = []any{"direction", "ethertype"}
				delete(at(t, rule, "properties"), "description")
				at(t, rule, "properties")["stateful"] = object{"type": "boolean"}
			},
			perRule("required: ethertype added", "description: removed", "stateful: added"),
		},
		"null, enum and format": {
			func(t *testing.T, tree object) {
				properties := at(t, tree, "components", "schemas", "CreateSecurityGroupRuleSerializerV2", "properties")
				properties["remote_group_id"] = object{"type": []any{"string", "null"}, "format": "uuid"}
				protocols := at(t, tree, "components", "schemas", "SecurityGroupProtocolEnumV2")
				protocols["enum"] = append(protocols["enum"].([]any)[1:], "any")
			},
			perRule("protocol: enum: ah removed", "protocol: enum: any added", "remote_group_id: format: uuid, was uuid4", "remote_group_id: nullable: true, was none"),
		},
		"patterns and bounds": {
			func(t *testing.T, tree object) {
				update := at(t, tree, "components", "schemas", "UpdateSecurityGroupSerializerV2", "properties")
				at(t, update, "name")["pattern"] = "^.*$"
				at(t, update, "rules")["maxItems"] = 500
				at(t, tree, "components", "schemas", "UpdateTagsSerializer", "propertyNames")["maxLength"] = 127
			},
			[]string{
				"PATCH " + group + ": request: name: pattern: ^.*$, was " + namePattern,
				"PATCH " + group + ": request: rules: maxItems: 500, was 250",
				"PATCH " + group + ": request: tags (names): maxLength: 127, was 255",
			},
		},
		"what was undocumented": {
			func(t *testing.T, tree object) {
				properties := at(t, tree, "components", "schemas", "SecurityGroupSerializer", "properties")
				delete(properties, "metadata")
				properties["tags"] = object{"type": "object"}
				responses := at(t, tree, "paths", read, "delete", "responses")
				delete(responses, "default")
			},
			[]string{
				"GET " + list + ": answer 200: results[].tags: is documented now",
				"GET " + read + ": answer 200: tags: is documented now",
				"POST " + read + "/revert: answer 200: tags: is documented now",
			},
		},
		"what is partial": {
			func(t *testing.T, tree object) {
				region := at(t, tree, "components", "schemas", "RegionSerializer")
				at(t, region, "properties")["has_ai"] = object{"type": "boolean"}
				region["required"] = append(region["required"].([]any), "has_ai", "ddos_endpoint_id")
				delete(at(t, region, "properties"), "slug")
			},
			[]string{
				"GET /cloud/v1/regions: answer 200: results[]: required: ddos_endpoint_id added",
				"GET /cloud/v1/regions: answer 200: results[].slug: removed",
				"GET /cloud/v1/regions/{region_id}: answer 200: required: ddos_endpoint_id added",
				"GET /cloud/v1/regions/{region_id}: answer 200: slug: removed",
			},
		},
		"a body went": {
			func(t *testing.T, tree object) { delete(at(t, tree, "paths", group, "patch"), "requestBody") },
			[]string{"PATCH " + group + ": request: removed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newer(t)
			test.change(t, tree)
			if diff := cmp.Diff(test.want, moved(t, tree)); diff != "" {
				t.Errorf("what moved (-want +got):\n%s", diff)
			}
		})
	}
}

const namePattern = `^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$`

// perRule repeats lines for each request that has rules.
func perRule(lines ...string) []string {
	var all []string
	for _, where := range []string{
		"POST " + groups + ": request: rules[]", "PATCH " + group + ": request: rules[]", "POST " + group + "/rules: request",
	} {
		for _, line := range lines {
			separator := "."
			if strings.HasPrefix(line, "required") || !strings.HasSuffix(where, "[]") {
				separator = ": "
			}
			all = append(all, where+separator+line)
		}
	}
	return all
}

// The vendor's document is YAML, with titles, prose and examples, and says "or null" in other ways.
func TestOnlyWhatIsValidCounts(t *testing.T) {
	t.Parallel()
	tree := newer(t)
	rule := at(t, tree, "components", "schemas", "CreateSecurityGroupRuleSerializerV2")
	rule["title"], rule["description"], rule["x-internal"] = "A rule", "Words", true
	at(t, rule, "properties")["port_range_min"] = object{"type": []any{"integer", "null"}, "minimum": 0, "maximum": 65535, "examples": []any{80}}
	at(t, rule, "properties")["direction"] = object{"allOf": []any{object{"$ref": "#/components/schemas/Direction"}}, "description": "Words"}
	at(t, tree, "components", "schemas")["Direction"] = object{"type": "string", "enum": []any{"ingress", "egress"}}
	at(t, tree, "info")["version"] = "2027-01-01"
	if lines := moved(t, tree); len(lines) > 0 {
		t.Errorf("moved: %q", lines)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "cloud_api.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const other = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /cloud/v1/tasks:\n    get:\n      responses:\n        '200': {description: OK}\n"
	for name, test := range map[string]struct {
		arguments []string
		code      int
		output    string
		errors    string
	}{
		"the same":    {[]string{write(string(gcoretest.Contract()))}, exitSame, "", ""},
		"another":     {[]string{write(other)}, exitMoved, "GET /cloud/v1/tasks: query limit: removed\n", ""},
		"no argument": {nil, exitFailed, "", "usage: contract-diff"},
		"no file":     {[]string{filepath.Join(t.TempDir(), "nothing")}, exitFailed, "", "nothing"},
		"no document": {[]string{write("a: b\n")}, exitFailed, "", "reading the newer document"},
		"unknown ref": {[]string{write(strings.Replace(other, "{description: OK}", "{$ref: '#/components/responses/A'}", 1))}, exitFailed, "", "reading the newer document"},
		"a bad flag":  {[]string{"-nothing"}, exitFailed, "", "usage: contract-diff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var output, errors bytes.Buffer
			if code := run(test.arguments, &output, &errors); code != test.code {
				t.Errorf("exit status %d, want %d: %s", code, test.code, errors.String())
			}
			if !strings.Contains(output.String(), test.output) || (test.output == "") != (output.Len() == 0) || !strings.Contains(errors.String(), test.errors) {
				t.Errorf("output %q, errors %q", output.String(), errors.String())
			}
		})
	}
}
