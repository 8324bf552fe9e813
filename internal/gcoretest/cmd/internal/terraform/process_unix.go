//go:build unix

package terraform

import (
	"os/exec"
	"syscall"
)

// apart puts a child into a process group of its own. A terminal sends Ctrl-C to its whole foreground group, and
// Terraform takes a second interrupt as the order to drop everything.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends the child with what it started: Terraform's providers.
func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
