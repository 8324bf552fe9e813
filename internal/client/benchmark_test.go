package client_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// BenchmarkSecurityGroup reads and decodes a group of 250 rules, without a network.
func BenchmarkSecurityGroup(b *testing.B) {
	var rules []string
	for n := range 250 {
		rules = append(rules, fmt.Sprintf(`{"id":"9d1b0c3a-52f4-4f4b-8a55-%012d","security_group_id":%q,"direction":"ingress",`+
			`"ethertype":"IPv4","protocol":"tcp","port_range_min":%[1]d,"port_range_max":%[1]d,"remote_ip_prefix":"10.0.0.0/8",`+
			`"remote_group_id":null,"description":"a rule","revision_number":0,`+
			`"created_at":"2026-05-01T12:00:00+0000","updated_at":"2026-05-01T12:00:00+0000"}`, n, groupID))
	}
	body := []byte(`{"id":"` + groupID + `","name":"web","security_group_rules":[` + strings.Join(rules, ",") + `]}`)
	c, err := client.New(client.Config{BaseURL: "http://localhost", APIKey: testKey})
	if err != nil {
		b.Fatal(err)
	}
	c.Answer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
	})
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if group, err := c.SecurityGroup(b.Context(), here, groupID); err != nil || len(group.Rules) != 250 {
			b.Fatal(len(group.Rules), err)
		}
	}
}
