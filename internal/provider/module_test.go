package provider

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const moduleDirectory = exampleDirectory + "/module"

// withModule copies the module, and nothing around it, into a workspace.
func (w workspace) withModule() workspace {
	w.t.Helper()
	if err := os.CopyFS(w.directory, os.DirFS(moduleDirectory)); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// Each test file of the example module passes in its own cloud and leaves no
// orphans.
func TestModule(t *testing.T) {
	t.Parallel()
	exampleFiles(t, "module/*.tf")
	exampleFiles(t, "module/tests/*/*.tf")
	for _, file := range exampleFiles(t, "module/tests/*.tftest.hcl") {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".tftest.hcl"), func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t).withModule()
			// For the modules of the fixtures; Terraform must not look for
			// providers.
			w.must(0, "get")
			output := w.must(0, "test", "-no-color", "-filter=tests/"+name)
			runs := regexp.MustCompile(`(?m)^run "`).FindAllString(w.read(file), -1)
			if passed := regexp.MustCompile(`run ".*"\.\.\. pass`).FindAllString(output, -1); len(passed) == 0 || len(passed) != len(runs) {
				t.Errorf("%d of %d runs passed:\n%s", len(passed), len(runs), output)
			}
			if diff := c.differs(nil); diff != "" {
				t.Errorf("something is left: %s", diff)
			}
		})
	}
}

// The module's examples can be applied in a copy of its directory; the plan
// after that is empty.
func TestModuleExamples(t *testing.T) {
	t.Parallel()
	rules := map[string]string{"complete": "map[monitoring:11 web:10]", "for-each": "map[cache:13 database:11 web:12]", "existing-group": "map[shared:3 web:0]"}
	examples := map[string]bool{}
	for _, file := range exampleFiles(t, "module/examples/*/*.tf") {
		examples[filepath.Base(filepath.Dir(file))] = true
	}
	if len(examples) != len(rules) {
		t.Fatalf("other examples than are tested: %v", examples)
	}
	for example := range examples {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			c := strictCloud(t)
			w := c.workspace(t).withModule()
			in := "-chdir=examples/" + example
			w.must(0, in, "get")
			w.must(0, in, "apply", "-auto-approve")
			w.must(0, in, "plan", "-detailed-exitcode")
			counts := map[string]int{}
			for _, g := range c.Groups(testProject, testRegion) {
				counts[g.Name] = len(g.Rules)
			}
			if got := fmt.Sprint(counts); got != rules[example] {
				t.Errorf("the groups have %s rules, want %s", got, rules[example])
			}
			w.must(0, in, "destroy", "-auto-approve")
			if diff := c.differs(nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The module can be called from a tag of a git repository.
func TestModuleFromGit(t *testing.T) {
	t.Parallel()
	repository := t.TempDir()
	git := func(arguments ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "git", append([]string{"-C", repository, "-c", "user.name=test", "-c", "user.email=test@example.com"}, arguments...)...)
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(arguments, " "), err, output)
		}
	}
	must(os.MkdirAll(filepath.Join(repository, "examples", "module"), 0o700))
	must(os.CopyFS(filepath.Join(repository, "examples", "module"), os.DirFS(moduleDirectory)))
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "--message=module")
	git("tag", "v0")
	git("rm", "--quiet", "-r", "examples")
	git("commit", "--quiet", "--message=nothing")

	c := strictCloud(t)
	w := c.workspace(t)
	w.configure(fmt.Sprintf("module \"web\" {\n  source = %q\n  name = \"web\"\n  egress = \"none\"\n  presets = { https = { cidrs = [\"0.0.0.0/0\"] } }\n}\n",
		"git::file://"+filepath.ToSlash(repository)+"//examples/module?ref=v0"))
	w.must(0, "get")
	w.must(0, "apply", "-auto-approve")
	w.must(0, "plan", "-detailed-exitcode")
	if made := c.only(t); made.Name != "web" || len(made.Rules) != 1 {
		t.Errorf("the group is %s with %d rules", made.Name, len(made.Rules))
	}
}

// The configuration that the module's README begins with can be applied as it is.
func TestModuleUsage(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t).withModule()
	_, usage, _ := strings.Cut(w.read(moduleDirectory+"/README.md"), "```terraform\n")
	usage, _, _ = strings.Cut(usage, "```")
	const source = `"git::https://github.com/gcore-community/terraform-provider-gcore.git//examples/module?ref=main"`
	if !strings.Contains(usage, source) {
		t.Fatalf("the module is not taken from its repository:\n%s", usage)
	}
	must(os.Mkdir(filepath.Join(w.directory, "usage"), 0o700))
	w.write("usage/main.tf", strings.Replace(usage, source, `"../"`, 1))
	w.must(0, "fmt", "-check", "-diff", "usage")
	w.must(0, "-chdir=usage", "get")
	w.must(0, "-chdir=usage", "apply", "-auto-approve")
	w.must(0, "-chdir=usage", "plan", "-detailed-exitcode")
	if made := c.only(t); made.Name != "web" || len(made.Rules) != 17 {
		t.Errorf("the group is %s with %d rules", made.Name, len(made.Rules))
	}
}

// An error of one of many modules names the group and the preset or entry. No preset opens a protected service to everybody.
func TestModuleMistakes(t *testing.T) {
	t.Parallel()
	const good, bad = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a0", "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
	_, list, _ := strings.Cut(readPage(t, moduleDirectory+"/presets.tf"), "guarded = [")
	guarded := regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(list, -1)
	if len(guarded) < 20 {
		t.Fatalf("only %d presets are protected", len(guarded))
	}
	presets := "htpps = { self = true }\nhttps = {}\n"
	wants := []string{`presets["htpps"]: there is no preset "htpps". The presets are cassandra,`, `presets["https"] has no remote.`}
	for _, name := range guarded {
		presets += name[1] + " = { cidrs = [\"0.0.0.0/0\"] }\n"
		wants = append(wants, `presets["`+name[1]+`"] would open a service`)
	}
	for name, test := range map[string]struct {
		inputs string
		wants  []string
	}{
		"presets":   {"presets = { good = {}, bad = {\n" + presets + "} }[each.key]", wants},
		"entries":   {"entries = { good = {}, bad = { metrics = { protocols = [\"tcp\"], self = true } } }[each.key]", []string{`entries["metrics"]`}},
		"sensitive": {"presets = { good = {}, bad = { ssh = { cidrs = sensitive([\"0.0.0.0/0\"]) } } }[each.key]", []string{`presets["ssh"] would open a service`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := strictCloud(t).workspace(t).withModule()
			must(os.Mkdir(filepath.Join(w.directory, "root"), 0o700))
			w.write("root/main.tf", fmt.Sprintf(`
module "created" {
  source   = "../"
  for_each = { good = "group-good", bad = "group-bad" }
  name     = each.value
  %[1]s
}
module "existing" {
  source            = "../"
  for_each          = { good = %[2]q, bad = %[3]q }
  create_group      = false
  security_group_id = each.value
  %[1]s
}
`, test.inputs, good, bad))
			w.must(0, "-chdir=root", "get")
			printed := w.must(1, "-chdir=root", "plan", "-no-color")
			var errors []string
			for _, text := range strings.Split(printed, "Error: ")[1:] {
				errors = append(errors, strings.Join(strings.Fields(strings.ReplaceAll(text, "│", "")), " "))
			}
			for _, group := range []string{"group-bad", bad} {
				for _, want := range test.wants {
					if !slices.ContainsFunc(errors, func(text string) bool {
						return strings.Contains(text, fmt.Sprintf("local.group is %q", group)) && strings.Contains(text, want)
					}) {
						t.Errorf("no error of %s contains %s:\n%s", group, want, printed)
					}
				}
			}
			for _, group := range []string{"group-good", good} {
				if strings.Contains(printed, fmt.Sprintf("local.group is %q", group)) {
					t.Errorf("an error is about %s:\n%s", group, printed)
				}
			}
		})
	}
}

// No plan and no apply prints a sensitive remote.
func TestModuleSensitive(t *testing.T) {
	t.Parallel()
	c := strictCloud(t)
	w := c.workspace(t).withModule()
	in := "-chdir=tests/sensitive"
	w.must(0, in, "get")
	printed := w.must(0, in, "apply", "-auto-approve", "-no-color")
	says(t, printed, `this["ingress-tcp-22-from-preset-ssh-3"] will be created`)
	printed += w.must(0, in, "plan", "-detailed-exitcode", "-no-color")
	printed += w.must(0, in, "apply", "-auto-approve", "-no-color", `-var=offices=["198.51.100.7"]`)
	printed += w.must(0, in, "destroy", "-auto-approve", "-no-color")
	for _, address := range []string{"203.0.113", "198.51.100", "2001:db8"} {
		if strings.Contains(printed, address) {
			t.Errorf("Terraform prints %s:\n%s", address, printed)
		}
	}
}

// The module's README has a line for each preset, and links to what exists, also where the module is alone.
func TestModuleReadme(t *testing.T) {
	t.Parallel()
	readme := readPage(t, moduleDirectory+"/README.md")
	presets := readPage(t, moduleDirectory+"/presets.tf")
	_, guarded, _ := strings.Cut(presets, "guarded = [")
	for _, name := range regexp.MustCompile(`(?m)^    (\w+) += \{ protocols`).FindAllStringSubmatch(presets, -1) {
		protected := ""
		if strings.Contains(guarded, `"`+name[1]+`"`) {
			protected = "yes "
		}
		if !regexp.MustCompile("(?m)^\\| `" + name[1] + "` \\| .* \\| " + protected + `\|$`).MatchString(readme) {
			t.Errorf("the README has no line for the preset %s, protected: %q", name[1], protected)
		}
	}
	const repository = "https://github.com/gcore-community/terraform-provider-gcore/blob/main/"
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme, -1) {
		target, within := strings.CutPrefix(link[1], repository)
		parsed, err := url.Parse(target)
		switch {
		case err != nil:
			t.Error(err)
		case parsed.Path == "" || parsed.Host != "":
		case within:
			_, err = os.Stat(filepath.Join("../..", parsed.Path))
		case !filepath.IsLocal(parsed.Path):
			t.Errorf("%s leads out of the module", link[1])
		default:
			_, err = os.Stat(filepath.Join(moduleDirectory, parsed.Path))
		}
		if err != nil {
			t.Error(err)
		}
	}
	if readPage(t, moduleDirectory+"/LICENSE") != readPage(t, "../../LICENSE") {
		t.Error("the module has another LICENSE")
	}
}

// The tables of the README are those of terraform-docs, without anchors.
func TestModuleReadmeTables(t *testing.T) {
	t.Parallel()
	readme := readPage(t, moduleDirectory+"/README.md")
	const begin, end = "<!-- BEGIN_TF_DOCS -->\n", "<!-- END_TF_DOCS -->\n"
	before, rest, _ := strings.Cut(readme, begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatal("the README has no place for the tables")
	}
	golden(t, moduleDirectory+"/README.md", before+begin+moduleTables(t)+end+after)
}

func moduleTables(t *testing.T) string {
	t.Helper()
	read := func(name string) string { return readPage(t, moduleDirectory+"/"+name) }
	escaped := func(name string) string { return strings.ReplaceAll(name, "_", `\_`) }
	first := func(pattern, text string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("nothing matches %s in:\n%s", pattern, text)
		}
		return found[1]
	}
	var b strings.Builder
	versions := read("versions.tf")
	provider := first(`version = "(.*)"\n    \}`, versions)
	fmt.Fprintf(&b, "## Requirements\n\n| Name | Version |\n|------|---------|\n| %s | %s |\n| %s | %s |\n\n",
		"terraform", first(`required_version = "(.*)"`, versions), "gcore", provider)
	fmt.Fprintf(&b, "## Providers\n\n| Name | Version |\n|------|---------|\n| %s | %s |\n\n## Modules\n\nNo modules.\n\n", "gcore", provider)
	b.WriteString("## Resources\n\n| Name | Type |\n|------|------|\n")
	for _, resource := range regexp.MustCompile(`(?m)^resource "gcore_(\w+)" "(\w+)"`).FindAllStringSubmatch(read("main.tf"), -1) {
		fmt.Fprintf(&b, "| [gcore_%[1]s.%[2]s](https://registry.terraform.io/providers/gcore-community/gcore/latest/docs/resources/%[1]s) | resource |\n", resource[1], resource[2])
	}
	b.WriteString("\n## Inputs\n\n| Name | Description | Type | Default | Required |\n|------|-------------|------|---------|:--------:|\n")
	for _, block := range blocks(t, read("variables.tf"), "variable") {
		kind := "`" + first(`(?s)\n  type += (.*?)\n(?:  \w|\})`, block.body) + "`"
		if strings.Contains(kind, "\n") {
			kind = "<pre>" + strings.ReplaceAll(strings.Trim(kind, "`"), "\n  ", "<br/>") + "</pre>"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | no |\n",
			escaped(block.name), first(`description += "(.*)"`, block.body), kind, first(`\n  default += (.*)\n`, block.body))
	}
	b.WriteString("\n## Outputs\n\n| Name | Description |\n|------|-------------|\n")
	for _, block := range blocks(t, read("outputs.tf"), "output") {
		fmt.Fprintf(&b, "| %s | %s |\n", escaped(block.name), first(`description += "(.*)"`, block.body))
	}
	return b.String()
}

type namedBlock struct{ name, body string }

// blocks are the blocks of a formatted file, by name.
func blocks(t *testing.T, text, kind string) []namedBlock {
	t.Helper()
	var found []namedBlock
	for _, match := range regexp.MustCompile(`(?ms)^`+kind+` "(\w+)" (\{.*?^\})`).FindAllStringSubmatch(text, -1) {
		found = append(found, namedBlock{match[1], match[2]})
	}
	if len(found) < 2 {
		t.Fatalf("only %d blocks are a %s", len(found), kind)
	}
	slices.SortFunc(found, func(a, b namedBlock) int { return strings.Compare(a.name, b.name) })
	return found
}
