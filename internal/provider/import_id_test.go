package provider

import (
	"strings"
	"testing"
)

// A valid import id means the same when it is written out. No input causes a
// panic.
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
			written := strings.Join(id.ids, "/")
			if !id.projectID.IsNull() {
				written = id.projectID.String() + "/" + id.regionID.String() + "/" + written
			}
			if other, err := parseImportID(written, names...); err != nil || strings.Join(other.ids, "/") != strings.Join(id.ids, "/") {
				t.Fatalf("%q, written out as %q, is read as %v, %v", text, written, other, err)
			}
		}
	})
}
