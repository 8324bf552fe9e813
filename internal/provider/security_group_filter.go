package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// groupFilter is what a configuration says of the groups that it looks for, with the names of the API's own filters.
// All that is given has to match.
type groupFilter struct {
	Name        types.String `tfsdk:"name"`
	TagKey      types.List   `tfsdk:"tag_key"`
	TagKeyValue types.String `tfsdk:"tag_key_value"`
}

// groupSearch is a filter for lists, with the place to look in.
type groupSearch struct {
	groupFilter
	NameRegex types.String `tfsdk:"name_regex"`
	ProjectID types.Int64  `tfsdk:"project_id"`
	RegionID  types.Int64  `tfsdk:"region_id"`
}

// The descriptions of these attributes.
const (
	nameFilterDescription        = "Exact name of the group."
	nameRegexDescription         = "Regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) for the name. Matches any part of the name unless anchored with `^` and `$`."
	tagKeyFilterDescription      = "Tag keys that the group must have, with any value, read-only tags included."
	tagKeyValueFilterDescription = "Tags that the group must have, as a JSON object such as `jsonencode({ team = \"web\" })`, read-only tags included."
)

// check finds the mistakes in a filter. What is not known yet is skipped.
func (f groupFilter) check(at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if !f.Name.IsNull() && !f.Name.IsUnknown() && f.Name.ValueString() == "" {
		diags.AddAttributeError(at.AtName("name"), "Empty name", "No group has an empty name. Write a name, or leave name out.")
	}
	for i, element := range f.TagKey.Elements() {
		key, _ := element.(types.String)
		switch {
		case key.IsUnknown():
			continue
		case key.IsNull():
			diags.AddAttributeError(at.AtName("tag_key").AtListIndex(i), "Missing tag key", "A key in tag_key is null. Write a key, or leave it out.")
			continue
		}
		if title, text := tagKeyProblem(at.AtName("tag_key"), key.ValueString()); title != "" {
			diags.AddAttributeError(at.AtName("tag_key").AtListIndex(i), title, text)
		}
	}
	if _, err := f.tags(); err != nil {
		diags.AddAttributeError(at.AtName("tag_key_value"), "Invalid tag_key_value", fmt.Sprintf(
			"tag_key_value is %s. Write a JSON object with at least one key, whose values are strings, such as jsonencode({ team = \"web\" }).",
			rule.Quote(f.TagKeyValue.ValueString())))
	}
	return diags
}

// check is that of the filter, and of what only lists have.
func (s groupSearch) check() diag.Diagnostics {
	diags := s.groupFilter.check(path.Empty())
	if _, err := s.pattern(); err != nil {
		diags.AddAttributeError(attribute("name_regex"), "Invalid regular expression", sentence(err.Error()))
	}
	return diags
}

var errNoTags = errors.New("no tags, or one without a value")

// tags reads tag_key_value, which may be left out.
func (f groupFilter) tags() (map[string]string, error) {
	if f.TagKeyValue.IsNull() || f.TagKeyValue.IsUnknown() {
		return nil, nil
	}
	var given map[string]*string
	if err := json.Unmarshal([]byte(f.TagKeyValue.ValueString()), &given); err != nil {
		return nil, err
	}
	tags := make(map[string]string, len(given))
	for key, value := range given {
		if value == nil {
			return nil, errNoTags
		}
		tags[key] = *value
	}
	if len(tags) == 0 {
		return nil, errNoTags
	}
	return tags, nil
}

// pattern is nil if there is none.
func (s groupSearch) pattern() (*regexp.Regexp, error) {
	if s.NameRegex.IsNull() || s.NameRegex.IsUnknown() {
		return nil, nil
	}
	return regexp.Compile(s.NameRegex.ValueString())
}

// known reports whether every part of the filter has its value.
func (f groupFilter) known() bool {
	for _, value := range append([]attr.Value{f.Name, f.TagKey, f.TagKeyValue}, f.TagKey.Elements()...) {
		if value.IsUnknown() {
			return false
		}
	}
	return true
}

// request is the filter as the API has it. It is known and has been checked.
func (f groupFilter) request() client.SecurityGroupFilter {
	request := client.SecurityGroupFilter{Name: f.Name.ValueString()}
	for _, element := range f.TagKey.Elements() {
		if key, ok := element.(types.String); ok {
			request.TagKeys = append(request.TagKeys, key.ValueString())
		}
	}
	request.TagKeyValue, _ = f.tags()
	return request
}

// filterWords says what a filter asks for: `the name "web" and the tag key "a"`.
func filterWords(f client.SecurityGroupFilter) string {
	var words []string
	if f.Name != "" {
		words = append(words, "the name "+rule.Quote(f.Name))
	}
	for _, key := range f.TagKeys {
		words = append(words, "the tag key "+rule.Quote(key))
	}
	for _, key := range sortedKeys(f.TagKeyValue) {
		words = append(words, fmt.Sprintf("the tag %s = %s", key, rule.Quote(f.TagKeyValue[key])))
	}
	return strings.Join(words, " and ")
}

// search yields the groups that match to the letter, page by page. With rules, a group that the list returns without its
// rules is read by itself. An error is the last thing that is yielded.
func (d *providerData) search(
	ctx context.Context, at client.Location, s groupSearch, withRules bool,
) iter.Seq2[client.SecurityGroup, error] {
	return func(yield func(client.SecurityGroup, error) bool) {
		pattern, err := s.pattern()
		if err != nil {
			yield(client.SecurityGroup{}, err)
			return
		}
		filter := s.request()
		for group, err := range d.service.ListGroups(ctx, at, filter) {
			if err == nil && (!filter.Matches(group) || pattern != nil && !pattern.MatchString(group.Name)) {
				continue
			}
			if err == nil && withRules && group.Rules == nil {
				group, err = d.service.ReadRules(ctx, secgroup.Ref{Location: at, ID: group.ID})
				if errors.Is(err, client.ErrNotFound) {
					continue // it went meanwhile
				}
			}
			if !yield(group, err) || err != nil {
				return
			}
		}
	}
}
