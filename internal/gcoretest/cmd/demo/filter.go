package main

import (
	"regexp"
	"strings"
)

// filter hands over Terraform's output without what a reader of the demo has no use for: the warning that the provider
// is a development build, which the demo is all about, the explanation of a plan's signs, and repeated empty lines.
// With outline it leaves out what a plan says about each resource and output too.
type filter struct {
	outline bool
	emit    func(string)

	// dropping tells whether a line still belongs to what is left out; nil: nothing is.
	dropping func(line string) bool
	empty    bool
}

// decoration is what Terraform adds for terminals: colours, and boxes around warnings.
var decoration = regexp.MustCompile("\x1b\\[[0-9;]*m|[│╷╵]")

func (f *filter) line(line string) {
	plain := strings.TrimRight(decoration.ReplaceAllString(line, ""), " ")
	if f.dropping != nil {
		if f.dropping(plain) {
			return
		}
		f.dropping = nil
	}
	switch {
	case strings.TrimSpace(plain) == "":
		f.empty = true
	case strings.TrimSpace(plain) == "Warning: Provider development overrides are in effect":
		f.dropping = throughWarning()
	case f.outline && opensResource(plain):
		f.dropping = throughResource()
	case f.outline && plain == "Changes to Outputs:":
		f.dropping = func(line string) bool { return line == "" || line[0] == ' ' }
	case !explains(plain):
		// The empty line before the plan's last one went with a resource's body.
		if f.empty || f.outline && strings.HasPrefix(plain, "Plan: ") {
			f.emit("")
		}
		f.empty = false
		f.emit(line)
	}
}

// throughWarning drops the rest of the warning: two paragraphs of which the second ends with "releases.", in Terraform
// and in OpenTofu. Were it worded otherwise one day, the third empty line would end it.
func throughWarning() func(string) bool {
	empty, ended := 0, false
	return func(line string) bool {
		if ended {
			return false
		}
		if strings.TrimSpace(line) == "" {
			empty++
		}
		ended = strings.HasSuffix(line, "releases.")
		return empty < 3
	}
}

// opensResource tells whether a line of a plan opens the body of a resource, such as `  + resource "type" "name" {`.
func opensResource(line string) bool {
	_, rest, found := strings.Cut(strings.TrimSpace(line), " ")
	return found && strings.HasPrefix(rest, `resource "`) && strings.HasSuffix(line, "{")
}

// throughResource drops the body of a resource with its closing brace, which alone has this indentation.
func throughResource() func(string) bool {
	closed := false
	return func(line string) bool {
		if closed {
			return strings.TrimSpace(line) == ""
		}
		closed = line == "    }"
		return true
	}
}

// explains tells whether a line is one of those with which a plan explains its signs.
func explains(line string) bool {
	switch strings.TrimSpace(line) {
	case "+ create", "~ update in-place", "- destroy":
		return true
	}
	for _, part := range []string{
		" used the selected providers to generate the following execution",
		"plan. Resource actions are indicated with the following symbols:",
		" will perform the following actions:",
	} {
		if strings.HasSuffix(line, part) {
			return true
		}
	}
	return false
}
