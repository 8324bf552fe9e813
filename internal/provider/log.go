package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// clientLog hands the API client's log to Terraform's, as the subsystem `client`. The client hides the key by itself;
// the mask is a second lock on the same door.
type clientLog struct{ key string }

const clientSubsystem = "client"

func (l clientLog) context(ctx context.Context) context.Context {
	ctx = tflog.NewSubsystem(ctx, clientSubsystem)
	return tflog.SubsystemMaskAllFieldValuesStrings(tflog.SubsystemMaskMessageStrings(ctx, clientSubsystem, l.key), clientSubsystem, l.key)
}

func (l clientLog) Debug(ctx context.Context, message string, fields map[string]any) {
	tflog.SubsystemDebug(l.context(ctx), clientSubsystem, message, fields)
}

func (l clientLog) Trace(ctx context.Context, message string, fields map[string]any) {
	tflog.SubsystemTrace(l.context(ctx), clientSubsystem, message, fields)
}
