package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// A panic becomes an error; state saved before it is kept.
func TestRecovered(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	state := ""
	func() {
		defer recovered(t.Context(), &diags)
		state = "half made"
		panic("a bug")
	}()
	if state != "half made" || !diags.HasError() || diags.Errors()[0].Summary() != "The provider has a bug" {
		t.Errorf("got %v", diags)
	}
}
