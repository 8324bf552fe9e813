package gcoretest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	value, err := parseJSON([]byte(` {"a":[1,"b",null,true,{"c":-2.5}]} `))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": []any{json.Number("1"), "b", nil, true, map[string]any{"c": json.Number("-2.5")}}}
	if diff := cmp.Diff(any(want), value); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, bad := range []string{``, `{`, `[`, `{"a"}`, `{"a":1,}`, `[1,]`, `{"a":1}x`, `{"a":{"b":1,"b":2}}`, `nul`, `]`, `}`,
		strings.Repeat("[", 40) + strings.Repeat("]", 40), "\x00"} {
		if value, err := parseJSON([]byte(bad)); err == nil {
			t.Errorf("%q gives %v", bad, value)
		}
	}
}
