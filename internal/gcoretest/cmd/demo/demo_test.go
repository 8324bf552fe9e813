package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// exe ends the name of a program.
var exe = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// builtProvider builds the provider as `make build` does, so that the two share Go's build cache.
func builtProvider(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "terraform-provider-gcore"+exe)
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "../../../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v\n%s", err, output)
	}
	return binary
}

// archived packs the provider as .goreleaser.yml does.
func archived(t *testing.T, provider, version string) string {
	t.Helper()
	content, err := os.ReadFile(provider)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	header := &zip.FileHeader{Name: "terraform-provider-gcore_v" + version + exe, Method: zip.Store}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	if err == nil {
		_, err = file.Write(content)
	}
	path := filepath.Join(t.TempDir(), "terraform-provider-gcore_"+version+"_"+runtime.GOOS+"_"+runtime.GOARCH+".zip")
	if err := errors.Join(err, archive.Close(), os.WriteFile(path, packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

func testOptions(t *testing.T, provider, configuration string) options {
	t.Helper()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		cli = "terraform"
	}
	return options{provider: provider, terraform: cli, configuration: configuration, temporary: t.TempDir()}
}

func mustBeEmpty(t *testing.T, directory string) {
	t.Helper()
	if left, err := os.ReadDir(directory); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	provider := builtProvider(t)
	examples := filepath.Join("..", "..", "..", "..", "examples", "demo")

	t.Run("succeeds", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		o := testOptions(t, provider, examples)
		if err := run(t.Context(), o, &printer{w: &out}); err != nil {
			t.Errorf("%v\n%s", err, out.String())
		}
		for _, unwanted := range []string{"development overrides", "\x1b"} {
			if strings.Contains(out.String(), unwanted) {
				t.Errorf("the output contains %q:\n%s", unwanted, out.String())
			}
		}
		mustBeEmpty(t, o.temporary)
	})

	t.Run("installs the archive of a release", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		o := testOptions(t, "", examples)
		o.archive = archived(t, provider, "0.1.0-rc.1")
		if err := run(t.Context(), o, &printer{w: &out}); err != nil {
			t.Errorf("%v\n%s", err, out.String())
		}
		if want := "Installed gcore-community/gcore v0.1.0-rc.1"; !strings.Contains(out.String(), want) {
			t.Errorf("the output does not contain %q:\n%s", want, out.String())
		}
		mustBeEmpty(t, o.temporary)
	})

	t.Run("fails when a rule is not as declared", func(t *testing.T) {
		t.Parallel()
		changed := t.TempDir()
		if err := copyConfiguration(changed, examples); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(changed, "main.tf")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.ReplaceAll(content, []byte("= 443"), []byte("= 444"))
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		o := testOptions(t, provider, changed)
		err = run(t.Context(), o, &printer{w: &bytes.Buffer{}})
		if err == nil || !strings.Contains(err.Error(), "step 1") || !strings.Contains(err.Error(), "tcp   444") {
			t.Errorf("got error %v, want one of step 1 that shows the rule found", err)
		}
		mustBeEmpty(t, o.temporary)
	})

	t.Run("ends in good order when it is interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		var out bytes.Buffer
		o := testOptions(t, provider, examples)
		err := run(ctx, o, &printer{w: writerFunc(func(data []byte) (int, error) {
			if bytes.Contains(data, []byte(": Creating...")) {
				interrupt()
			}
			return out.Write(data)
		})})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v\n%s", err, context.Canceled, out.String())
		}
		mustBeEmpty(t, o.temporary)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }
