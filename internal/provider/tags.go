package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// allTags is a group's tags over the provider's default tags. It is unknown as a whole while either of them is.
func allTags(tags, defaults types.Map) types.Map {
	if tags.IsUnknown() || defaults.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	all := map[string]attr.Value{}
	maps.Copy(all, defaults.Elements())
	maps.Copy(all, tags.Elements())
	return types.MapValueMust(types.StringType, all)
}

// tagsFromAPI splits the tags of a group, without those of the cloud and of others, into the user's own and all. A tag that
// equals one of the provider's defaults, or that came from one before, is the user's own only if the state has it as such.
// Without tags, null and {} stay as they were.
func tagsFromAPI(server map[string]string, prior, priorAll, defaults types.Map) (tags, all types.Map) {
	own, every := map[string]attr.Value{}, map[string]attr.Value{}
	for key, text := range server {
		value := types.StringValue(rule.Composed(text))
		every[key] = value
		_, mine := prior.Elements()[key]
		_, known := priorAll.Elements()[key]
		standard, isDefault := defaults.Elements()[key]
		fromDefaults := known || isDefault && standard.Equal(value)
		if mine || !fromDefaults {
			own[key] = value
		}
	}
	all = types.MapValueMust(types.StringType, every)
	if len(own) == 0 && prior.IsNull() {
		return types.MapNull(types.StringType), all
	}
	return types.MapValueMust(types.StringType, own), all
}

// texts is a map of known strings as Go has them. Nulls are left out.
func texts(m types.Map) map[string]string {
	result := map[string]string{}
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() {
			result[key] = text.ValueString()
		}
	}
	return result
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
