package gcoretest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bodyOf returns the operation of a name.
func bodyOf(t *testing.T, name string) *operation {
	t.Helper()
	loaded, err := loadContract(variant{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range loaded.operations {
		if o.Name == name {
			return o
		}
	}
	t.Fatalf("no operation %q", name)
	return nil
}

func TestEachKindOfProblem(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 256)
	const id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	// Each problem as "<p for the program's, u for the user's>[i for ignored by the API] path: message".
	tests := []struct {
		operation, body string
		want            []string
	}{
		{OperationCreateGroup, `{"name":"web"}`, nil},
		{OperationCreateGroup, `{"name":"web","description":"","rules":[],"tags":{}}`, nil},
		{OperationCreateGroup, `{}`, []string{"p name: Field required"}},
		{OperationCreateGroup, `[]`, []string{"p Input should be a valid dictionary"}},
		{OperationCreateGroup, `null`, []string{"p Input should be a valid dictionary"}},
		{OperationCreateGroup, `{"name":null}`, []string{"p name: Input should be a valid string"}},
		{OperationCreateGroup, `{"name":7}`, []string{"p name: Input should be a valid string"}},
		{OperationCreateGroup, `{"name":"web","colour":"red"}`, []string{"pi colour: Unknown field"}},
		{OperationCreateGroup, `{"name":"web","description":null}`, []string{"p description: Input should be a valid string"}},
		{OperationCreateGroup, `{"name":"web","rules":null}`, []string{"p rules: Input should be a valid list"}},
		{OperationCreateGroup, `{"name":"web","rules":[null]}`, []string{"p rules.0: Input should be a valid dictionary"}},
		{OperationCreateGroup, `{"name":"web","tags":null}`, []string{"p tags: Input should be a valid dictionary"}},
		{OperationCreateGroup, `{"name":"web","tags":{"a":null}}`, []string{"p tags.a: Input should be a valid string"}},
		{OperationCreateGroup, `{"name":"web","tags":{"a":""}}`, []string{"u tags.a: String should have at least 1 character"}},
		{OperationCreateGroup, `{"name":"web","tags":{"":"a"}}`, []string{"u tags.: String should have at least 1 character"}},
		{OperationCreateGroup, `{"name":"web","tags":{"` + long + `":"a"}}`, []string{"u tags." + long + ": String should have at most 255 characters"}},
		{OperationCreateGroup, `{"name":"web","tags":{"a":"b c = d"}}`, nil},
		{OperationCreateGroup, `{"name":"a` + strings.Repeat("b", 62) + `"}`, nil},
		{OperationCreateGroup, `{"name":"a` + strings.Repeat("b", 63) + `"}`, []string{`u name: String should match pattern '^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$'`}},
		{OperationCreateGroup, `{"name":"web\n"}`, []string{`u name: String should match pattern '^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$'`}},

		{OperationUpdateGroup, `{}`, nil},
		{OperationUpdateGroup, `{"tags":null}`, nil},
		{OperationUpdateGroup, `{"tags":{"a":null,"b":"c"}}`, nil},
		{OperationUpdateGroup, `{"name":null}`, []string{"p name: Input should be a valid string"}},
		{OperationUpdateGroup, `{"rules":[{}]}`, []string{"p rules.0.direction: Field required"}},
		// The older document knows no null here, the newer one does: valid is what both take.
		{OperationUpdateGroup, `{"rules":[{"direction":"ingress","port_range_min":null}]}`, []string{"p rules.0.port_range_min: Input should be a valid integer"}},
		{OperationUpdateGroup, `{"rules":[{"direction":"ingress","remote_ip_prefix":null}]}`, []string{"p rules.0.remote_ip_prefix: Input should be a valid string"}},

		{OperationCreateRule, `{"direction":"ingress","protocol":null,"port_range_min":null,"port_range_max":null,"remote_ip_prefix":null}`, nil},
		{OperationCreateRule, `{"direction":"ingress","remote_group_id":"` + id + `"}`, nil},
		{OperationCreateRule, `{"direction":"ingress","remote_group_id":null}`, []string{"p remote_group_id: Input should be a valid string"}},
		{OperationCreateRule, `{"direction":"ingress","remote_group_id":"web"}`, []string{"u remote_group_id: UUID version 4 expected"}},
		{OperationCreateRule, `{"direction":"ingress","ethertype":null}`, []string{"p ethertype: Input should be a valid string"}},
		{OperationCreateRule, `{"direction":"INGRESS"}`, []string{"u direction: Input should be 'egress', 'ingress'"}},
		{OperationCreateRule, `{"direction":"ingress","port_range_min":-1,"port_range_max":65536}`, []string{
			"u port_range_max: Input should be less than or equal to 65535", "u port_range_min: Input should be greater than or equal to 0"}},
		{OperationCreateRule, `{"direction":"ingress","port_range_min":"80"}`, []string{"p port_range_min: Input should be a valid integer"}},
		{OperationCreateRule, `{"direction":"ingress","port_range_min":80.5}`, []string{"p port_range_min: Input should be a valid integer"}},
		{OperationCreateRule, `{"direction":"ingress","port_range_min":99999999999999999999}`, []string{"u port_range_min: Input should be less than or equal to 65535"}},
		{OperationCreateRule, `{"direction":"ingress","description":"` + long + `"}`, []string{"u description: String should have at most 255 characters"}},
		{OperationCreateRule, `{"direction":"ingress","description":"` + long[2:] + `"}`, nil},
		{OperationCreateRule, `{"direction":"ingress","remote_ip_prefix":""}`, []string{"u remote_ip_prefix: value is not a valid IPv4 or IPv6 network"}},
	}
	for _, test := range tests {
		value, err := parseJSON([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		var got []string
		for _, p := range bodyOf(t, test.operation).checkBody(value) {
			marks := map[bool]string{true: "p", false: "u"}[p.byProgram()] + map[bool]string{true: "", false: "i"}[p.refused()]
			got = append(got, marks+" "+p.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.operation, test.body, diff)
		}
	}
}

func TestItemsOfAListAreCounted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{OperationCreateGroup, OperationUpdateGroup} {
		for n, want := range map[int]int{250: 0, 251: 1} {
			list := make([]any, n)
			for i := range list {
				list[i] = map[string]any{"direction": "ingress"}
			}
			found := bodyOf(t, name).checkBody(map[string]any{"name": "web", "rules": list})
			if len(found) != want {
				t.Errorf("%s with %d rules: %v", name, n, found)
			}
			for _, p := range found {
				if p.byProgram() {
					t.Errorf("%s: too many rules are the user's, not the program's", name)
				}
			}
		}
	}
}

func TestWhoseFaultAProblemIs(t *testing.T) {
	t.Parallel()
	const user, program = "user", "program"
	want := map[problemKind][3]string{ // in path, query, body
		badValue:     {user, user, user},
		badFormat:    {user, program, user},
		outOfRange:   {user, program, user},
		wrongType:    {program, program, program},
		missingField: {program, program, program},
		unknownField: {program, program, program},
		malformed:    {program, program, program},
		deprecated:   {program, program, program},
	}
	for kind, wanted := range want {
		for where, whose := range wanted {
			got := user
			if (problem{kind: kind, place: place(where)}).byProgram() {
				got = program
			}
			if got != whose {
				t.Errorf("kind %d at place %d: the %s's, want the %s's", kind, where, got, whose)
			}
		}
	}
}
