// Command terraform-provider-gcore is a Terraform provider for security groups
// and their rules on Gcore Cloud. Terraform starts it; it is of no use alone.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/gcore-community/terraform-provider-gcore/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run for a debugger: print what TF_REATTACH_PROVIDERS has to be, and stay")
	flag.Parse()
	if !*debug {
		// A cancelled CI job sends SIGTERM to Terraform and to this process
		// alike. Terraform then asks for an orderly end and saves the state
		// that it is given, if this process is still there to give it.
		signal.Ignore(syscall.SIGTERM)
	}
	if err := provider.Serve(version, *debug); err != nil {
		log.SetOutput(os.Stderr)
		log.Fatal(err)
	}
}
