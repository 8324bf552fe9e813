package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/rule"
)

// What public_admin_ports says of rules that let everybody reach a port for administration or a database.
const (
	publicPortsWarn  = "warn"
	publicPortsDeny  = "deny"
	publicPortsAllow = "allow"
)

var publicPortsValidators = []validator.String{stringvalidator.OneOf(publicPortsWarn, publicPortsDeny, publicPortsAllow)}

const publicPortsDescription = "What a plan does if ingress rules let everybody reach a port for administration or a database, such as `ssh (22)` or `PostgreSQL (5432)`: " +
	"`warn` shows a warning; `deny` shows an error if the resource is created or changed, and a warning if it stays as it is; `allow` shows nothing. "

// publicPortsAttribute is null for what the provider says.
func publicPortsAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Validators: publicPortsValidators,
		MarkdownDescription: publicPortsDescription + "Defaults to the provider's `public_admin_ports`. The cloud does not store it: changing only this sends no request.",
	}
}

// ingress is what the rules of one resource let in together.
type ingress struct {
	rules  map[string]rule.Given
	named  bool      // the keys are what a message calls the rules
	at     path.Path // the attribute that opens the ports
	says   string    // the words before the list of ports
	advice string
}

const narrowRemote = "Give a narrower remote_ip_prefix, or a remote_group_id."

func (m rulesMap) ingress() ingress {
	at, rules := attribute("rules"), make(map[string]rule.Given, len(m.entries))
	for key, entry := range m.entries {
		rules[entryAt(at, key)] = entry.given()
	}
	return ingress{rules, true, at, "Together, the ingress rules let everybody reach", narrowRemote}
}

// ingress is that of the planned entries, together with the rules that ignore_rules leaves to others.
func (c rulesChange) ingress() ingress {
	return c.planned.ingress().with(c.left())
}

// with adds rules of others.
func (i ingress) with(others []rule.Rule) ingress {
	if len(others) == 0 {
		return i
	}
	i.rules = maps.Clone(i.rules)
	for _, r := range others {
		i.rules["the rule of others "+r.Label()] = entryFromRule(r).given()
	}
	return i
}

func (m securityGroupModel) ingress(rules rulesChange, exists bool) ingress {
	if m.KeepDefaultRules.ValueBool() && !rules.planned.managed() && !exists {
		return templateIngress
	}
	return rules.ingress()
}

func (m securityGroupRuleModel) ingress() ingress {
	rules := map[string]rule.Given{"": m.entry().given()}
	return ingress{rules, false, attribute("remote_ip_prefix"), "The rule lets everybody reach", narrowRemote}
}

// templateIngress is what the API's documents since July 2026 say that a group that is created without rules lets in, but for
// ICMP. For IPv6 it is the same.
var templateIngress = func() ingress {
	everybody := func(protocol string, port int64) rule.Given {
		return rule.Given{
			Direction: new(rule.Ingress), Protocol: &protocol, PortRangeMin: &port, PortRangeMax: &port, RemoteIPPrefix: new("0.0.0.0/0"),
		}
	}
	return ingress{
		rules:  map[string]rule.Given{"ssh": everybody("tcp", 22), "rdp": everybody("tcp", 3389), "rdp by udp": everybody("udp", 3389)},
		at:     attribute("keep_default_rules"),
		says:   "keep_default_rules leaves the group the rules that the API gives it. By the API's documents since July 2026 these let everybody reach",
		advice: "Write rules in its place.",
	}
}()

// openPortsError are ports for administration and databases that everybody may reach. It is an error of a plan or an apply if
// public_admin_ports denies them.
type openPortsError struct {
	open, advice string
	// deniedBy is the setting that makes it an error; "" if none does.
	deniedBy string
}

func (e *openPortsError) Error() string { return e.open + "\n\n" + e.denial() + " Nothing was sent" }

func (e *openPortsError) denial() string {
	return fmt.Sprintf("It is an error since %s is %q.", e.deniedBy, publicPortsDeny)
}

// openPorts is what there is to say of what a resource lets in; nil: nothing.
func (d *providerData) openPorts(own types.String, of ingress) *openPortsError {
	mode, setting := own, "public_admin_ports"
	if mode.IsNull() {
		mode, setting = d.publicAdminPorts, "the provider's public_admin_ports"
	}
	if mode.IsUnknown() || mode.ValueString() == publicPortsAllow {
		return nil
	}
	if mode.ValueString() != publicPortsDeny {
		setting = ""
	}
	open := rule.OpenAdminPorts(of.rules)
	if len(open) == 0 {
		return nil
	}
	return &openPortsError{
		open:     of.says + ":\n\n" + of.list(open),
		advice:   fmt.Sprintf("%s If everybody is meant to reach these ports, write public_admin_ports = %q.", of.advice, publicPortsAllow),
		deniedBy: setting,
	}
}

// judgeIngress is the last step of a plan: it says which ports for administration and databases everybody may reach. Terraform
// plans again in the apply, before anything is sent, so that values that were unknown are judged then. Rules of others that
// only a read of this plan knows make no error of it: they may be others by the time of the apply, which asks judgeOthers.
func (d *providerData) judgeIngress(
	req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, own types.String, of ingress, read ...rule.Rule,
) {
	found := d.openPorts(own, of.with(read))
	// The first plan of a replacement is followed by another one, as a create.
	if found == nil || len(resp.RequiresReplace) > 0 {
		return
	}
	// The same title for all, under which Terraform puts the warnings of many resources together.
	const title = "Ports for administration or databases are open to everybody"
	text := found.open + "\n\n" + found.advice
	switch {
	case found.deniedBy == "":
		resp.Diagnostics.AddAttributeWarning(of.at, title, text)
	case resp.Plan.Raw.Equal(req.State.Raw):
		resp.Diagnostics.AddAttributeWarning(of.at, title, fmt.Sprintf(
			"%s\n\nThis plan leaves the resource as it is. Otherwise it would be an error, since %s is %q.", text, found.deniedBy, publicPortsDeny))
	case d.openPorts(own, of) == nil:
		resp.Diagnostics.AddAttributeWarning(of.at, title, fmt.Sprintf(
			"%s\n\nSince %s is %q, the apply will stop before it sends anything, unless these rules of others go before it.", text, found.deniedBy, publicPortsDeny))
	default:
		resp.Diagnostics.AddAttributeError(of.at, title, text+"\n\n"+found.denial())
	}
}

// judgeOthers is the judgement of an apply, on the rules of others in the group as it is just before a request. Those that
// the planned blocks no longer match do not count: the next plan shows them as rules that go.
func (d *providerData) judgeOthers(own types.String, planned rulesMap, ignored rule.Matchers) func(theirs []rule.Rule) error {
	return func(theirs []rule.Rule) error {
		stay := slices.DeleteFunc(theirs, func(r rule.Rule) bool { return !ignored.Match(r) })
		if found := d.openPorts(own, planned.ingress().with(stay)); found != nil && found.deniedBy != "" {
			return found
		}
		return nil
	}
}

// list has one line for all ports that the same rules open.
func (i ingress) list(open []rule.OpenPort) string {
	var openers []string
	ports := map[string][]string{}
	for _, port := range open {
		var by string
		if i.named {
			by = ", opened by " + firstOf(port.Keys)
		}
		if ports[by] == nil {
			openers = append(openers, by)
		}
		ports[by] = append(ports[by], port.String())
	}
	lines := make([]string, len(openers))
	for n, by := range openers {
		lines[n] = "  - " + firstOf(ports[by]) + by
	}
	return strings.Join(lines, "\n")
}

// firstOf lists the first ten words.
func firstOf(words []string) string {
	const most = 10
	if more := len(words) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), more)
	}
	return strings.Join(words, ", ")
}
