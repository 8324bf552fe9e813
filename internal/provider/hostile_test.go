package provider

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gcore-community/terraform-provider-gcore/internal/gcoretest"
)

// Whatever answers in place of the API, a plan and an apply end with an error and leave the state as it is, and their
// output has neither the key nor a control character.
func TestHostileAnswersLeaveTheState(t *testing.T) {
	t.Parallel()
	const id = "0d1e9a64-21c7-4f0e-bb6c-6a7f8f9e1d03"
	for name, body := range map[string]string{
		"another group":           `{"id":"` + id + `","name":"other","project_id":1,"region_id":76,"security_group_rules":[],"tags_v2":[]}`,
		"no rules":                `{"id":"ID","name":"web","project_id":1,"region_id":76,"security_group_rules":null,"tags_v2":[]}`,
		"a rule without id":       `{"id":"ID","name":"web","project_id":1,"region_id":76,"security_group_rules":[{"direction":"ingress"}],"tags_v2":[]}`,
		"escapes as ids":          `{"id":"ID","name":"web","project_id":1,"region_id":76,"security_group_rules":[{"id":"\u001b[2J","direction":"ingress"}],"tags_v2":[]}`,
		"the key as description":  `{"id":"ID","name":"web","description":"KEY","project_id":1,"region_id":76,"security_group_rules":[],"tags_v2":[]}`,
		"a list in place of all":  `[{"id":"ID"}]`,
		"tasks in place of all":   `{"tasks":["..","\u001b[2J"]}`,
		"wrong types":             `{"id":"ID","name":["KEY"],"project_id":"1","security_group_rules":{}}`,
		"a web page with the key": "<html>\x1b[2J KEY</html>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, gcoretest.Config{})
			w := c.workspace(t).reattached(c)
			others := peer("") + httpsIn("gcore_cloud_security_group.peer") +
				strings.ReplaceAll(peer(""), "peer", "other") + setOf("gcore_cloud_security_group.other.id", "rules = {"+httpsEntry+"}")
			w.configure(web("rules = {"+httpsEntry+"}") + others)
			w.must(0, "apply", "-auto-approve")
			before := w.read(filepath.Join(w.directory, "terraform.tfstate"))
			answer := strings.NewReplacer("KEY", c.APIKey(), "ID", c.named("web").ID).Replace(body)
			hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
			t.Cleanup(hostile.Close)
			deceived := w
			deceived.env = slices.Concat(w.env, []string{"GCORE_BASE_URL=" + hostile.URL})
			deceived = deceived.reattached(c)
			w.configure(web("description = \"changed\"") + others + "data \"gcore_cloud_projects\" \"all\" {}\ndata \"gcore_cloud_regions\" \"all\" {}\n")
			output := deceived.must(1, "plan", "-no-color") + deceived.must(1, "apply", "-auto-approve", "-no-color") +
				deceived.must(1, "apply", "-auto-approve", "-no-color", "-refresh=false", "-target="+webGroup)
			if strings.Contains(output, c.APIKey()) || strings.Contains(output, "\x1b") {
				t.Errorf("the key or an escape sequence is in %q", output)
			}
			if diff := cmp.Diff(resources(t, before), resources(t, w.read(filepath.Join(w.directory, "terraform.tfstate")))); diff != "" {
				t.Errorf("the state changed (-before +after):\n%s\n%s", diff, output)
			}
			w.configure(web("rules = {"+httpsEntry+"}") + others)
			w.must(0, "plan", "-detailed-exitcode")
		})
	}
}

func resources(t *testing.T, state string) any {
	t.Helper()
	var decoded struct{ Resources any }
	if err := json.Unmarshal([]byte(state), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded.Resources
}

// With GODEBUG=http2debug=2, net/http writes the headers of each request to the standard logger, and Terraform would take
// them into its log.
func TestKeyInTheLogOfHTTP2(t *testing.T) {
	t.Parallel()
	c := newCloud(t, gcoretest.Config{})
	w := c.workspace(t)
	address, err := url.Parse(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(address))
	front.EnableHTTP2 = true
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	certificate := filepath.Join(w.directory, "ca.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "GCORE_BASE_URL="+front.URL, "SSL_CERT_FILE="+certificate, "GODEBUG=http2debug=2", "TF_LOG=TRACE")
	w.configure(web("rules = {" + httpsEntry + "}"))
	output := w.must(0, "apply", "-auto-approve", "-no-color")
	if strings.Contains(output, c.APIKey()) {
		at := strings.Index(output, c.APIKey())
		t.Errorf("the key is in the log: %s", fmt.Sprintf("%.200q", output[max(0, at-100):]))
	}
	if !strings.Contains(output, "HTTP bodies") {
		t.Error("nothing is logged")
	}
}
