//go:build unix

package terraform

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A shell stands in for Terraform: it answers the interrupt with some last words.
func TestRunInterruptsAndAwaits(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	shell := &CLI{Path: "/bin/sh", Directory: t.TempDir()}
	var got []string
	_, err := shell.Run(ctx, func(line string) {
		got = append(got, line)
		cancel()
	}, "-c", `trap 'echo saved; exit 1' INT; echo started; while :; do :; done`)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if diff := cmp.Diff([]string{"started", "saved"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestRunTellsTheExitCode(t *testing.T) {
	t.Parallel()
	shell := &CLI{Path: "/bin/sh", Directory: t.TempDir(), Environment: []string{"WORD=two"}}
	var got []string
	code, err := shell.Run(t.Context(), func(line string) { got = append(got, line) }, "-c", `echo one; echo $WORD >&2; printf three; exit 2`)
	if err != nil || code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", code, err)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"one", "three", "two"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
