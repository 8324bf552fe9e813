// Command unwaiting is the provider, but that it never waits between two looks at a task. Against a fake API whose
// answers and tasks take no time, it shows what Terraform's and the provider's own work costs: what `make bench`
// measures everything else against.
package main

import (
	"context"
	"log"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/provider"
)

func main() {
	atOnce := client.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	if err := provider.Serve("bench", false, atOnce); err != nil {
		log.Fatal(err)
	}
}
