package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// clientLog passes the client's log on to Terraform's, as the subsystem `client`. Masking here is defence in depth.
type clientLog struct{ key string }

const clientSubsystem = "client"

func (l clientLog) context(ctx context.Context) context.Context {
	ctx = tflog.NewSubsystem(ctx, clientSubsystem)
	return tflog.SubsystemMaskAllFieldValuesStrings(tflog.SubsystemMaskMessageStrings(ctx, clientSubsystem, l.key), clientSubsystem, l.key)
}

func (l clientLog) Info(ctx context.Context, message string, fields map[string]any) {
	tflog.SubsystemInfo(l.context(ctx), clientSubsystem, message, fields)
}

func (l clientLog) Debug(ctx context.Context, message string, fields map[string]any) {
	tflog.SubsystemDebug(l.context(ctx), clientSubsystem, message, fields)
}

func (l clientLog) Trace(ctx context.Context, message string, fields map[string]any) {
	tflog.SubsystemTrace(l.context(ctx), clientSubsystem, message, fields)
}
