package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// The reads that follow a write, or the end of its task, do not reuse an older answer.
func TestWritesAreRead(t *testing.T) {
	t.Parallel()
	name := "www"
	egress := client.RuleRequest{Direction: "egress"}
	for what, write := range map[string]func(context.Context, *client.Client) (reused bool, err error){
		"nothing": func(context.Context, *client.Client) (bool, error) { return true, nil },
		"POST of a rule": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.CreateSecurityGroupRule(ctx, here, strings.ToUpper(groupID), egress)
			return false, err
		},
		"DELETE of a rule": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.DeleteSecurityGroupRule(ctx, here, groupID, ruleID)
			return false, err
		},
		"PATCH": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.UpdateSecurityGroup(ctx, here, groupID, client.UpdateSecurityGroupRequest{Name: &name})
			return false, err
		},
		"DELETE of another group": func(ctx context.Context, c *client.Client) (bool, error) {
			return false, c.DeleteSecurityGroup(ctx, here, "other")
		},
		"POST of a rule in another group": func(ctx context.Context, c *client.Client) (bool, error) {
			_, err := c.CreateSecurityGroupRule(ctx, here, "other", egress)
			return true, err
		},
		"task": func(ctx context.Context, c *client.Client) (bool, error) {
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, egress)
			if _, err := c.RecentSecurityGroup(ctx, here, groupID); err != nil {
				return false, err
			}
			if err == nil {
				_, err = c.WaitForTask(ctx, id)
			}
			return false, err
		},
		"task that was not waited for to its end": func(ctx context.Context, c *client.Client) (bool, error) {
			id, err := c.CreateSecurityGroupRule(ctx, here, groupID, egress)
			if _, err := c.RecentSecurityGroup(ctx, here, groupID); err != nil {
				return false, err
			}
			ctx, cancel := context.WithTimeout(ctx, taskTime/2)
			defer cancel()
			if _, waited := c.WaitForTask(ctx, id); waited == nil {
				err = errors.New("it was waited for")
			}
			return false, err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &fakeAPI{}
				c := api.client(t)
				if _, err := c.RecentSecurityGroup(t.Context(), here, groupID); err != nil {
					t.Fatal(err)
				}
				reused, err := write(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				before := api.requests["group"]
				if _, err := c.RecentSecurityGroup(t.Context(), here, groupID); err != nil {
					t.Fatal(err)
				}
				if (api.requests["group"] == before) != reused {
					t.Errorf("the answer is reused: %t, want %t", !reused, reused)
				}
			})
		})
	}
}
