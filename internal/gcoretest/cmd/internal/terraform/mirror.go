package terraform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

var archiveName = regexp.MustCompile(`^terraform-provider-gcore_(.+)_[a-z0-9]+_[a-z0-9]+\.zip$`)

// Mirror lays out a release's archive in a directory as a filesystem mirror, for Terraform's registry and OpenTofu's.
// It writes a CLI configuration with this mirror as the only place to install from, and returns its path. The directory's
// configuration then requires the archive's version, because `init` chooses no pre-release by itself.
func Mirror(directory, archive string) (settings string, err error) {
	name := filepath.Base(archive)
	parts := archiveName.FindStringSubmatch(name)
	if parts == nil {
		return "", fmt.Errorf("the archive's file is named %q, expected terraform-provider-gcore_VERSION_OS_ARCH.zip", name)
	}
	content, err := os.ReadFile(archive) //nolint:gosec // whoever runs this names the archive
	if err != nil {
		return "", fmt.Errorf("read the archive: %w", err)
	}
	mirror := filepath.Join(directory, "mirror")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(mirror, host, "gcore-community", "gcore")
		err = errors.Join(err, os.MkdirAll(place, 0o700), os.WriteFile(filepath.Join(place, name), content, 0o600)) //nolint:gosec // as above
	}
	version := "terraform {\n  required_providers {\n    gcore = {\n      source  = \"gcore-community/gcore\"\n      version = " +
		strconv.Quote(parts[1]) + "\n    }\n  }\n}\n"
	settings = filepath.Join(directory, "cli.tfrc")
	installation := "provider_installation {\n  filesystem_mirror {\n    path = " + strconv.Quote(filepath.ToSlash(mirror)) + "\n  }\n}\n"
	err = errors.Join(err,
		os.WriteFile(filepath.Join(directory, "version_override.tf"), []byte(version), 0o600),
		os.WriteFile(settings, []byte(installation), 0o600))
	if err != nil {
		return "", fmt.Errorf("lay out the mirror: %w", err)
	}
	return settings, nil
}
