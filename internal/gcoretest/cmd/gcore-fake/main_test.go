package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// fake is a run of the program inside the test.
type fake struct {
	url    string
	lines  *bufio.Scanner
	input  *io.PipeWriter
	cancel context.CancelFunc
	ended  chan error
}

func startFake(t *testing.T, arguments ...string) *fake {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	inputReader, inputWriter := io.Pipe()
	outputReader, outputWriter := io.Pipe()
	f := &fake{lines: bufio.NewScanner(outputReader), input: inputWriter, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		err := run(ctx, arguments, inputReader, outputWriter, io.Discard)
		outputWriter.Close()
		f.ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		inputWriter.Close()
		outputReader.Close()
	})
	if !f.lines.Scan() {
		t.Fatalf("no first line: %v", <-f.ended)
	}
	f.url = f.lines.Text()
	return f
}

func get(t *testing.T, url, key string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "apikey "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestPrintsItsURLThenItsRequests(t *testing.T) {
	t.Parallel()
	f := startFake(t, "-log", "-stdin", "-api-key", "another-key", "-default-group", "-project", "7", "-region", "8")
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+$`).MatchString(f.url) {
		t.Fatalf("first line %q is no loopback URL", f.url)
	}
	status := make(chan int, 1)
	go func() { status <- get(t, f.url+"/cloud/v1/securitygroups/7/8?name=default", "another-key") }()
	if !f.lines.Scan() {
		t.Fatal("no line for the request")
	}
	want := regexp.MustCompile(`^list groups +GET +/cloud/v1/securitygroups/7/8\?name=default 200 \S+$`)
	if line := f.lines.Text(); !want.MatchString(line) {
		t.Errorf("line %q", line)
	}
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
	f.input.Close()
	if err := <-f.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f := startFake(t) // without -stdin the input does not matter
	f.input.Close()
	if got := get(t, f.url+"/cloud/v1/tasks", "test-key"); got != 200 {
		t.Errorf("status %d after the input ended", got)
	}
	f.cancel()
	if err := <-f.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(f.url, "http://")); err == nil {
		connection.Close()
		t.Error("still listening")
	}
}

func TestViolationsAreAnError(t *testing.T) {
	t.Parallel()
	f := startFake(t, "-stdin")
	if got := get(t, f.url+"/cloud/v3/nothing", "test-key"); got != 404 {
		t.Errorf("status %d", got)
	}
	f.input.Close()
	if err := <-f.ended; err == nil || !strings.Contains(err.Error(), "/cloud/v3/nothing") {
		t.Errorf("ended with %v", err)
	}
}

func TestRefusesBadArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		arguments []string
		want      string
	}{
		{[]string{"-listen", "0.0.0.0:0"}, "loopback"},
		{[]string{"-listen", ":0"}, "loopback"},
		{[]string{"-listen", "192.0.2.1:0"}, "loopback"},
		{[]string{"-listen", "nonsense"}, "nonsense"},
		{[]string{"-host-bits", "some"}, "-host-bits"},
		{[]string{"-reading", "some"}, "-reading"},
		{[]string{"-latency", "fast"}, "-latency"},
		{[]string{"extra"}, "extra"},
	}
	for _, test := range tests {
		err := run(t.Context(), test.arguments, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want an error about %s", test.arguments, err, test.want)
		}
	}
	var usage bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, strings.NewReader(""), io.Discard, &usage); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
	if !strings.Contains(usage.String(), "-task-duration") {
		t.Errorf("usage: %s", usage.String())
	}
}

func TestFlagsReachTheConfiguration(t *testing.T) {
	t.Parallel()
	got, err := parse([]string{"-listen", "127.0.0.1:1", "-api-key", "k", "-task-duration", "300ms", "-latency", "20ms",
		"-host-bits", "mask", "-ipencap-as-ipip", "-default-egress", "-neutron", "-group-limit", "3", "-rule-limit", "4",
		"-unique-names", "-lock-groups", "-no-lock", "-reading", "older", "-rule-quota", "5", "-refuse-in-task", "-refuse-port-25"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := gcoretest.Config{Address: "127.0.0.1:1", APIKey: "k", TaskDuration: 300 * time.Millisecond,
		Latency: 20 * time.Millisecond, HostBits: gcoretest.HostBitsMask, IPEncapAsIPIP: true, AddDefaultEgress: true,
		Neutron: true, GroupLimit: 3, RuleLimit: 4, UniqueNames: true, LockGroups: true, NoLock: true,
		Reading: gcoretest.Older, RuleQuota: 5, RefuseInTask: true, RefusePort25: true}
	if diff := cmp.Diff(want, got.config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}
