// Command unwaiting is the provider, but that it never waits between two looks at a task. Against a fake API whose
// answers and tasks take no time, it shows what Terraform's and the provider's own work costs: what `make bench`
// measures everything else against.
package main

import (
	"context"
	"log"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	gcore "github.com/gcore-community/terraform-provider-gcore/internal/provider"
)

func main() {
	atOnce := client.WithSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	err := providerserver.Serve(context.Background(), func() provider.Provider { return gcore.New("bench", atOnce) },
		providerserver.ServeOpts{Address: "registry.terraform.io/gcore-community/gcore", ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}
