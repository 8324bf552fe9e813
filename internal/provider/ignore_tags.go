package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// ignoreTags is the name of the block.
const ignoreTags = "ignore_tags"

// tagSettings is what the provider block says of the tags of all groups.
type tagSettings struct {
	defaults types.Map
	ignored  secgroup.IgnoredTags
}

func ignoreTagsBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Tags that are managed elsewhere, such as by a tool that labels all resources. They appear in no plan and in no resource's state, and updates keep them. " +
			"`tags` and `default_tags` must not contain them. Data sources show them only in `tags_v2`. Keys are case-insensitive, as in the cloud.",
		Attributes: map[string]schema.Attribute{
			"keys": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Tag keys to ignore.",
			},
			"key_prefixes": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Prefixes of tag keys to ignore.",
			},
		},
	}
}

// ValidateConfig finds the mistakes in ignore_tags, and default tags that it says nobody here owns.
func (p *gcore) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	_, _, diags := model.ignoredTags()
	resp.Diagnostics.Append(diags...)
}

// tags are the settings that the resources get. Ignored tags have to be known: a plan made without them would show the tags
// of others, and its apply would remove them.
func (m providerModel) tags() (tagSettings, diag.Diagnostics) {
	ignored, known, diags := m.ignoredTags()
	if !known {
		diags.AddAttributeError(attribute(ignoreTags), "ignore_tags is not known yet",
			"A part of ignore_tags is known only after the apply of another resource. Until then it is not known which tags belong to others. "+
				"Write the keys as text, or take them from a variable.")
	}
	return tagSettings{defaults: m.DefaultTags, ignored: ignored}, diags
}

// ignoredTags reads ignore_tags and lists its mistakes. What is not known yet is skipped; known is false then.
func (m providerModel) ignoredTags() (ignored secgroup.IgnoredTags, known bool, diags diag.Diagnostics) {
	if m.IgnoreTags.IsNull() || m.IgnoreTags.IsUnknown() {
		return ignored, !m.IgnoreTags.IsUnknown(), nil
	}
	at := attribute(ignoreTags)
	attributes := m.IgnoreTags.Attributes()
	if attributes["keys"].IsNull() && attributes["key_prefixes"].IsNull() {
		diags.AddAttributeError(at, "ignore_tags ignores nothing", "keys and key_prefixes are both left out, or null. Write one of them at least.")
	}
	known = true
	for _, set := range []struct {
		name string
		into *[]string
	}{{"keys", &ignored.Keys}, {"key_prefixes", &ignored.Prefixes}} {
		texts, all, more := knownTexts(at.AtName(set.name), attributes[set.name])
		*set.into, known = texts, known && all
		diags.Append(more...)
	}
	for _, key := range sortedKeys(m.DefaultTags.Elements()) {
		if ignored.Has(key) {
			diags.AddAttributeError(attribute("default_tags").AtMapKey(key), titleIgnoredTag, fmt.Sprintf(
				"default_tags sets %s, which ignore_tags leaves to others. Remove it from one of the two.", rule.Quote(key)))
		}
	}
	return ignored, known, diags
}

const titleIgnoredTag = "Tag is in ignore_tags"

// knownTexts are the known keys of a set, or beginnings of keys.
func knownTexts(at path.Path, value attr.Value) (texts []string, known bool, diags diag.Diagnostics) {
	if value.IsUnknown() {
		return nil, false, nil
	}
	known = true
	set, _ := value.(types.Set)
	for _, element := range set.Elements() {
		text, _ := element.(types.String)
		if text.IsUnknown() {
			known = false
			continue
		}
		if title, words := tagKeyProblem(at, text.ValueString()); title != "" {
			diags.AddAttributeError(at, title, words)
			continue
		}
		texts = append(texts, text.ValueString())
	}
	return texts, known, diags
}

// check lists the tags of a group that contradict the provider block.
func (s tagSettings) check(tags types.Map) diag.Diagnostics {
	diags := checkTagsOverDefaults(tags, s.defaults)
	for _, key := range sortedKeys(tags.Elements()) {
		if s.ignored.Has(key) {
			diags.AddAttributeError(attribute("tags").AtMapKey(key), titleIgnoredTag, fmt.Sprintf(
				"tags sets %s, which the provider's ignore_tags leaves to others. Remove it from one of the two.", rule.Quote(key)))
		}
	}
	return diags
}
