package secgroup

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

// ReadGroup reads a group. The answer may be some seconds old, but never older than this process's last write to the group.
func (s *Service) ReadGroup(ctx context.Context, group Ref) (client.SecurityGroup, error) {
	answer, err := s.client.RecentSecurityGroup(ctx, group.Location, group.ID)
	return s.checked(ctx, group, answer, err)
}

// ReadRules is ReadGroup with an error for an answer that says nothing about the rules.
func (s *Service) ReadRules(ctx context.Context, group Ref) (client.SecurityGroup, error) {
	return requireRules(s.ReadGroup(ctx, group))
}

// ListGroups lists the groups of a place that match a filter, as the API understands it; see
// [client.SecurityGroupFilter]. After an error nothing follows.
func (s *Service) ListGroups(
	ctx context.Context, at client.Location, filter client.SecurityGroupFilter,
) iter.Seq2[client.SecurityGroup, error] {
	return s.client.SecurityGroups(ctx, at, filter)
}

// ListInstances lists the instances that use a group, as far as the API lists them, and how many there are.
func (s *Service) ListInstances(ctx context.Context, group Ref) (instances []client.Instance, count int64, err error) {
	return s.client.SecurityGroupInstances(ctx, group.Location, group.ID)
}

// ListProjects lists the projects that the key may see. After an error nothing follows.
func (s *Service) ListProjects(ctx context.Context) iter.Seq2[client.Project, error] {
	return s.client.Projects(ctx)
}

// ListRegions lists the regions that the key may see. After an error nothing follows.
func (s *Service) ListRegions(ctx context.Context) iter.Seq2[client.Region, error] {
	return s.client.Regions(ctx)
}

// Claim records that a resource of this process has the object of that id.
func (s *Service) Claim(id string) { s.known.add(id) }

// fresh reads a group as it is now: for a change to show, and before a PATCH, which must not undo what others did
// meanwhile.
func (s *Service) fresh(ctx context.Context, group Ref) (client.SecurityGroup, error) {
	answer, err := s.client.SecurityGroup(ctx, group.Location, group.ID)
	return s.checked(ctx, group, answer, err)
}

// newer reads a group twice and returns the newer answer. A copy of the data that is behind lacks what somebody else has just
// added, and a PATCH would remove it.
func (s *Service) newer(ctx context.Context, group Ref) (client.SecurityGroup, error) {
	first, err := s.fresh(ctx, group)
	if err != nil {
		return first, err
	}
	second, err := s.fresh(ctx, group)
	if err == nil && second.RevisionNumber < first.RevisionNumber {
		second = first
	}
	return second, err
}

// checked returns an error if the answer is about another group, and makes an unclear error clear.
func (s *Service) checked(ctx context.Context, group Ref, answer client.SecurityGroup, err error) (client.SecurityGroup, error) {
	if err != nil {
		return answer, s.clarify(ctx, group, err)
	}
	if !strings.EqualFold(answer.ID, group.ID) {
		return client.SecurityGroup{}, fmt.Errorf("the API was asked for security group %s and answered about %q", group.ID, answer.ID)
	}
	return answer, nil
}

func requireRules(answer client.SecurityGroup, err error) (client.SecurityGroup, error) {
	if err == nil && answer.Rules == nil {
		err = errNoRules
	}
	return answer, err
}

// age is how long ago something was created, by the server's clock as far as that is known.
func (s *Service) age(created client.Time) time.Duration {
	now, _ := s.client.ServerTime(s.client.Now())
	return now.Sub(created.Time)
}
