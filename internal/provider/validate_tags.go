package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
	"github.com/gcore-community/terraform-provider-gcore/internal/secgroup"
)

// longestTag is the limit of the API's contract for a tag's key and for its value, in characters.
const longestTag = 255

// validTags checks a map of tags where no resource does: the provider's default tags.
type validTags struct{}

var _ validator.Map = validTags{}

const tagDescription = "Keys must not contain white space or `=`, and must differ in more than letter case. " +
	"Values must not be empty, or begin or end with white space. Both have at most 255 characters."

func (validTags) Description(context.Context) string { return tagDescription }

func (v validTags) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (validTags) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	resp.Diagnostics.Append(checkTags(req.Path, req.ConfigValue)...)
}

// checkTags lists the mistakes in a map of tags as it is configured, by the patterns of the API's contract. Unknown
// values are skipped.
func checkTags(at path.Path, tags types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	elements := tags.Elements()
	folded := make(map[string]string, len(elements))
	for _, key := range sortedKeys(elements) {
		here := at.AtMapKey(key)
		if title, text := tagKeyProblem(at, key); title != "" {
			diags.AddAttributeError(here, title, text)
			continue
		}
		if title, text := tagValueProblem(elements[key]); title != "" {
			diags.AddAttributeError(here, title, entryAt(at, key)+" "+text)
		}
		if other, taken := folded[secgroup.FoldTag(key)]; taken {
			diags.AddAttributeError(here, titleTagCase, fmt.Sprintf(
				"%s has the keys %q and %q. Keys are case-insensitive in the cloud, so it cannot hold both. Remove one of the two.",
				at, other, key))
			continue
		}
		folded[secgroup.FoldTag(key)] = key
	}
	return diags
}

const titleTagCase = "Tag keys that differ only in case"

// checkTagsOverDefaults lists the tags of a group that the cloud could not hold beside the provider's default tags: a
// key is another one here, and not there. Maps that are unknown or null as a whole have no keys.
func checkTagsOverDefaults(tags, defaults types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	folded := map[string]string{}
	for key := range defaults.Elements() {
		folded[secgroup.FoldTag(key)] = key
	}
	for _, key := range sortedKeys(tags.Elements()) {
		if standard, taken := folded[secgroup.FoldTag(key)]; taken && standard != key {
			diags.AddAttributeError(attribute("tags").AtMapKey(key), titleTagCase, fmt.Sprintf(
				"tags has the key %q, and the provider's default_tags have %q. Keys are case-insensitive in the cloud, "+
					"so it cannot hold both. To set the default tag to another value here, write its key as %q.", key, standard, standard))
		}
	}
	return diags
}

// tagKeyProblem says what is wrong with a key, and is empty if nothing is.
func tagKeyProblem(at path.Path, key string) (title, text string) {
	unfit := func(c rune) bool { return c == '=' || unicode.IsSpace(c) }
	length := utf8.RuneCountInString(key)
	switch {
	case key == "":
		return "Empty tag key", fmt.Sprintf("%s has a tag whose key is empty. Write a key of 1 to %d characters.", at, longestTag)
	case length > longestTag:
		return "Tag key too long", fmt.Sprintf("%s has the key %s of %d characters. Write %d at most.", at, rule.Quote(key), length, longestTag)
	case strings.ContainsFunc(key, unfit):
		text = fmt.Sprintf("%s has the key %s. A key must not contain white space or an equals sign.", at, rule.Quote(key))
		if fitting := strings.Join(strings.FieldsFunc(key, unfit), "_"); fitting != "" {
			text += fmt.Sprintf(" Write for example %s.", rule.Quote(fitting))
		}
		return "Invalid tag key", text
	}
	return "", ""
}

// tagValueProblem says what is wrong with a value, and is empty if nothing is. The API strips white space around a
// value, so a padded one would come back changed.
func tagValueProblem(element attr.Value) (title, text string) {
	value, isText := element.(types.String)
	if !isText || value.IsUnknown() {
		return "", ""
	}
	given := value.ValueString()
	length := utf8.RuneCountInString(given)
	switch {
	case value.IsNull():
		return "Missing tag value", "is null. Write a value, or leave the tag out."
	case given == "":
		return "Empty tag value", `is "", and the API accepts no tag without a value. Write one, or leave the tag out.`
	case length > longestTag:
		return "Tag value too long", fmt.Sprintf("has %d characters. Write %d at most.", length, longestTag)
	case strings.ContainsAny(given, "\t\n\r\f\v") || strings.TrimSpace(given) != given:
		text = fmt.Sprintf("is %s. A value must not contain a tab or line break, or begin or end with a space.", rule.Quote(given))
		if fitting := strings.Join(strings.Fields(given), " "); fitting != "" {
			text += fmt.Sprintf(" Write for example %s.", rule.Quote(fitting))
		}
		return "Invalid tag value", text
	}
	return "", ""
}
