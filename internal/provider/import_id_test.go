package provider

import (
	"strings"
	"testing"
)

// An import id that is taken says what it names: written out again it means
// the same, and nothing that a user could write panics.
func FuzzParseImportID(f *testing.F) {
	for _, seed := range []string{"", "1/76/" + thisGroup, "1:76:" + thisGroup, thisGroup, thisGroup + "/" + otherGroup, "0/0/x", "/////", "1/76/" + strings.ToUpper(thisGroup)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, names := range [][]string{{"group_id"}, {"group_id", "rule_id"}} {
			id, err := parseImportID(text, names...)
			if err != nil {
				continue
			}
			if len(id.ids) != len(names) || id.projectID.IsNull() != id.regionID.IsNull() {
				t.Fatalf("%q is read as %v", text, id)
			}
			again := strings.Join(id.ids, "/")
			if !id.projectID.IsNull() {
				again = id.projectID.String() + "/" + id.regionID.String() + "/" + again
			}
			if other, err := parseImportID(again, names...); err != nil || strings.Join(other.ids, "/") != strings.Join(id.ids, "/") {
				t.Fatalf("%q, written out as %q, is read as %v, %v", text, again, other, err)
			}
		}
	})
}
