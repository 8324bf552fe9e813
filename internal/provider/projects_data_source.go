package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gcore-community/terraform-provider-gcore/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*projectsData)(nil)

// projectsData is the data source gcore_cloud_projects.
type projectsData struct{ *providerData }

// projectsDataModel is the data source as Terraform holds it.
type projectsDataModel struct {
	Name  types.String     `tfsdk:"name"`
	IDs   map[string]int64 `tfsdk:"ids"`
	Items []projectItem    `tfsdk:"items"`
}

// projectItem is a project in a data source.
type projectItem struct {
	ID          int64        `tfsdk:"id"`
	ClientID    int64        `tfsdk:"client_id"`
	Name        string       `tfsdk:"name"`
	Description string       `tfsdk:"description"`
	State       string       `tfsdk:"state"`
	IsDefault   bool         `tfsdk:"is_default"`
	CreatedAt   types.String `tfsdk:"created_at"`
}

func (d *projectsData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloud_projects"
}

func (d *projectsData) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *projectsData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the Gcore Cloud projects that the API key can access, with their IDs. Requires only an API key: no project and no region.",
		Attributes: map[string]schema.Attribute{
			"name": placeName("Exact name of the project. Defaults to all projects."),
			"ids":  idsOfPlaces("projects"),
			"items": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Projects, sorted by name.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":          schema.Int64Attribute{Computed: true, MarkdownDescription: "ID of the project."},
					"client_id":   schema.Int64Attribute{Computed: true, MarkdownDescription: "ID of the account that owns the project."},
					"name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the project."},
					"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the project; `\"\"` if it has none."},
					"state":       schema.StringAttribute{Computed: true, MarkdownDescription: "State of the project, such as `ACTIVE`."},
					"is_default":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether this is the account's default project."},
					"created_at":  schema.StringAttribute{Computed: true, MarkdownDescription: "Creation time, in RFC 3339 format."},
				}},
			},
		},
	}
}

// placeName is the filter of a list of projects or regions.
func placeName(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}, MarkdownDescription: description,
	}
}

func idsOfPlaces(places string) schema.Attribute {
	return schema.MapAttribute{
		Computed: true, ElementType: types.Int64Type,
		MarkdownDescription: "IDs of these " + places + " by name. Deleted " + places + " and names that are not unique are left out.",
	}
}

func (d *projectsData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recovered(ctx, &resp.Diagnostics)
	var model projectsDataModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, attribute("name"), &model.Name)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	model.Items = []projectItem{}
	for project, err := range d.service.ListProjects(ctx) {
		switch {
		case err != nil:
			resp.Diagnostics.Append(d.failed(subject{kind: "projects"}, "list", err))
			return
		case model.Name.IsNull() || model.Name.ValueString() == project.Name:
			model.Items = append(model.Items, projectFromAPI(project))
		}
	}
	slices.SortFunc(model.Items, func(a, b projectItem) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	model.IDs = idsByName(model.Items, func(p projectItem) (string, int64) { return p.Name, p.ID })
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func projectFromAPI(p client.Project) projectItem {
	return projectItem{
		ID: p.ID, ClientID: p.ClientID, Name: p.Name, Description: p.Description, State: p.State, IsDefault: p.IsDefault, CreatedAt: timestamp(p.CreatedAt),
	}
}

// idsByName leaves out a name that several have: any choice between them would be a guess.
func idsByName[T any](places []T, of func(T) (name string, id int64)) map[string]int64 {
	ids, times := map[string]int64{}, map[string]int{}
	for _, place := range places {
		name, id := of(place)
		ids[name] = id
		times[name]++
	}
	for name, n := range times {
		if n > 1 {
			delete(ids, name)
		}
	}
	return ids
}
