package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// checkLinks fails for each name in brackets that the linked file does not have, and returns the number of links.
func checkLinks(t *testing.T, page, content string) int {
	t.Helper()
	files := map[string]string{}
	links := regexp.MustCompile(`\[(\w+)\]\(([^)#]+\.go)\)`).FindAllStringSubmatch(content, -1)
	for _, found := range links {
		name, path := found[1], filepath.Join(filepath.Dir(page), found[2])
		if files[path] == "" {
			code, err := os.ReadFile(path)
			if err != nil {
				t.Errorf("%s is named for %s: %v", found[2], name, err)
			}
			files[path] = string(code)
		}
		want := `\b` + name + `\b`
		if strings.HasPrefix(name, "Test") {
			want = `(?m)^func ` + name + `\(`
		}
		if !regexp.MustCompile(want).MatchString(files[path]) {
			t.Errorf("%s does not have %s", found[2], name)
		}
	}
	return len(links)
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Each name on the page of promises exists in the linked file, and each row has a test.
func TestPromises(t *testing.T) {
	t.Parallel()
	const page = "../../contributing/api-promises.md"
	content := readPage(t, page)
	links, rows := checkLinks(t, page, content), 0
	for line := range strings.Lines(content) {
		if !strings.HasPrefix(line, "| ") || strings.Contains(line, "shown by |") {
			continue
		}
		if rows++; !strings.Contains(line, "[Test") {
			t.Errorf("no test shows this: %s", line)
		}
	}
	if rows < 40 || links < 100 {
		t.Errorf("%d promises and %d links", rows, links)
	}
}

// Each name on the architecture page exists in the linked file, and the page has every package and every exported name
// of the engine.
func TestArchitecturePage(t *testing.T) {
	t.Parallel()
	const page = "../../contributing/architecture.md"
	content := readPage(t, page)
	if links := checkLinks(t, page, content); links < 30 {
		t.Errorf("%d links", links)
	}
	packages, err := filepath.Glob("../*")
	if err != nil || len(packages) < 6 {
		t.Fatalf("%d packages: %v", len(packages), err)
	}
	for _, path := range packages {
		if name := "`internal/" + filepath.Base(path) + "`"; !strings.Contains(content, name) {
			t.Errorf("the page does not have %s", name)
		}
	}
	exported := regexp.MustCompile(`(?m)^(?:func|type) (?:\(s \*Service\) )?([A-Z]\w+)`)
	files, err := filepath.Glob("../secgroup/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, found := range exported.FindAllStringSubmatch(readPage(t, path), -1) {
			if !regexp.MustCompile(`\b` + found[1] + `\b`).MatchString(content) {
				t.Errorf("the page does not name secgroup.%s", found[1])
			}
		}
	}
}

// Name and description are updated in place, each on its own: the group keeps
// its id and its rules. Revision and update time do not affect the plan.
func TestGroupFieldsChangeInPlace(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	block := func(lines string) string {
		return "resource \"gcore_cloud_security_group\" \"web\" {\n" + lines + "\n  rules = {" + httpsEntry + "}\n}\n"
	}
	var made gcoretest.Group
	sent := func(want ...string) func() {
		return func() {
			var got []string
			for _, r := range c.Requests() {
				if r.Method != "GET" {
					got = append(got, r.Method+" "+r.Body)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what is sent differs (-want +got):\n%s", diff)
			}
			now := c.only(t)
			if now.ID != made.ID || len(now.Rules) != 1 || now.Rules[0].ID != made.Rules[0].ID {
				t.Errorf("the group or its rule is another one: %v, was %v", now, made)
			}
		}
	}
	// Another client changes the name and changes it back.
	touch := func() {
		c.ChangeGroup(made.ID, func(g *gcoretest.Group) { g.RevisionNumber += 5; g.UpdatedAt = g.UpdatedAt.AddDate(1, 0, 0) })
		c.ResetRequests()
	}
	c.run(t,
		c.apply(block(`name = "web"`), group{name: "web", rules: []string{httpsLine}}),
		after(func() { made = c.only(t); c.ResetRequests() },
			planned(c.apply(block(`name = "www"`), group{name: "www", rules: []string{httpsLine}}), action(webGroup, plancheck.ResourceActionUpdate))),
		after(func() { sent(`PATCH {"name":"www"}`)(); c.ResetRequests() },
			planned(c.apply(block("name = \"www\"\ndescription = \"x\""), group{name: "www", description: "x", rules: []string{httpsLine}}), action(webGroup, plancheck.ResourceActionUpdate))),
		after(func() { sent(`PATCH {"description":"x"}`)(); touch() },
			planned(c.apply(block("name = \"www\"\ndescription = \"x\""), group{name: "www", description: "x", rules: []string{httpsLine}}), plancheck.ExpectEmptyPlan())),
	)
}
