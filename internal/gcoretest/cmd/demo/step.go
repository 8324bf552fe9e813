package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest/cmd/internal/terraform"
)

// step is one command of Terraform, and what has to be true after it.
type step struct {
	title, why string
	// before, if not nil, happens in the cloud behind Terraform's back.
	before func(*demo) error
	// arguments of Terraform, and the exit code that it has to end with. With -detailed-exitcode 0 says that there are
	// no changes, 2 that there are.
	arguments []string
	exit      int
	// outline shows what Terraform says without the bodies of resources.
	outline bool
	// pictured steps are drawn by the flag -picture.
	pictured bool
	after    []func(*demo) error
}

// demo is what the steps share.
type demo struct {
	cloud     *gcoretest.Server
	terraform *terraform.CLI
	out       *printer
	requests  int      // of all steps so far
	recorded  []string // lines of the pictured steps
	// Of the step that runs: the groups before Terraform began, and the requests that it sent.
	groups []gcoretest.Group
	log    []gcoretest.Request
}

// do runs one step. Its error says what is not as it has to be.
func (d *demo) do(ctx context.Context, s step) error {
	if s.before != nil {
		if err := s.before(d); err != nil {
			return err
		}
	}
	d.groups = d.cloud.Groups(project, region)
	d.cloud.ResetRequests()
	start := time.Now()
	if err := d.run(ctx, s); err != nil {
		return err
	}
	d.log = d.cloud.Requests()
	d.requests += len(d.log)
	d.out.output("")
	d.out.text(fmt.Sprintf("Requests in these %.1f s: %s.", time.Since(start).Seconds(), summary(d.log)))
	if violations := d.cloud.Violations(); len(violations) > 0 {
		return fmt.Errorf("requests that the API's contract forbids:\n%s", strings.Join(violations, "\n"))
	}
	for _, check := range s.after {
		if err := check(d); err != nil {
			return err
		}
	}
	return nil
}

// record keeps lines for the picture.
func (d *demo) record(s step, lines ...string) {
	if s.pictured {
		d.recorded = append(d.recorded, lines...)
	}
}

// run runs the step's command, shows what Terraform says, and insists on its exit code.
func (d *demo) run(ctx context.Context, s step) error {
	command := d.terraform.Name() + " " + strings.Join(s.arguments, " ")
	d.out.command(command)
	d.record(s, "# "+s.title, "$ "+command)
	var all []string
	shown := filter{outline: s.outline, emit: func(line string) {
		d.out.output(line)
		d.record(s, line)
	}}
	code, err := d.terraform.Run(ctx, func(line string) {
		all = append(all, line)
		shown.line(line)
	}, s.arguments...)
	if err != nil {
		return err
	}
	if code != s.exit {
		return fmt.Errorf("%s %s ended with code %d, expected %d. All that it said:\n\n%s",
			d.terraform.Name(), s.arguments[0], code, s.exit, strings.Join(all, "\n"))
	}
	return nil
}
