package provider

import (
	"io"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// Serve is the provider's process: it serves the given version until Terraform has no more use for it; or, with debug,
// prints what TF_REATTACH_PROVIDERS has to be, and stays. The options are the client's.
func Serve(version string, debug bool, options ...client.Option) error {
	// With GODEBUG=http2debug=2 net/http writes each header there, the key among them, and Terraform logs it.
	log.SetOutput(io.Discard)
	var serve []tf6server.ServeOpt
	if debug {
		serve = append(serve, tf6server.WithManagedDebug())
	} else if err := silence(os.Environ(), os.Setenv); err != nil {
		return err
	}
	return tf6server.Serve("registry.terraform.io/gcore-community/gcore", func() tfprotov6.ProviderServer {
		return completed(providerserver.NewProtocol6(New(version, options...))())
	}, serve...)
}

// completed adds to the framework's server, as we know it, what it lacks; one of another shape works as well, but takes more memory
// and has a worse message for a number.
func completed(server tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if known, ok := server.(frameworkServer); ok {
		return contextReleasing{wholeNumbers{known}}
	}
	return server
}

// silence turns the log off if nobody wants it. The SDK would write all of it, some 80 KB for each rule of a plan, and
// Terraform throw it away: a fifth of the time that both take for a plan. Nobody wants it if no variable says so, of
// those that Terraform (TF_LOG, TF_LOG_PROVIDER) or the SDK knows.
func silence(environment []string, set func(name, value string) error) error {
	for _, variable := range environment {
		if strings.HasPrefix(strings.ToUpper(variable), "TF_LOG") {
			return nil
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER"} {
		if err := set(name, "off"); err != nil {
			return err
		}
	}
	return nil
}
